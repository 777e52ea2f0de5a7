import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPlatform, type Platform, platformSecret } from '../support/platform.js'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { type ApiCaller, type ApiResponse, administratorOf, secret } from '../support/tokens.js'

let bundle: Bundle
let database: FreshDatabase
let folder: string
let platform: Platform
let servers: ServerProcess[]
let calls: ApiCaller[]

beforeAll(async () => {
  ;[bundle, database, folder, platform] = await Promise.all([
    bundleServer(),
    freshDatabase(),
    mkdtemp(join(tmpdir(), 'shop-two-')),
    openPlatform(),
  ])
  // Both start concurrently on an empty database. One of them creates the tables and the demo data.
  servers = [1, 2].map(() =>
    startProcess(bundle.main, folder, {
      DATABASE_URL: database.url,
      SHOP_JWT_SECRET: secret,
      SHOP_DEMO_DATA: 'on',
      SHOP_DATA_PLATFORM_URL: platform.url,
      SHOP_DATA_PLATFORM_SECRET: platformSecret,
    }),
  )
  calls = await Promise.all(servers.map(async ({ url }) => administratorOf(await url)))
}, 60_000)

afterAll(async () => {
  for (const { child } of servers) child.kill('SIGTERM')
  await Promise.all(servers.map(({ ended }) => ended))
  await Promise.all([bundle.remove(), platform.close(), rm(folder, { recursive: true, force: true })])
  await database.drop()
})

const onServer = (n: number): ApiCaller => calls[n % calls.length] as ApiCaller
const codesOf = (answers: readonly ApiResponse[]) =>
  answers.map(({ status, body }) => (status < 300 ? 'ok' : body.code))
const count = (codes: readonly string[], code: string) => codes.filter((each) => each === code).length

test('demo data is created once', async () => {
  for (const call of calls) {
    expect((await call('GET', '/api/products')).body).toMatchObject({ total: 21 })
    expect((await call('GET', '/api/balance/demo-mina')).body).toMatchObject({ balance: 500_000 })
    expect((await call('GET', '/api/drops')).body).toMatchObject({ products: [{ productId: 'demo-drop-1' }] })
  }
})

test('a rush on both servers issues exactly the quantity, one copy per user', async () => {
  const validUntil = new Date(Date.now() + 3_600_000).toISOString()
  await onServer(0)('POST', '/api/admin/coupons', {
    couponId: 'rush',
    name: 'Rush',
    discount: { kind: 'fixed', amount: 1 },
    quantity: 25,
    validUntil,
  })
  const users = Array.from({ length: 60 }, (_, n) => `rusher-${n}`)
  const answers = await Promise.all(
    users.flatMap((userId, n) =>
      [n, n + 1].map((server) => onServer(server)('POST', '/api/coupon/issue', { userId, couponId: 'rush' })),
    ),
  )
  const codes = codesOf(answers)
  expect(count(codes, 'ok')).toBe(25)
  expect(count(codes, 'ok') + count(codes, 'COUPON_ALREADY_ISSUED') + count(codes, 'COUPON_SOLD_OUT')).toBe(120)
  expect((await onServer(1)('GET', '/api/admin/coupons/rush')).body).toMatchObject({ issued: 25, remaining: 0 })
})

test('orders placed on one server and paid on the other sell exactly the stock, and every event arrives', async () => {
  await onServer(0)('POST', '/api/admin/products', { productId: 'scarce', name: 'Scarce', price: 10, stock: 20 })
  const users = Array.from({ length: 40 }, (_, n) => `buyer-${n}`)
  await Promise.all(users.map((userId, n) => onServer(n)('POST', '/api/balance/charge', { userId, amount: 10 })))
  const placed = await Promise.all(
    users.map((userId, n) =>
      onServer(n)('POST', '/api/orders', { userId, products: [{ productId: 'scarce', quantity: 1 }] }),
    ),
  )
  expect(count(codesOf(placed), 'ok')).toBe(20)
  expect(count(codesOf(placed), 'STOCK_INSUFFICIENT')).toBe(20)

  const orders = placed.filter(({ status }) => status === 201).map(({ body }) => body)
  // Each order is paid on both servers concurrently. One of the two payments succeeds.
  const paid = await Promise.all(
    orders.flatMap(({ userId, orderId }) => calls.map((call) => call('POST', '/api/payments', { userId, orderId }))),
  )
  expect(count(codesOf(paid), 'ok')).toBe(20)
  expect(count(codesOf(paid), 'ORDER_NOT_PENDING')).toBe(20)
  const arrived = () =>
    new Set(platform.deliveries.filter(({ event }) => event.type === 'order.paid').map(({ event }) => event.subject))
  await platform.until(() => arrived().size === 20)
  expect([...arrived()].sort()).toEqual(orders.map(({ orderId }) => orderId).sort())
})

