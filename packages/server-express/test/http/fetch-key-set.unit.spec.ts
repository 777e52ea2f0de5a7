import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { ShopUnavailable } from '@shop/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { jwtAuthenticator } from '../../src/auth/authentication.js'
import { bearing } from './support/bearing.js'
import { publicJwk, signedBy, signingKey } from './support/key-set.js'

const key = await signingKey('ES256', 'first')
const jwk = await publicJwk(key)
const keySet = JSON.stringify({ keys: [jwk] })

/** Authenticates a valid token against a key set with this response. Also returns the requests for the key set. */
const callerWith = async (answer: RequestListener) => {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys?of=shop`
  const caller = jwtAuthenticator({ jwksUrl, anyIssuer: true }).authenticate(
    bearing(`Bearer ${await signedBy(key, 'a')}`),
  )
  return { caller, asked }
}

describe('a key set', () => {
  test('is requested uncompressed', async () => {
    const { caller, asked } = await callerWith((_, response) => response.end(keySet))
    expect(await caller).toMatchObject({ userId: 'a' })
    expect(asked.map(({ method, url, headers }) => [method, url, headers['accept-encoding']])).toEqual([
      ['GET', '/keys?of=shop', 'identity'],
    ])
  })

  test('may declare the encoding identity', async () => {
    const { caller } = await callerWith((_, response) =>
      response.writeHead(200, { 'content-encoding': 'identity' }).end(keySet),
    )
    expect(await caller).toMatchObject({ userId: 'a' })
  })

  test.each([
    ['gzip', gzipSync(keySet)],
    ['br', brotliCompressSync(keySet)],
    ['gzip', Buffer.from(keySet)],
  ])('is refused if it is compressed: %s', async (encoding, body) => {
    const { caller } = await callerWith((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(body),
    )
    const error = await caller.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ShopUnavailable)
    expect(error).toMatchObject({ cause: { message: 'the key set is compressed' } })
  })

  const padded = (bytes: number) => keySet + ' '.repeat(bytes - keySet.length)

  test('may have up to 1 MB', async () => {
    const { caller } = await callerWith((_, response) => response.end(padded(1_048_576)))
    expect(await caller).toMatchObject({ userId: 'a' })
  })

  test.each<[string, RequestListener]>([
    ['a content-length', (_, response) => void response.end(padded(1_048_577))],
    [
      'an endless body',
      (_, response) => {
        const goOn = () => response.write(' '.repeat(50_000), (error) => error || goOn())
        goOn()
      },
    ],
  ])('of more than 1 MB is refused (%s)', async (_, serve) => {
    const { caller } = await callerWith(serve)
    const error = await caller.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ShopUnavailable)
    expect(error).toMatchObject({ cause: { message: 'the key set exceeds 1048576 bytes' } })
  })

  test('is not read through a redirect', async () => {
    const { caller: there, asked } = await callerWith((_, response) => response.end(keySet))
    await there
    const { caller } = await callerWith((_, response) =>
      response.writeHead(302, { location: `http://${asked[0]?.headers.host}/keys` }).end(),
    )
    await expect(caller).rejects.toBeInstanceOf(ShopUnavailable)
    expect(asked).toHaveLength(1)
  })

  test('that is truncated makes the shop unavailable', async () => {
    const { caller } = await callerWith((_, response) => {
      response.writeHead(200, { 'content-length': '5000' }).write(keySet, () => response.destroy())
    })
    await expect(caller).rejects.toBeInstanceOf(ShopUnavailable)
  })
})
