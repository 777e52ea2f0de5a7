import { once } from 'node:events'
import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import express, { type Express } from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createExpressServer } from '../../src/http/express-server.js'

const answering = (app: Express): Express =>
  app.get('/mounted/who', (request, response) => {
    response.json({ ip: request.ip, base: request.baseUrl, query: request.query })
  })

/** Counts the prototype replacements while one request is handled, and returns its response. */
const ask = async (server: ReturnType<typeof createExpressServer>) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let replaced = 0
  const set = Object.setPrototypeOf
  vi.spyOn(Object, 'setPrototypeOf').mockImplementation((object, prototype) => {
    const isOfHttp = object instanceof IncomingMessage || object instanceof ServerResponse
    if (isOfHttp && Object.getPrototypeOf(object) !== prototype) replaced += 1
    return set(object, prototype)
  })
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/mounted/who?a=b`)
    return { replaced, answer: await answer.json() }
  } finally {
    vi.restoreAllMocks()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

afterEach(() => vi.restoreAllMocks())

describe('a server for an Express application', () => {
  it('creates requests and responses whose prototypes Express does not replace', async () => {
    const { replaced, answer } = await ask(createExpressServer(answering(express())))
    expect(answer).toEqual({ ip: '127.0.0.1', base: '', query: { a: 'b' } })
    expect(replaced).toBe(0)
  })

  it('saves two prototype replacements per request', async () => {
    const app = answering(express())
    expect((await ask(createServer(app))).replaced).toBe(2)
  })

  it.each([
    ['http://shop/who?a=b', '/who?a=b'],
    ['http://[/who', '/who'],
    ['http://xn--/who', '/who'],
    ['http://a:b:c/who', '/who'],
    ['ws://xn--/who', '/who'],
    ['http://shop', '/'],
    ['http://shop?a=b', '/?a=b'],
    ['//xn--/who', '//xn--/who'],
    ['/who?at=http://shop/', '/who?at=http://shop/'],
  ])('passes a request for %s on as %s', async (target, url) => {
    const app = express().use((request, response) => {
      response.send(`asked for ${request.url}`)
    })
    const server = createExpressServer(app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(`GET ${target} HTTP/1.1\r\nhost: shop\r\n\r\n`)
    const [answer] = await once(socket, 'data')
    socket.destroy()
    await new Promise((resolve) => server.close(resolve))
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /)
    expect(String(answer).split('\r\n').at(-1)).toBe(`asked for ${url}`)
  })

  it('passes a request without a host on', async () => {
    const server = createExpressServer(express().use((_request, response) => void response.send('reached')))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\n\r\n')
    const [answer] = await once(socket, 'data')
    socket.destroy()
    await new Promise((resolve) => server.close(resolve))
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 .*reached$/s)
  })

  it('leaves the application mountable in another one', async () => {
    const app = express().set('trust proxy', 1)
    app.get('/who', (request, response) => {
      const own = request.app === app && response.app === app
      response.json({ own, base: request.baseUrl, proxy: request.app.get('trust proxy') })
    })
    createExpressServer(app)
    const { answer } = await ask(createExpressServer(express().use('/mounted', app)))
    expect(answer).toEqual({ own: true, base: '/mounted', proxy: 1 })
  })
})
