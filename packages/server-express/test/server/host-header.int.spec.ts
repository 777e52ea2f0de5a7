import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { inMemoryStore } from '@shop/core/in-memory'
import { expect, onTestFinished, test } from 'vitest'
import { createServer as createShopServer } from '../../src/index.js'
import { serve } from '../extend/support.js'

/** Sends the head of a request, and resolves with the whole answer. */
const ask = async (port: number, version: string, hosts: readonly string[]): Promise<string> => {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  const lines = [`GET /api/products?size=1 HTTP/${version}`, ...hosts, 'connection: close', '', '']
  socket.write(lines.join('\r\n'))
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

test.each([
  ['two', '1.1', ['host: shop.example', 'host: other.example']],
  ['the same twice, in other letters', '1.1', ['host: shop.example', 'HOST: shop.example']],
  ['two in HTTP/1.0', '1.0', ['host: shop.example', 'host: other.example']],
  ['none', '1.1', []],
])('a request with a wrong number of hosts is refused in a problem document: %s', async (_, version, hosts) => {
  const { port } = await serve()
  const [head = '', body = ''] = (await ask(port, version, hosts)).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 /)
  expect(head).toMatch(/content-type: application\/problem\+json/i)
  const errors = [{ path: 'Host', message: 'must be sent once' }]
  expect(JSON.parse(body)).toMatchObject({ code: 'INVALID_REQUEST', status: 400, errors })
})

test.each([
  ['1.1', ['Host: shop.example']],
  ['1.0', []],
])('a request of HTTP/%s with the hosts %j is answered', async (version, hosts) => {
  const { port } = await serve()
  expect(await ask(port, version, hosts)).toMatch(/^HTTP\/1\.1 200 /)
})

/** Serves an application as an adapter of a platform does, which gives the parsed headers alone. */
const adapted = async (app: RequestListener): Promise<number> => {
  const adapter = createServer({ requireHostHeader: false }, (request, response) => {
    // They are parsed at the first look.
    const { headers } = request
    Object.assign(request, { rawHeaders: [], headers })
    app(request, response)
  })
  await new Promise<void>((resolve) => adapter.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void adapter.close())
  return (adapter.address() as AddressInfo).port
}

test.each([
  [200, ['Host: shop.example']],
  [400, []],
])('a request without raw headers is answered with %i for the hosts %j', async (status, hosts) => {
  const { app, close } = await createShopServer({ store: inMemoryStore(), auth: 'off', scheduler: false })
  onTestFinished(() => close())
  expect(await ask(await adapted(app), '1.1', hosts)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
})
