import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Store } from '@shop/core'
import express, { type Express, type RequestHandler } from 'express'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { jwtAuthenticator } from '../../src/auth/authentication.js'
import { type Gate, gate } from '../support/gate.js'
import { type ServeOptions, serveShop } from './support/served-shop.js'
import { secret, tokenFor } from './support/tokens.js'

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`

const body = '{"userId":"someone"}'
const post = [
  'POST /api/users HTTP/1.1',
  'host: x',
  `authorization: Bearer ${tokenFor('someone')}`,
  'content-type: application/json',
  `content-length: ${body.length}`,
  '',
  body,
].join('\r\n')

/** A shop whose reads of a product wait for a gate. */
const slowShop = async (options: ServeOptions = {}) => {
  const gates: Gate[] = []
  const asked: string[] = []
  const store = (inner: Store): Store => ({
    ...inner,
    reads: {
      ...inner.reads,
      async product(productId) {
        asked.push(productId)
        const held = gate()
        gates.push(held)
        await held.opened
        return inner.reads.product(productId)
      },
    },
  })
  const served = await serveShop({ store, ...options })
  return { ...served, asked, letOn: () => gates.shift()?.open() }
}

const open = (port: number): { readonly socket: Socket; readonly text: () => string } => {
  let text = ''
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  onTestFinished(() => {
    socket.destroy()
  })
  return { socket, text: () => text }
}

const answersIn = (text: string): readonly string[] => text.match(/HTTP\/1\.1 \d+/g) ?? []
const instancesIn = (text: string): readonly string[] =>
  [...text.matchAll(/"instance":"\/api\/products\/(\w+)"/g)].map(([, id]) => id as string)

describe('requests that a client sends ahead on one connection', () => {
  test('are begun one after another, and answered in their order', async () => {
    const { port, asked, letOn } = await slowShop()
    const { socket, text } = open(port)
    socket.write(['a', 'b', 'c'].map((id) => get(`/api/products/${id}`)).join(''))
    for (const begun of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
      await expect.poll(() => asked).toEqual(begun)
      expect(answersIn(text())).toHaveLength(begun.length - 1)
      letOn()
    }
    await expect.poll(() => instancesIn(text())).toEqual(['a', 'b', 'c'])
  })

  test('wait whether or not they have a body', async () => {
    const { port, asked, letOn } = await slowShop()
    const { socket, text } = open(port)
    socket.write(get('/api/products/a') + post + get('/api/products/b'))
    await expect.poll(() => asked).toEqual(['a'])
    letOn()
    await expect.poll(() => asked).toEqual(['a', 'b'])
    letOn()
    await expect.poll(() => answersIn(text())).toEqual(['HTTP/1.1 404', 'HTTP/1.1 201', 'HTTP/1.1 404'])
  })

  test('are not begun once the client has left', async () => {
    const { port, asked, letOn, log } = await slowShop()
    const { socket } = open(port)
    socket.write(['a', 'b', 'c'].map((id) => get(`/api/products/${id}`)).join(''))
    await expect.poll(() => asked).toEqual(['a'])
    socket.destroy()
    await expect.poll(() => log().match(/"aborted"/g)).toHaveLength(2)
    letOn()
    expect(asked).toEqual(['a'])
  })

  test.each([
    ['whatever they are', ''],
    ['whatever they expect', 'expect: something\r\n'],
  ])('cut it off where they are too many, %s', async (_what, header) => {
    const { port, asked } = await slowShop()
    const { socket } = open(port)
    const closed = once(socket, 'close')
    socket.write(`GET /api/products/a HTTP/1.1\r\nhost: x\r\n${header}\r\n`.repeat(1_000))
    await closed
    expect(asked.length).toBeLessThanOrEqual(1)
  })

  test.each([
    ['that cannot be read', 'x\r\n\r\n', /HTTP\/1\.1 404 .*HTTP\/1\.1 400 /s],
    [
      'whose body cannot be read',
      'POST /api/users HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nx\r\n',
      /HTTP\/1\.1 404 .*HTTP\/1\.1 400 /s,
    ],
  ])('leave the one before them its answer, where one comes %s', async (_what, unreadable, answers) => {
    const { port, asked, letOn } = await slowShop()
    const { socket, text } = open(port)
    const closed = once(socket, 'close')
    socket.write(get('/api/products/a'))
    await expect.poll(() => asked).toEqual(['a'])
    socket.write(get('/api/products/b') + unreadable)
    // Another connection is served only after what came before on this one.
    await fetch(`http://127.0.0.1:${port}/healthz`)
    expect(text()).toBe('')
    letOn()
    await closed
    expect(text()).toMatch(answers)
    expect(answersIn(text())).toHaveLength(2)
    expect(asked).toEqual(['a'])
  })

  test('are as many as 17', async () => {
    const { port } = await serveShop()
    const { socket, text } = open(port)
    socket.write(get('/healthz').repeat(17))
    await expect.poll(() => answersIn(text())).toHaveLength(17)
    socket.write(get('/healthz'))
    await expect.poll(() => answersIn(text())).toHaveLength(18)
  })

  test('are not begun after the last answer of a connection', async () => {
    const lastAnswer: RequestHandler = (_request, response, next) => {
      response.setHeader('connection', 'close')
      next()
    }
    const { port, asked, letOn } = await slowShop({ host: (app) => express().use(lastAnswer, app) })
    const { socket, text } = open(port)
    socket.write(get('/api/products/a') + get('/api/products/b'))
    await expect.poll(() => asked).toEqual(['a'])
    const closed = once(socket, 'close')
    letOn()
    await closed
    expect(answersIn(text())).toEqual(['HTTP/1.1 404'])
    expect(asked).toEqual(['a'])
  })
})

