import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openPlatform, type Platform, platformSecret } from '../support/platform.js'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { administratorOf, secret } from '../support/tokens.js'

let bundle: Bundle
let database: FreshDatabase
let folder: string
beforeAll(async () => {
  ;[bundle, database, folder] = await Promise.all([
    bundleServer(),
    freshDatabase(),
    mkdtemp(join(tmpdir(), 'shop-events-')),
  ])
})
afterAll(() => Promise.all([bundle.remove(), database.drop(), rm(folder, { recursive: true, force: true })]))

let platform: Platform
let server: ServerProcess
beforeEach(async () => {
  platform = await openPlatform()
})
afterEach(async () => {
  server.child.kill('SIGKILL')
  await Promise.all([server.ended, platform.close()])
})

const start = async (policies: string) => {
  server = startProcess(bundle.main, folder, {
    DATABASE_URL: database.url,
    SHOP_JWT_SECRET: secret,
    SHOP_DATA_PLATFORM_URL: platform.url,
    SHOP_DATA_PLATFORM_SECRET: platformSecret,
    SHOP_POLICIES: policies,
  })
  return administratorOf(await server.url)
}

test('SHOP_POLICIES chooses the events that a receiver gets, signed, and no others', async () => {
  const call = await start('{"events":["coupon.issued","wallet.charged","stock.sold-out"]}')
  const charge = await call('POST', '/api/balance/charge', {
    userId: 'mina',
    amount: 1_000,
    metadata: { by: '현금 ☕' },
  })
  await call('POST', '/api/admin/products', { productId: 'tea', name: 'Tea', price: 10, stock: 1 })
  const coupon = { couponId: 'welcome', name: 'Welcome', discount: { kind: 'fixed', amount: 5 }, quantity: 2 }
  await call('POST', '/api/admin/coupons', { ...coupon, validUntil: '2999-01-01T00:00:00Z' })
  const issued = await call('POST', '/api/coupon/issue', { userId: 'mina', couponId: 'welcome' })
  const { body: order } = await call('POST', '/api/orders', {
    userId: 'mina',
    products: [{ productId: 'tea', quantity: 1 }],
  })
  await call('POST', '/api/payments', { userId: 'mina', orderId: order.orderId })
  await platform.until((deliveries) => deliveries.length === 3)

  const webhook = new Webhook(platformSecret)
  const told = new Map<string, unknown>()
  for (const { text, headers, event } of platform.deliveries) {
    expect(webhook.verify(text, headers as Record<string, string>)).toEqual(event)
    told.set(event.type, [event.subject, event.data])
  }
  expect([charge.status, issued.status]).toEqual([200, 200])
  expect(told).toEqual(
    new Map<string, unknown>([
      [
        'wallet.charged',
        [
          'mina',
          expect.objectContaining({
            entryId: charge.body.entryId,
            kind: 'charge',
            amount: 1_000,
            userId: 'mina',
            sequence: 1,
            metadata: { by: '현금 ☕' },
          }),
        ],
      ],
      ['coupon.issued', ['welcome', { ...issued.body, sequence: 1 }]],
      ['stock.sold-out', ['tea', { productId: 'tea', stock: 0, sequence: 1 }]],
    ]),
  )

  const { body } = await call('GET', '/api/admin/outbox')
  const rows = body.events as readonly Record<string, unknown>[]
  expect(rows.map(({ type, subject, subjectId, orderId }) => [type, subject, subjectId, orderId]).sort()).toEqual([
    ['coupon.issued', 'coupon', 'welcome', undefined],
    ['stock.sold-out', 'product', 'tea', undefined],
    ['wallet.charged', 'user', 'mina', undefined],
  ])
})

test('an unknown type ends the start', async () => {
  server = startProcess(bundle.main, folder, {
    DATABASE_URL: database.url,
    SHOP_JWT_SECRET: secret,
    SHOP_POLICIES: '{"events":["order.payed"]}',
  })
  server.url.catch(() => undefined)
  expect(await server.ended).toEqual({ code: 78, signal: null })
  expect(server.stderr()).toContain(
    'SHOP_POLICIES is invalid: events: must be a list, each at most once, of order.placed',
  )
})
