import type { OutgoingHttpHeaders } from 'node:http'
import { describe, expect, test } from 'vitest'
import { gatewayAuthenticator } from '../../src/auth/authentication.js'
import { serveShop } from './support/served-shop.js'
import { worldOf } from './support/world.js'

const open = { auth: 'off', authenticator: gatewayAuthenticator() } as const
const foreignPage = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }

/** A shop without authentication, and a write that needs no body. */
const serveOpen = async () => {
  const { call, port } = await serveShop({ deps: open })
  const world = worldOf(call)
  const cancel = async (headers: OutgoingHttpHeaders) => {
    const path = `/api/orders/${await world.order('mina', await world.product())}/cancel`
    const { status } = await call('POST', path, { as: null, headers })
    const order = await call('GET', path.replace('/cancel', ''), { as: null })
    return [status, order.body.status]
  }
  return { call, port, cancel }
}

describe('a page of another site cannot make a browser write', () => {
  test.each([
    foreignPage,
    { 'sec-fetch-site': 'same-site' },
    { ...foreignPage, 'content-type': 'text/plain' },
    { ...foreignPage, 'content-type': 'application/x-www-form-urlencoded' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:1' },
    { 'sec-fetch-site': 'cross-site', authorization: 'Basic bWluYTpzZWNyZXQ=' },
  ])('with %o', async (headers) => {
    const { cancel } = await serveOpen()
    expect(await cancel(headers)).toEqual([415, 'pending'])
  })

  test('and is told what it needs', async () => {
    const { call } = await serveOpen()
    const { body } = await call('POST', '/api/orders/x/cancel', { as: null, headers: foreignPage })
    expect(body).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE', detail: expect.stringContaining('application/json') })
  })
})

describe('a write without a body is good', () => {
  test('from a program that is no browser', async () => {
    const { cancel } = await serveOpen()
    expect(await cancel({})).toEqual([200, 'cancelled'])
  })

  test.each([{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }])('with %o', async (headers) => {
    const { cancel } = await serveOpen()
    expect(await cancel(headers)).toEqual([200, 'cancelled'])
  })

  test('from a page of this server that is reached without TLS, where browsers say only its origin', async () => {
    const { cancel, port } = await serveOpen()
    expect(await cancel({ origin: `http://127.0.0.1:${port}` })).toEqual([200, 'cancelled'])
  })

  test('of JSON, which a browser sends to another site only with its permission', async () => {
    const { cancel } = await serveOpen()
    expect(await cancel({ ...foreignPage, 'content-type': 'application/json' })).toEqual([200, 'cancelled'])
  })

  test('with a bearer token, which a page of another site does not have', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const path = `/api/orders/${await world.order(await world.user(), await world.product())}/cancel`
    expect((await call('POST', path, { headers: foreignPage })).status).toBe(200)
  })
})
