import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Nginx, startNginx } from '@shop/test-support/nginx'
import { afterAll, beforeAll, expect, test } from 'vitest'

const routes = fileURLToPath(new URL('../route.conf', import.meta.url))

/** Servers that answer with their number. */
const servers: Server[] = []
let nginx: Nginx

const listen = (server: Server, port = 0) =>
  new Promise<number>((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

beforeAll(async () => {
  for (const number of [0, 1, 2]) servers.push(createServer((_, response) => response.end(String(number))))
  const ports = await Promise.all(servers.map((server) => listen(server)))
  nginx = await startNginx(
    ports,
    (address, upstreams) => `
include "${routes}";
upstream shop {
  hash $route consistent;
  ${upstreams.map((server) => `server ${server} max_fails=1 fail_timeout=1s;`).join('\n  ')}
  keepalive 64;
}
server {
  listen ${address};
  location / {
    proxy_pass http://shop;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
  }
}`,
  )
})

afterAll(async () => {
  await nginx.stop()
  await Promise.all(servers.filter(({ listening }) => listening).map(close))
})

const ask = async (method: string, path: string, route?: string): Promise<number> => {
  const response = await fetch(`${nginx.url}${path}`, {
    method,
    headers: route === undefined ? {} : { 'x-shop-route': route },
  })
  return Number(await response.text())
}

const rows = Array.from({ length: 60 }, (_, n) => `row-${n}`)

const claim = (row: string) => ask('POST', `/api/coupons/${row}/issue`)

const serversOf = async (asked: readonly Promise<number>[]) => new Set(await Promise.all(asked))

test.each<[string, (row: string) => Promise<number>]>([
  ['a claim', claim],
  ['an order, by its header', (row) => ask('POST', '/api/orders', row)],
  ['a payment, by its header', (row) => ask('POST', '/api/payments', row)],
  ['a change of a coupon', (row) => ask('PATCH', `/api/admin/coupons/${row}`)],
  ['a change of stock', (row) => ask('POST', `/api/admin/products/${row}/stock`)],
])('nginx sends %s to the server of its row', async (_, send) => {
  const expected = await Promise.all(rows.map(claim))
  expect(new Set(expected).size).toBe(3)
  expect(await Promise.all(rows.map(send))).toEqual(expected)
  expect(await Promise.all(rows.map(send))).toEqual(expected)
})

test('nginx follows the header rather than the path', async () => {
  const expected = await ask('POST', '/api/orders', 'drop')
  const asked = rows.map((row) => ask('POST', `/api/coupons/${row}/issue`, 'drop'))
  expect(await serversOf(asked)).toEqual(new Set([expected]))
})

test.each<[string, () => Promise<number>]>([
  ['reads of one product', () => ask('GET', '/api/products/row-1')],
  ['reads, whatever their header', () => ask('GET', '/api/coupon', 'row-1')],
  ['charges', () => ask('POST', '/api/balance/charge')],
  ['orders without a header', () => ask('POST', '/api/orders')],
])('nginx spreads %s over all servers', async (_, send) => {
  // One of the servers is missed once in 10^25 runs.
  expect(await serversOf(Array.from({ length: 150 }, send))).toEqual(new Set([0, 1, 2]))
})

test('nginx sends the rows of a server that is away to the others, and leaves the rest where it is', async () => {
  const before = await Promise.all(rows.map(claim))
  const [gone] = servers
  if (!gone) return expect.unreachable()
  const { port } = gone.address() as AddressInfo
  await close(gone)
  await expect.poll(() => serversOf(rows.map(claim))).toEqual(new Set([1, 2]))
  const without = await Promise.all(rows.map(claim))
  for (const [n, server] of before.entries()) if (server !== 0) expect(without[n]).toBe(server)
  await listen(gone, port)
  await expect.poll(() => Promise.all(rows.map(claim))).toEqual(before)
})