test('a hundred webhooks with one reference on both servers credit once, and get the same answer', async () => {
  const body = { userId: 'webhook', amount: 700, reference: 'pay-1', metadata: { provider: 'toss' } }
  const charges = Array.from({ length: 100 }, (_, n) => onServer(n)('POST', '/api/balance/charge', body))
  const answers = await Promise.all(charges)
  expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1)
  expect(answers[0]?.body).toMatchObject({ userId: 'webhook', balance: 700 })
  const first = answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)
  expect(first).toHaveLength(1)
  expect((await onServer(0)('GET', '/api/balance/webhook')).body).toEqual({ userId: 'webhook', balance: 700 })
})

test('different requests that race for one reference: one is done, the others are refused and told which', async () => {
  const grants = Array.from({ length: 40 }, (_, n) =>
    onServer(n)('POST', '/api/admin/balance/grant', { userId: `racer-${n % 8}`, amount: 100, reference: 'grant-1' }),
  )
  const answers = await Promise.all(grants)
  const done = answers.filter(({ status }) => status === 200)
  const [{ body: won } = { body: undefined }] = done
  expect(new Set(done.map(({ body }) => body.userId)).size).toBe(1)
  expect(done).toHaveLength(5)
  for (const { status, body } of answers.filter((each) => !done.includes(each))) {
    expect([status, body.code, body.entryId]).toEqual([422, 'REFERENCE_REUSED', won.entryId])
  }
})

test('an order with a reference is placed once on both servers, and refunded once, part by part', async () => {
  const call = onServer(0)
  await call('POST', '/api/admin/products', { productId: 'mug', name: 'Mug', price: 7, stock: 50 })
  await call('POST', '/api/balance/charge', { userId: 'careful', amount: 35 })
  const order = { userId: 'careful', products: [{ productId: 'mug', quantity: 5 }], reference: 'cart-1' }
  const placed = await Promise.all(Array.from({ length: 20 }, (_, n) => onServer(n)('POST', '/api/orders', order)))
  expect(new Set(placed.map(({ status, headers }) => `${status} ${headers.get('location')}`)).size).toBe(1)
  const orderId = placed[0]?.body.orderId
  await call('POST', '/api/payments', { userId: 'careful', orderId })
  const unit = { lines: [{ productId: 'mug', quantity: 1 }] }
  const refunds = await Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      onServer(n)('POST', `/api/orders/${orderId}/refund`, { ...unit, reference: `return-${n % 12}` }),
    ),
  )
  const codes = codesOf(refunds)
  expect(count(codes, 'ok')).toBe(10)
  expect(count(codes, 'ok') + count(codes, 'REFUND_EXCEEDS_ORDER') + count(codes, 'ORDER_NOT_PAID')).toBe(24)
  const { body } = await onServer(1)('GET', `/api/orders/${orderId}`)
  expect(body).toMatchObject({ status: 'refunded', refundedAmount: 35 })
  expect(body.refunds).toHaveLength(5)
  expect((await call('GET', '/api/balance/careful')).body.balance).toBe(35)
})

test('one of the servers runs the jobs', async () => {
  const leaders = async () => {
    const texts = await Promise.all(servers.map(async ({ url }) => (await fetch(`${await url}/metrics`)).text()))
    return texts.filter((text) => text.includes('\nshop_scheduler_leader 1')).length
  }
  await expect.poll(leaders).toBe(1)
})

test('every law holds', async () => {
  for (const call of calls)
    expect((await call('GET', '/api/admin/audit')).body).toMatchObject({ ok: true, violations: [] })
})
