import { once } from 'node:events'
import { connect } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import express from 'express'
import { describe, expect, test } from 'vitest'
import type { Demo } from '../../src/demo/demo.js'
import { makeRoutes } from '../../src/http/route-table.js'
import { serveShop } from './support/served-shop.js'
import { tokenFor } from './support/tokens.js'
import { worldOf } from './support/world.js'

const register = '{"userId":"someone"}'

const padded = (bytes: number): string => register + ' '.repeat(bytes - register.length)

describe('the media type', () => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json;',
    'application/json; version=1',
  ])('%s is accepted', async (type) => {
    const { call } = await serveShop()
    expect((await call('POST', '/api/users', { raw: register, headers: { 'content-type': type } })).status).toBe(201)
  })

  test.each([
    'text/plain',
    'application/xml',
    'application/jsonp',
    'application/merge-patch+json',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-8; charset=latin1',
    'application/json; charset',
    'application/json, text/plain',
    ';;;',
    '',
  ])('"%s" is refused', async (type) => {
    const { call } = await serveShop()
    expect((await call('POST', '/api/users', { raw: register, headers: { 'content-type': type } })).status).toBe(415)
  })

  test('is required', async () => {
    const { port } = await serveShop()
    const answer = await fetch(`http://127.0.0.1:${port}/api/users`, { method: 'POST', body: Buffer.from(register) })
    expect(answer.status).toBe(415)
  })

  test.each(['identity', 'Identity', ' IDENTITY '])('the content encoding "%s" is accepted', async (encoding) => {
    const { call } = await serveShop()
    const headers = { 'content-encoding': encoding }
    expect((await call('POST', '/api/users', { raw: register, headers })).status).toBe(201)
  })

  const encodings = [
    'gzip',
    'GZIP',
    ' br',
    'deflate',
    'zstd',
    'x-gzip',
    'gzip, br',
    'identity, gzip',
    'constructor',
    '',
  ]

  test.each([...encodings, ['identity', 'gzip']])('the content encoding "%s" is refused', async (encoding) => {
    const { call } = await serveShop()
    const headers = { 'Content-Encoding': encoding }
    for (const raw of [register, gzipSync(register), '']) {
      const { status, headers: answered } = await call('POST', '/api/users', { raw, headers })
      expect([status, answered['accept-encoding']]).toEqual([415, 'identity'])
    }
  })
})

const writes = makeRoutes({ demo: true }).filter(({ method }) => method !== 'GET')

