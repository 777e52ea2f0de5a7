import { Agent, createServer as createHttpServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PolicyError, presets } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import type { Request } from 'express'
import express from 'express'
import { SignJWT } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createServer, type ShopServer, type StoreOptions } from '../../src/index.js'
import { openPlatform, platformSecret } from '../support/platform.js'

const secret = '0123456789abcdef0123456789abcdef'

const open: ShopServer[] = []
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const serve = async (options: Partial<StoreOptions<never>> = {}) => {
  const server = await createServer({ store: inMemoryStore(), auth: 'off', ...options })
  open.push(server)
  return server
}

const listening = async (options: Partial<StoreOptions<never>> = {}) => {
  const server = await serve(options)
  const { port } = await server.listen(0)
  const url = `http://127.0.0.1:${port}`
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: tests inspect responses of every shape
    const answer: any = await response.json().catch(() => undefined)
    return { status: response.status, headers: response.headers, body: answer }
  }
  return { server, url, call }
}

describe("a server on the caller's store", () => {
  test('serves HTTP and exposes the shop', async () => {
    const { server, call } = await listening()
    await server.shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 5 })
    expect((await call('GET', '/api/products/tea')).body).toMatchObject({ productId: 'tea', stock: 5 })
    expect((await call('GET', '/readyz')).body).toMatchObject({ checks: { database: { status: 'up' } } })
  })

  test('can be mounted in an application that has its own server', async () => {
    const { app, shop } = await serve()
    await shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 5 })
    const host = createHttpServer(express().use('/shop', app))
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
    const { port } = host.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}/shop/api/products/tea`)
    expect(await answer.json()).toMatchObject({ productId: 'tea' })
    host.close()
    host.closeAllConnections()
  })

  test('applies policies on top of a preset', async () => {
    const { call } = await listening({ preset: 'take-at-payment', policies: { charge: { minimum: 7 } } })
    await call('POST', '/api/users', { userId: 'mina' })
    const refused = await call('POST', '/api/balance/charge', { userId: 'mina', amount: 6 })
    expect(refused.body).toMatchObject({ code: 'CHARGE_AMOUNT_INVALID', minimum: 7, maximum: 500_000 })
  })

  test('uses the configured problem statuses', async () => {
    const { call, server } = await listening({ problemStatus: { BALANCE_INSUFFICIENT: 402 } })
    await server.shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 5 })
    const order = await call('POST', '/api/orders', { userId: 'mina', products: [{ productId: 'tea', quantity: 1 }] })
    const paid = await call('POST', '/api/payments', { userId: 'mina', orderId: order.body.orderId })
    expect(paid).toMatchObject({ status: 402, body: { code: 'BALANCE_INSUFFICIENT', status: 402 } })
  })

  test('creates demo data if configured', async () => {
    const { call } = await listening({ demoData: true })
    expect((await call('GET', '/api/products')).body).toMatchObject({ total: 21 })
  })

  test('limits the rate if configured', async () => {
    const authenticate = async () => ({ userId: 'mina', isAdministrator: false })
    const statusesOf = async (options: Partial<StoreOptions<never>>) => {
      const { call } = await listening({ auth: { authenticate }, ...options })
      const statuses: number[] = []
      for (let n = 0; n < 3; n += 1)
        statuses.push((await call('POST', '/api/balance/charge', { userId: 'mina', amount: 1 })).status)
      return statuses
    }
    expect(await statusesOf({ rateLimit: 2 })).toEqual([200, 200, 429])
    expect(await statusesOf({})).toEqual([200, 200, 200])
  })

  test('lets only those charge that are configured', async () => {
    const statusOf = async (scopes: readonly string[], options: Partial<StoreOptions<never>>) => {
      const { call } = await listening({
        auth: undefined,
        authenticate: () => ({ userId: 'mina', scopes }),
        ...options,
      })
      return (await call('POST', '/api/balance/charge', { userId: 'mina', amount: 1 })).status
    }
    expect(await statusOf([], {})).toBe(200)
    expect(await statusOf([], { chargeAccess: 'administrator' })).toBe(403)
    expect(await statusOf(['shop:charge'], { chargeAccess: 'administrator' })).toBe(200)
  })

  test('counts its work in metrics', async () => {
    const { call, url, server } = await listening()
    await server.shop.balance.charge({ userId: 'mina', amount: 5 })
    await call('GET', '/api/balance/mina')
    const text = await (await fetch(`${url}/metrics`)).text()
    expect(text).toContain('shop_http_outcomes_total{method="GET",route="/api/balance/{userId}",code="ok"} 1')
    expect(text).toMatch(/shop_group_size_count [1-9]/)
  })
})

describe('authentication', () => {
  const tokenOf = (key: string) =>
    new SignJWT({ scope: 'shop:admin' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('root')
      .setExpirationTime('1m')
      .sign(new TextEncoder().encode(key))

  test('accepts tokens signed with a secret', async () => {
    const { call } = await listening({ auth: { secret } })
    const authorised = async (key: string) => ({ authorization: `Bearer ${await tokenOf(key)}` })
    expect((await call('GET', '/api/admin/audit', undefined, await authorised(secret))).status).toBe(200)
    expect((await call('GET', '/api/admin/audit', undefined, await authorised(`${secret}x`))).status).toBe(401)
  })

  test("uses the caller's authenticator", async () => {
    const authenticate = async (request: Request) =>
      request.headers.authorization === 'Key 1' ? { userId: 'mina', isAdministrator: false } : undefined
    const { call } = await listening({ auth: { authenticate } })
    expect((await call('GET', '/api/orders?userId=mina', undefined, { authorization: 'Key 1' })).status).toBe(200)
    expect((await call('GET', '/api/orders?userId=mina', undefined, { authorization: 'Key 2' })).status).toBe(401)
  })

  test('refuses a short secret', async () => {
    await expect(serve({ auth: { secret: 'short' } })).rejects.toThrow(/secret must have at least 32 bytes/)
  })
})

describe('invalid options are refused before anything starts', () => {
  test.each([{ policies: { charge: { minimum: 0 } } }, { policies: { ranking: { schedule: '0 0 30 2 *' } } }])(
    '%o',
    async (options) => {
      await expect(serve(options)).rejects.toThrow(PolicyError)
    },
  )

  test('a platform URL that is not http', async () => {
    await expect(serve({ dataPlatform: { url: 'ftp://x', secret: platformSecret } })).rejects.toThrow(TypeError)
  })
})

describe('an invalid option causes an error that names it', () => {
  const store = inMemoryStore()
  test.each<[unknown, string]>([
    [undefined, 'options must be an object'],
    [{}, 'auth is required'],
    [{ store }, "auth is required: 'off' behind a gateway, { secret }, { jwksUrl }, or an authenticator"],
    [{ store, auth: null }, "auth must be 'off'"],
    [{ store, auth: 'on' }, "auth must be 'off'"],
    [{ store, auth: {} }, "auth must be 'off'"],
    [{ store, auth: { secret: 7 } }, 'auth has a secret that must be a non-empty string'],
    [{ store, auth: { secret: 'short' } }, 'auth is unsafe: secret must have at least 32 bytes'],
    [{ store, auth: { jwksUrl: 'keys' } }, 'auth is unsafe: jwksUrl must be an https:// URL'],
    [{ store, auth: { jwksUrl: 'https://keys:6000' } }, 'auth is unsafe: jwksUrl has port 6000'],
    [{ auth: 'off' }, 'one of databaseUrl, knex, store is required'],
    [{ auth: 'off', store, databaseUrl: 'postgres://db' }, 'databaseUrl and store are mutually exclusive'],
    [{ auth: 'off', store: {} }, 'store must be a store'],
    [{ auth: 'off', store, companions: {} }, 'companions needs databaseUrl or knex: with store, make the store with'],
    [{ auth: 'off', store, redis: { urls: ['redis://h'] } }, 'redis needs databaseUrl or knex'],
    [{ auth: 'off', knex: {} }, 'knex must be a knex'],
    [{ auth: 'off', databaseUrl: 7 }, 'databaseUrl must be a non-empty string'],
    [{ auth: 'off', databaseUrl: 'postgres://db', databasePool: 0 }, 'databasePool must be a whole number from 1'],
    [{ auth: 'off', store, polices: {} }, 'polices is not an option'],
    [{ auth: 'off', store, constructor: {} }, 'constructor is not an option'],
    [{ auth: 'off', store, policies: 'strict' }, 'policies must be an object'],
    [{ auth: 'off', store, trustProxy: true }, 'trustProxy must be a whole number from 0'],
    [{ auth: 'off', store, rateLimit: -1 }, 'rateLimit must be a whole number from 0'],
    [{ auth: 'off', store, chargeAccess: 'nobody' }, 'chargeAccess must be user or administrator'],
    [{ auth: 'off', store, currency: 'dollars' }, 'currency must be a code of ISO 4217'],
    [{ auth: 'off', store, scheduler: 'off' }, 'scheduler must be true or false'],
    [{ auth: 'off', store, logger: console.log }, 'logger must be a pino logger'],
    [{ auth: 'off', store, dataPlatform: 'http://h' }, 'dataPlatform must be { url, secret }'],
    [{ auth: 'off', store, dataPlatform: { url: 'http://h:25' } }, 'dataPlatform has a url that has port 25'],
    [{ auth: 'off', store, dataPlatform: { url: 'http://h' } }, 'dataPlatform has no secret'],
    [{ auth: 'off', store, redis: { urls: [] } }, 'redis must be { urls } with at least one URL'],
  ])('%o: %s', async (options, message) => {
    const failed = createServer(options as never)
    await expect(failed).rejects.toThrow(TypeError)
    await expect(failed).rejects.toThrow(`createServer: ${message}`)
  })

  test('an invalid URL causes an error that names its option', async () => {
    await expect(createServer({ databaseUrl: 'nonsense', auth: 'off' })).rejects.toThrow(
      'databaseUrl must be a URL like postgres://user:password@host:5432/database',
    )
  })

  test('an undefined option counts as omitted', async () => {
    await expect(serve({ policies: undefined, logger: undefined, rateLimit: undefined })).resolves.toBeDefined()
  })
})

test('a delivery timeout beyond the lease is refused', async () => {
  const dataPlatform = { url: 'http://127.0.0.1:2', secret: platformSecret, timeoutMs: 30_000 }
  await expect(serve({ dataPlatform })).rejects.toThrow(RangeError)
})

test('events reach the data platform right after the commit, not at the next tick', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  const platform = await openPlatform()
  const { shop } = await serve({ dataPlatform: { url: platform.url, secret: platformSecret } })
  await shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 5 })
  await shop.balance.charge({ userId: 'mina', amount: 100 })
  const { orderId } = await shop.orders.place({ userId: 'mina', products: [{ productId: 'tea', quantity: 1 }] })
  await shop.payments.pay({ userId: 'mina', orderId })
  await platform.until((all) => all.some(({ event }) => event.type === 'order.paid' && event.subject === orderId))
  await platform.close()
})

test('without a scheduler no job runs', async () => {
  const platform = await openPlatform()
  const { shop } = await serve({ scheduler: false, dataPlatform: { url: platform.url, secret: platformSecret } })
  await shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 5 })
  const { orderId } = await shop.orders.place({ userId: 'mina', products: [{ productId: 'tea', quantity: 1 }] })
  await shop.orders.cancel({ orderId })
  expect(await shop.outbox.counts()).toMatchObject({ pending: 1 })
  expect(platform.deliveries).toEqual([])
  await platform.close()
})

describe('closing', () => {
  test("refuses new commands, may be called twice, and leaves the caller's store open", async () => {
    const store = inMemoryStore()
    const server = await serve({ store })
    await server.listen(0)
    await Promise.all([server.close(), server.close()])
    await expect(server.shop.balance.charge({ userId: 'mina', amount: 1 })).rejects.toThrow(/stopping/)
    await expect(store.ping()).resolves.toBeUndefined()
    await expect(server.listen(0)).rejects.toThrow(/once/)
  })

  test('with a drain serves every request, sheds connections after half of it, then closes', async () => {
    const { server, url, call } = await listening()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = (path: string) =>
      new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
        const sent = get(url + path, { agent }, (answer) => {
          const { statusCode: status, headers } = answer
          answer.resume().once('end', () => resolve({ status, connection: headers.connection }))
        })
        sent.once('error', reject)
      })
    const charge = async () => (await call('POST', '/api/balance/charge', { userId: 'mina', amount: 100 })).status
    expect(await ask('/readyz')).toEqual({ status: 200, connection: 'keep-alive' })

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const closing = server.close({ drainMs: 60_000 })
    // On the existing connection, and on a new one.
    expect(await ask('/readyz')).toEqual({ status: 503, connection: 'keep-alive' })
    expect((await call('GET', '/readyz', undefined, { connection: 'close' })).status).toBe(503)
    expect(await charge()).toBe(200)
    await vi.advanceTimersByTimeAsync(29_999)
    expect(await ask('/healthz')).toEqual({ status: 200, connection: 'keep-alive' })
    await vi.advanceTimersByTimeAsync(1)
    expect(await ask('/healthz')).toEqual({ status: 200, connection: 'close' })
    await vi.advanceTimersByTimeAsync(29_999)
    expect(await ask('/readyz')).toEqual({ status: 503, connection: 'close' })
    expect(await charge()).toBe(200)
    await vi.advanceTimersByTimeAsync(1)
    await closing
    await expect(ask('/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    agent.destroy()
  })

  test('flushes the counted views', async () => {
    const store = inMemoryStore()
    const server = await serve({ store, policies: presets['take-at-payment'] })
    const { shop } = server
    await shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 5 })
    await shop.products.get({ productId: 'tea' })
    await server.close()
    const again = await serve({ store, policies: presets['take-at-payment'] })
    await again.shop.users.register({ userId: 'mina' })
    await again.shop.balance.charge({ userId: 'mina', amount: 1_000 })
    const { orderId } = await again.shop.orders.place({ userId: 'mina', products: [{ productId: 'tea', quantity: 1 }] })
    await again.shop.payments.pay({ userId: 'mina', orderId })
    await again.shop.upkeep.refreshRanking()
    expect((await again.shop.products.top()).products).toMatchObject([{ productId: 'tea', views: 1 }])
  })
})
