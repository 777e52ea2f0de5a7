import { Agent, get, type IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import type { ServerProcess } from '../support/server-process.js'
import { serverStarter } from '../support/server-starter.js'
import { administratorOf, secret, tokenOf } from '../support/tokens.js'

const starter = serverStarter()

const start = (environment: Record<string, string>) =>
  starter.start({ SHOP_JWT_SECRET: secret, SHOP_DEMO_DATA: 'off', SHOP_WORKERS: '2', ...environment })

interface LogLine {
  readonly worker?: number
  readonly msg: string
  readonly status?: number
  readonly requestId?: string
}

const linesOf = (server: ServerProcess): readonly LogLine[] =>
  server
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

/** Sends a request on a connection of its own, as often as it takes until each worker has answered one. */
const untilBothAnswer = async (server: ServerProcess, send: () => Promise<unknown>): Promise<number> => {
  let sent = 0
  const answeredBy = () => new Set(linesOf(server).flatMap(({ worker, msg }) => (msg === 'answered' ? [worker] : [])))
  await expect
    .poll(async () => {
      await Promise.all(Array.from({ length: 8 }, send))
      sent += 8
      return [...answeredBy()].sort()
    })
    .toEqual([1, 2])
  return sent
}

const post = (url: string, path: string, token: string, body: unknown) =>
  fetch(url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(body),
  })

test('writes and public reads are limited over all workers, and headers tell the count of all', async () => {
  const perMinute = 12
  const server = start({ SHOP_RATE_LIMIT: String(perMinute), SHOP_TRUST_PROXY: '1' })
  const url = await server.url
  const token = await tokenOf('mina')
  const charge = { userId: 'mina', amount: 10_000 }
  const statuses: number[] = []
  const remaining: number[] = []
  const sent = await untilBothAnswer(server, async () => {
    // Refused requests count, too: every fourth one names another user.
    const body = statuses.length % 4 === 3 ? { ...charge, userId: 'jun' } : charge
    const response = await post(url, '/api/balance/charge', token, body)
    statuses.push(response.status)
    if (response.status !== 429)
      remaining.push(Number(/;\s*r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1]))
    if (response.status === 429) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  })
  for (let more = sent; more < perMinute + 8; more += 1) {
    const { status } = await post(url, '/api/balance/charge', token, charge)
    statuses.push(status)
  }
  expect(statuses.filter((status) => status !== 429)).toHaveLength(perMinute)
  expect(remaining.sort((a, b) => b - a)).toEqual(
    Array.from({ length: Math.min(sent, perMinute) }, (_, index) => perMinute - 1 - index),
  )
  // What was refused by its count did not run.
  const administrator = await administratorOf(url)
  const { body } = await administrator('GET', '/api/balance/mina')
  expect(body.balance).toBe(10_000 * statuses.filter((status) => status === 200).length)

  const reads = Array.from({ length: 10 * perMinute + 8 }, async () => {
    const response = await fetch(`${url}/api/products`)
    await response.text()
    return response.status
  })
  expect((await Promise.all(reads)).filter((status) => status === 200)).toHaveLength(10 * perMinute)
  const elsewhere = { 'x-forwarded-for': '203.0.113.9' }
  expect((await fetch(`${url}/api/products`, { headers: elsewhere })).status).toBe(200)
})

test('wrong coupon codes are counted over all workers, and live streams share their places', async () => {
  const places = 4
  const server = start({ SHOP_LIVE_CONNECTIONS: String(places) })
  const url = await server.url
  const token = await tokenOf('jun')
  await post(url, '/api/users', token, { userId: 'jun' })
  const tries: number[] = []
  const sent = await untilBothAnswer(server, async () => {
    const { status } = await post(url, '/api/coupon/issue', token, { userId: 'jun', code: 'wrong-code' })
    tries.push(status)
  })
  for (let more = sent; more < 24; more += 1) {
    const { status } = await post(url, '/api/coupon/issue', token, { userId: 'jun', code: 'wrong-code' })
    tries.push(status)
  }
  expect(tries.filter((status) => status === 400)).toHaveLength(20)
  expect(tries.filter((status) => status === 429)).toHaveLength(tries.length - 20)

  const administrator = await administratorOf(url)
  await administrator('POST', '/api/admin/products', { productId: 'live', name: 'Tea', price: 10, stock: 5 })
  const agent = new Agent({ keepAlive: false })
  const open: { readonly response: IncomingMessage; text: string }[] = []
  const watch = (): Promise<number> =>
    new Promise((resolve, reject) => {
      get(`${url}/api/products/live/live`, { agent }, (response) => {
        const stream = { response, text: '' }
        response.setEncoding('utf8').on('data', (chunk: string) => {
          stream.text += chunk
        })
        response.on('error', () => undefined)
        if (response.statusCode === 200) open.push(stream)
        else response.resume()
        resolve(response.statusCode ?? 0)
      }).on('error', reject)
    })
  const statuses = await Promise.all(Array.from({ length: 12 }, watch))
  expect(statuses.filter((status) => status === 200)).toHaveLength(places)
  expect(statuses.filter((status) => status === 503)).toHaveLength(12 - places)
  expect(await (await fetch(`${url}/metrics`)).text()).toMatch(new RegExp(`^shop_live_streams ${places}$`, 'm'))

  await administrator('POST', '/api/admin/products/live/stock', { change: -2 })
  for (const stream of open) await expect.poll(() => stream.text).toContain('"stock":3')

  open.pop()?.response.destroy()
  await expect.poll(watch).toBe(200)
  starter.stop(server)
  for (const stream of open) await expect.poll(() => stream.text).toContain('retry: 1000')
  expect(await server.ended).toEqual({ code: 0, signal: null })
})