/** The connections of a server, as it sees them. */
const watched = () => {
  const responses: ServerResponse[] = []
  const host = (app: Express) =>
    express().use((_request, response, next) => {
      responses.push(response)
      next()
    }, app)
  return { host, responses, isClosed: (n: number) => responses[n]?.req.socket.destroyed }
}

test('a request is not begun where its client leaves while it is looked at', async () => {
  const [inner, held] = [jwtAuthenticator({ secret }), gate()]
  const { host, responses, isClosed } = watched()
  const execute = vi.fn()
  const { port, log } = await serveShop({
    deps: {
      authenticator: { authenticate: (authorization) => held.opened.then(() => inner.authenticate(authorization)) },
    },
    shop: (shop) => ({ ...shop, execute }),
    host,
  })
  const { socket } = open(port)
  socket.write(post)
  await expect.poll(() => responses).toHaveLength(1)
  socket.destroy()
  await expect.poll(() => isClosed(0)).toBe(true)
  held.open()
  await expect.poll(log).toContain('aborted')
  expect(execute).not.toHaveBeenCalled()
})

test('requests that would be too many at once are refused, but for those about the server itself', async () => {
  const { call, asked, letOn } = await slowShop({ deps: { maxUnderWay: 2 } })
  const held = ['a', 'b'].map((id) => call('GET', `/api/products/${id}`))
  await expect.poll(() => asked).toHaveLength(2)
  const { status, headers, body } = await call('GET', '/api/products/c')
  expect([status, headers['retry-after'], body.code]).toEqual([503, '1', 'UNAVAILABLE'])
  for (const path of ['/healthz', '/readyz', '/metrics']) expect((await call('GET', path)).status).toBe(200)
  letOn()
  letOn()
  expect((await Promise.all(held)).map((answer) => answer.status)).toEqual([404, 404])
  expect((await call('GET', '/api/products')).status).toBe(200)
})

test('bodies that come slowly hold up further writes, but no reads', async () => {
  const { port, call } = await serveShop({ deps: { maxUnderWay: 2 } })
  const slow = [open(port), open(port)]
  for (const { socket } of slow) socket.write(post.slice(0, -1))
  const another = () => call('POST', '/api/users', { as: 'mina', body: { userId: 'mina' } })
  await expect.poll(async () => (await another()).status).toBe(503)
  expect((await call('GET', '/api/products')).status).toBe(200)
  for (const { socket } of slow) socket.write(post.slice(-1))
  for (const { text } of slow) await expect.poll(text).toMatch(/^HTTP\/1\.1 (201|409)/)
  expect((await another()).status).not.toBe(503)
})

test('metrics are written once a second, however many scrape', async () => {
  const render = vi.fn(async () => ({ contentType: 'text/plain', text: 'shop_up 1\n' }))
  const { call } = await serveShop({ deps: { metrics: { onAnswered: () => {}, render } } })
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  for (let second = 1; second <= 2; second += 1) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('GET', '/metrics')))
    expect(answers.map(({ text }) => text)).toEqual(answers.map(() => 'shop_up 1\n'))
    expect(render).toHaveBeenCalledTimes(second)
    vi.advanceTimersByTime(1_000)
  }
})

test('a client that does not read its answer is cut off after 30 seconds', async () => {
  const text = 'x'.repeat(20_000_000)
  const { host, responses, isClosed } = watched()
  const render = async () => ({ contentType: 'text/plain', text })
  const { port } = await serveShop({ deps: { metrics: { onAnswered: () => {}, render } }, host })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  socket.pause().write(get('/metrics'))
  await expect.poll(() => responses[0]?.writableEnded).toBe(true)
  vi.advanceTimersByTime(29_000)
  expect(isClosed(0)).toBe(false)
  vi.advanceTimersByTime(1_000)
  expect(isClosed(0)).toBe(true)
  socket.destroy()
})

test('a client that reads its answer keeps its connection', async () => {
  const { host, responses, isClosed } = watched()
  const { port } = await serveShop({ host })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const { socket, text } = open(port)
  socket.write(get('/openapi.json'))
  await expect.poll(() => responses[0]?.writableFinished).toBe(true)
  await expect.poll(() => answersIn(text())).toHaveLength(1)
  vi.advanceTimersByTime(31_000)
  expect(isClosed(0)).toBe(false)
})