describe('a compressed body', () => {
  const bomb = brotliCompressSync(Buffer.alloc(20_000_000, ' '))

  test.each(writes.map(({ method, path }) => [method, path]))(
    'is refused on %s %s without a token',
    async (method, path) => {
      const { call } = await serveShop({ deps: { demo: { signIn: 'token' } as Demo } })
      const at = path.replaceAll(/\{.*?\}/g, 'some')
      const headers = { 'content-encoding': 'br' }
      const { status, body } = await call(method, at, { as: null, raw: bomb, headers })
      expect([status, body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
    },
  )

  test('is refused before it is sent', async () => {
    const { port } = await serveShop()
    const socket = connect(port, '127.0.0.1')
    const head = 'POST /api/users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-encoding: br\r\n'
    socket.write(`${head}content-length: 5000\r\n\r\n`)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 415 /)
    socket.destroy()
  })
})

describe('the size', () => {
  test.each([
    [102_400, 201],
    [102_401, 413],
  ])('a body of %i bytes gets %i', async (bytes, status) => {
    const { call } = await serveShop()
    expect((await call('POST', '/api/users', { raw: padded(bytes) })).status).toBe(status)
  })

  test('a stream without a length is refused at the limit, and its sender can read the response', async () => {
    const { port } = await serveShop()
    const socket = connect(port, '127.0.0.1')
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    socket.write(
      'POST /api/users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    )
    for (let sent = 0; sent < 10; sent += 1) socket.write(chunk)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /)
    socket.destroy()
  })

  test('a body may arrive one byte at a time', async () => {
    const { port } = await serveShop()
    const socket = connect(port, '127.0.0.1')
    const pieces = [...padded(1_000)].map((byte) => `1\r\n${byte}\r\n`)
    socket.write(
      `POST /api/users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenFor('someone')}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${pieces.join('')}0\r\n\r\n`,
    )
    const [answer] = await once(socket, 'data')
    socket.destroy()
    expect(String(answer)).toMatch(/^HTTP\/1.1 201 /)
  })

  test('Expect: 100-continue is refused before the body is sent', async () => {
    const { port } = await serveShop()
    const ask = async (length: number) => {
      const socket = connect(port, '127.0.0.1')
      socket.write(
        `POST /api/users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nexpect: 100-continue\r\n\r\n`,
      )
      const [answer] = await once(socket, 'data')
      socket.destroy()
      return String(answer)
    }
    expect(await ask(20)).toMatch(/^HTTP\/1.1 100 /)
    expect(await ask(10_000_000)).toMatch(/^HTTP\/1.1 413 [\s\S]*connection: close/i)
  })

  test('a client that disconnects mid-body causes no error', async () => {
    const { port, log, call } = await serveShop()
    const socket = connect(port, '127.0.0.1')
    socket.write(
      'POST /api/users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"user',
    )
    socket.end()
    await once(socket.resume(), 'close')
    await call('GET', '/healthz')
    expect(log()).toContain('aborted')
    expect(log()).not.toContain('"level":50')
  })
})

describe('the JSON', () => {
  test.each([
    '',
    '   ',
    '{"userId":',
    'null',
    '"text"',
    '[]',
    '[{}]',
    '5',
    '{"userId":"a"}{}',
    `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  ])('%.30s is malformed', async (raw) => {
    const { call } = await serveShop()
    expect((await call('POST', '/api/users', { raw })).body.code).toBe('INVALID_REQUEST')
  })

  test('bytes that are not UTF-8 are malformed', async () => {
    const { call } = await serveShop()
    const raw = Buffer.from('{"userId":"a\xff"}', 'latin1')
    expect((await call('POST', '/api/users', { raw })).body.errors[0].message).toContain('UTF-8')
  })

  test('a route without a body accepts no body, or {}', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const [userId, productId] = [await world.user(), await world.product()]
    const cancel = async (raw?: string) =>
      call('POST', `/api/orders/${await world.order(userId, productId)}/cancel`, raw === undefined ? {} : { raw })
    expect((await cancel()).status).toBe(200)
    expect((await cancel('{}')).status).toBe(200)
    for (const raw of ['[]', 'null', '{"refundAmount":1}', ' ']) expect((await cancel(raw)).status).toBe(400)
  })

  test.each([
    ['JSON', express.json()],
    ['bytes', express.raw({ type: '*/*' })],
    ['text', express.text({ type: '*/*' })],
  ])('a body that the host has parsed as %s is validated as it is', async (_, parser) => {
    const { call } = await serveShop({ host: (app) => express().use(parser, app) })
    expect((await call('POST', '/api/users', { raw: register })).status).toBe(201)
    expect((await call('POST', '/api/users', { body: { userId: 'a b' } })).body.code).toBe('INVALID_REQUEST')
    expect((await call('POST', '/api/users')).body.errors).toEqual([{ path: '', message: 'a body is required' }])
    const form = { raw: register, headers: { 'content-type': 'text/plain' } }
    expect((await call('POST', '/api/users', form)).body.code).toBe('UNSUPPORTED_MEDIA_TYPE')
  })

  test('a body that the host has consumed and not kept is a bug of the host, and is logged as such', async () => {
    const consume: express.RequestHandler = (request, _response, next) => {
      request.resume().once('end', () => next())
    }
    const { call, log } = await serveShop({ host: (app) => express().use(consume, app) })
    expect((await call('POST', '/api/users', { raw: register })).status).toBe(500)
    expect(log()).toContain('mount the shop before that reader')
  })

  test('malformed HTTP is refused by the parser', async () => {
    const { port } = await serveShop()
    const say = async (text: string) => {
      const socket = connect(port, '127.0.0.1')
      socket.write(text)
      const [answer] = await once(socket, 'data')
      await once(socket, 'close')
      return String(answer).split('\r\n')[0]
    }
    expect(await say('nonsense\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request')
    expect(await say(`GET / HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`)).toContain('431')
  })
})
