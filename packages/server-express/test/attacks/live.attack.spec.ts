import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { type ApiCaller, administratorOf, secret } from '../support/tokens.js'

const places = 1_000

let bundle: Bundle
let database: FreshDatabase
let folder: string
let server: ServerProcess
let url: string
let port: number
let call: ApiCaller

beforeAll(async () => {
  ;[bundle, database, folder] = await Promise.all([
    bundleServer(),
    freshDatabase(),
    mkdtemp(join(tmpdir(), 'shop-live-')),
  ])
  server = startProcess(bundle.main, folder, {
    DATABASE_URL: database.url,
    SHOP_JWT_SECRET: secret,
    LOG_LEVEL: 'error',
  })
  url = await server.url
  port = Number(new URL(url).port)
  call = await administratorOf(url)
  await call('POST', '/api/admin/products', { productId: 'mug', name: 'Mug', price: 10, stock: 1_000 })
})
afterAll(async () => {
  server.child.kill('SIGTERM')
  await server.ended
  await Promise.all([bundle.remove(), database.drop(), rm(folder, { recursive: true, force: true })])
})

const head = (lines: readonly string[] = []): string =>
  ['GET /api/products/mug/live HTTP/1.1', 'host: x', ...lines, '', ''].join('\r\n')

/** A connection that sends this text. It is destroyed when the test ends. */
const connection = (text: string): Socket => {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => {
    socket.destroy()
  })
  socket.write(text)
  return socket
}

const statusOf = async (socket: Socket): Promise<number> =>
  Number(/^HTTP\/1\.1 (\d+)/.exec(String((await once(socket, 'data'))[0]))?.[1])

const residentMegabytes = async (): Promise<number> => {
  const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024
}

const openStreams = async (): Promise<number> =>
  Number(/^shop_live_streams (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1])

const allLeft = () => expect.poll(openStreams, { timeout: 20_000 }).toBe(0)

test('2,000 streams that read nothing take the places there are, little memory, and nothing from others', async () => {
  const before = await residentMegabytes()
  const sockets: Socket[] = []
  const statuses: number[] = []
  for (let n = 0; n < 2_000; n += 100) {
    const some = Array.from({ length: 100 }, () => connection(head()))
    statuses.push(...(await Promise.all(some.map(statusOf))))
    for (const socket of some) socket.pause()
    sockets.push(...some)
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(places)
  expect(statuses.filter((status) => status === 503)).toHaveLength(2_000 - places)
  const times: number[] = []
  for (let n = 0; n < 200; n += 1) {
    const began = performance.now()
    expect((await call('POST', '/api/admin/products/mug/stock', { change: 1 })).status).toBe(200)
    expect((await fetch(`${url}/api/products/mug`)).status).toBe(200)
    times.push(performance.now() - began)
  }
  expect(times.sort((a, b) => a - b)[100]).toBeLessThan(500)
  expect((await residentMegabytes()) - before).toBeLessThan(150)
  for (const socket of sockets) socket.destroy()
  await allLeft()
})

test('3,000 watchers that come and go leave nothing behind', async () => {
  const before = await residentMegabytes()
  for (let n = 0; n < 3_000; n += 100) {
    const some = Array.from({ length: 100 }, () => connection(head()))
    // Half of them leave before they have an answer.
    const stayed = some.filter((socket, index) => index % 2 === 0 || !socket.destroy())
    await Promise.all(stayed.map(statusOf))
    for (const socket of stayed) socket.destroy()
  }
  await allLeft()
  expect((await residentMegabytes()) - before).toBeLessThan(100)
  expect(await statusOf(connection(head()))).toBe(200)
})

test('requests that are pipelined behind a stream are never answered into it, and too many cut it', async () => {
  const few = connection(head() + head().repeat(3))
  let text = ''
  few.on('data', (chunk) => {
    text += chunk
  })
  await call('POST', '/api/admin/products/mug/stock', { change: 1 })
  await expect.poll(() => text.match(/^data: /gm)?.length, { timeout: 5_000 }).toBeGreaterThan(0)
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  const many = connection(head() + head().repeat(40)).resume()
  await once(many, 'close')
})

test.each([
  ['another header', 'last-event-id: 1\r\nx-injected: yes'],
  ['line ends of the stream', 'last-event-id: 1%0A%0Adata: {}'],
  ['a long text', `last-event-id: ${'7'.repeat(12_000)}`],
  ['bytes beyond ASCII', `last-event-id: ${String.fromCharCode(0xff, 0xfe)}`],
])('Last-Event-ID with %s changes nothing in the answer', async (_, line) => {
  const socket = connection(head([line]))
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await expect.poll(() => text, { timeout: 5_000 }).toContain('data: ')
  expect(text).toMatch(/^HTTP\/1\.1 200 /)
  expect(text).not.toMatch(/injected|%0A|77777|\xff/)
  expect(text.match(/^data: .*$/gm)).toHaveLength(1)
})

test.each(['last-event-id: 1\n\nHTTP/1.1 200', 'last-event-id: 1\0', 'last-event-id: 1\rx: y'])(
  'a header that could be read in two ways is refused: %j',
  async (line) => {
    expect(await statusOf(connection(head([line])))).toBe(400)
  },
)

test('the end of a request that never comes ends the connection', async () => {
  const headless = connection('GET /api/products/mug/live HTTP/1.1\r\nhost: x\r\nlast-event-id: ').resume()
  const bodiless = connection(head(['content-length: 10'])).resume()
  await Promise.all([headless, bodiless].map((socket) => once(socket, 'close')))
  await allLeft()
})
