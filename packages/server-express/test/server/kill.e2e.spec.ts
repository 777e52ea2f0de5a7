import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { type ApiCaller, type ApiResponse, administratorOf, secret } from '../support/tokens.js'

const buyers = 200
const price = 1_000

let bundle: Bundle
let folder: string
const started: ServerProcess[] = []

/** A server with its embedded database in the folder of this test. */
const start = async (policies: object): Promise<{ server: ServerProcess; call: ApiCaller }> => {
  const server = startProcess(bundle.main, folder, {
    SHOP_DATA_DIR: join(folder, 'data'),
    SHOP_JWT_SECRET: secret,
    SHOP_DEMO_DATA: 'off',
    SHOP_POLICIES: JSON.stringify(policies),
    LOG_LEVEL: 'info',
  })
  started.push(server)
  return { server, call: await administratorOf(await server.url) }
}

beforeAll(async () => {
  bundle = await bundleServer()
  folder = await mkdtemp(join(tmpdir(), 'shop-kill-'))
}, 60_000)

afterAll(async () => {
  for (const { child } of started) child.kill('SIGTERM')
  await Promise.all(started.map(({ ended }) => ended))
  await bundle.remove()
  await rm(folder, { recursive: true, force: true })
})

interface Attempt {
  readonly userId: string
  readonly answer: ApiResponse | undefined
}

/** All users order and pay concurrently. The server is killed after `after` responses. */
const rush = async (server: ServerProcess, call: ApiCaller, after: number): Promise<Attempt[]> => {
  let answered = 0
  const attempts = Array.from({ length: buyers }, async (_, n): Promise<Attempt> => {
    const userId = `buyer-${n}`
    const body = { userId, products: [{ productId: `thing-${n % 5}`, quantity: 1 }] }
    try {
      const answer = await call('POST', '/api/orders', body)
      answered += 1
      if (answered === after) server.child.kill('SIGKILL')
      return { userId, answer }
    } catch {
      return { userId, answer: undefined }
    }
  })
  const all = await Promise.all(attempts)
  await server.ended
  return all
}

test('a server killed during 200 orders loses no acknowledged one, and every law holds', async () => {
  const onePaying = { order: { checkout: 'order-and-pay' } }
  let { server, call } = await start(onePaying)
  for (let n = 0; n < 5; n += 1) {
    await call('POST', '/api/admin/products', { productId: `thing-${n}`, name: 'Thing', price, stock: 10_000 })
  }
  await Promise.all(
    Array.from({ length: buyers }, (_, n) =>
      call('POST', '/api/balance/charge', { userId: `buyer-${n}`, amount: 500_000 }),
    ),
  )

  const acknowledged: { readonly userId: string; readonly orderId: string }[] = []
  let unanswered = 0
  // Early, in the middle, and late.
  for (const after of [1, 80, 160]) {
    for (const { userId, answer } of await rush(server, call, after)) {
      if (answer?.status === 201) acknowledged.push({ userId, orderId: answer.body.orderId })
      else {
        expect(answer).toBeUndefined()
        unanswered += 1
      }
    }
    ;({ server, call } = await start(onePaying))
    const audit = await call('GET', '/api/admin/audit')
    expect(audit.body).toMatchObject({ ok: true, violations: [] })
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(1 + 80 + 160)
  expect(unanswered).toBeGreaterThan(0)
  const found: Awaited<ReturnType<typeof call>>[] = []
  // A few at a time: this is about what is there, not about how many readers the server takes.
  for (const { orderId } of acknowledged) found.push(await call('GET', `/api/orders/${orderId}`))
  expect(found.filter(({ status, body }) => status !== 200 || body.status !== 'paid')).toEqual([])
  server.child.kill('SIGTERM')
  expect(await server.ended).toEqual({ code: 0, signal: null })
}, 120_000)

test('if the embedded database is killed, the server responds UNAVAILABLE, restarts it, and loses nothing', async () => {
  const { server, call } = await start({})
  await call('POST', '/api/balance/charge', { userId: 'survivor', amount: 70 })
  const [pid] = (await readFile(join(folder, 'data', 'cluster', 'postmaster.pid'), 'utf8')).split('\n')
  process.kill(Number(pid), 'SIGKILL')
  await server.saying(/ended unexpectedly: restarting/)
  const whileDown = await call('POST', '/api/balance/charge', { userId: 'survivor', amount: 30 })
  expect([200, 503]).toContain(whileDown.status)
  if (whileDown.status === 503) expect(whileDown.headers.get('retry-after')).toMatch(/^\d+$/)
  await server.saying(/the embedded Postgres was restarted/)
  await expect.poll(async () => (await fetch(`${await server.url}/readyz`)).status).toBe(200)
  const { body } = await call('GET', '/api/balance/survivor')
  expect(body.balance).toBe(whileDown.status === 200 ? 100 : 70)
  expect((await call('GET', '/api/admin/audit')).body).toMatchObject({ ok: true, violations: [] })
}, 60_000)
