import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createExpressServer } from '../../src/http/express-server.js'

const answering = (app: Express): Express =>
  app.get('/mounted/who', (request, response) => {
    response.json({ ip: request.ip, base: request.baseUrl, query: request.query })
  })

/** How many requests and responses were given another prototype while one was answered, and what it was answered. */
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
  it('makes requests and responses as Express wants them, so that it replaces no prototype', async () => {
    const { replaced, answer } = await ask(createExpressServer(answering(express())))
    expect(answer).toEqual({ ip: '127.0.0.1', base: '', query: { a: 'b' } })
    expect(replaced).toBe(0)
  })

  it('would replace two of each request otherwise', async () => {
    const app = answering(express())
    expect((await ask(createServer(app))).replaced).toBe(2)
  })

  it('leaves the application fit to be mounted in another one', async () => {
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
