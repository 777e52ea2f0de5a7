import { randomUUID } from 'node:crypto'
import { createShop, eventTypes, relayOnce, resolvePolicies } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectRedis, type RedisConnection, redisStreamSender } from '../../src/index.js'

/** A Redis that keeps what it acknowledges. */
const settings = { appendonly: 'yes', appendfsync: 'always' }

let server: RedisServer
let connection: RedisConnection

beforeEach(async () => {
  server = await startRedis({ settings })
  connection = connectRedis(server.url, { callMs: 500, probeAfterMs: 20 })
  await connection.ready(5_000)
})
afterEach(async () => {
  await connection.close()
  await server.stop()
})

const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

const openShop = () => {
  const store = inMemoryStore()
  const shop = createShop({
    store,
    policies: resolvePolicies('standard', { events: eventTypes }),
    middleware: [(call, next) => next({ ...call, traceparent: trace })],
  })
  return { store, shop }
}

/** Relays until nothing is pending. Resolves with how many attempts failed. */
const deliver = async ({ store, shop }: ReturnType<typeof openShop>, sender = redisStreamSender(connection)) => {
  let failed = 0
  for (;;) {
    await relayOnce(
      {
        store: store.outbox,
        sender,
        newId: randomUUID,
        random: () => 0,
        options: { minBackoffMs: 1, maxBackoffMs: 20, maxAttempts: 10_000 },
        onAttempt: (_, { kind }) => {
          if (kind !== 'sent') failed += 1
        },
      },
      new AbortController().signal,
    )
    const { pending, dead } = await shop.outbox.counts()
    expect(dead).toBe(0)
    if (pending === 0) return failed
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const entries = async (stream = 'shop:events') => {
  const found = await connection.redis.xrange(stream, '-', '+')
  return found.map(([, fields]) =>
    Object.fromEntries(fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] as string]] : []))),
  )
}

/** Charges and orders of some users, and the last unit of a product. */
const trade = async ({ shop }: ReturnType<typeof openShop>, users: number) => {
  await shop.products.create({ productId: 'mug', name: 'Mug ☕', price: 100, stock: users })
  for (let user = 0; user < users; user += 1) {
    const userId = `u${user}`
    await shop.balance.charge({ userId, amount: 300 })
    await shop.balance.charge({ userId, amount: 200 })
    const { orderId } = await shop.orders.place({ userId, products: [{ productId: 'mug', quantity: 1 }] })
    await shop.payments.pay({ userId, orderId })
    await shop.orders.refund({ orderId, restock: false })
  }
}

test('adds an event with its fields', async () => {
  const own = openShop()
  const { entryId } = await own.shop.balance.charge({ userId: 'ann', amount: 300, metadata: { note: '현금 ☕' } })
  expect(await deliver(own)).toBe(0)
  const { items } = await own.shop.outbox.list()
  const data = {
    entryId,
    kind: 'charge',
    amount: 300,
    balance: 300,
    orderId: null,
    at: items[0]?.at,
    metadata: { note: '현금 ☕' },
  }
  const [entry, ...more] = await entries()
  expect(more).toEqual([])
  expect({ ...entry, data: JSON.parse(entry?.['data'] as string) }).toEqual({
    id: items[0]?.eventId,
    type: 'wallet.charged',
    subject: 'ann',
    sequence: '1',
    time: items[0]?.at,
    data: { ...data, userId: 'ann', sequence: 1 },
    traceparent: trace,
  })
})

test('adds to the named stream, and drops old entries', async () => {
  const own = openShop()
  await trade(own, 60)
  const sender = redisStreamSender(connection, { stream: 'mine', maxLength: 100 })
  await deliver(own, sender)
  const length = await connection.redis.xlen('mine')
  const { sent } = await own.shop.outbox.counts()
  expect(sent).toBeGreaterThan(350)
  // Redis drops whole nodes of 100 entries.
  expect(length).toBeGreaterThanOrEqual(100)
  expect(length).toBeLessThan(201)
  expect(await connection.redis.exists('shop:events')).toBe(0)
})

test('loses nothing and keeps the order of each subject while Redis is killed and comes back', async () => {
  const own = openShop()
  await trade(own, 40)
  let attempts = 0
  const sender = redisStreamSender(connection)
  const failed = await deliver(own, {
    async send(event, signal) {
      attempts += 1
      if (attempts === 30 || attempts === 150) await server.restart()
      if (attempts === 80) server.freeze()
      if (attempts === 90) server.thaw()
      return sender.send(event, signal)
    },
  })
  expect(failed).toBeGreaterThan(0)
  await expect.poll(() => connection.ready()).toBe(true)
  await expect.poll(() => entries().catch(() => [])).not.toEqual([])
  const seen = new Set<string>()
  const first = (await entries()).filter(({ id = '' }) => !seen.has(id) && seen.add(id))
  const { sent } = await own.shop.outbox.counts()
  expect(first).toHaveLength(sent)
  const newest = new Map<string, number>()
  for (const { type = '', subject = '', sequence } of first) {
    const key = `${type.split('.')[0]?.replace('stock', 'product')} ${subject}`
    expect(Number(sequence)).toBeGreaterThan(newest.get(key) ?? 0)
    newest.set(key, Number(sequence))
  }
  expect(newest.size).toBe(40 + 40 + 1)
})

test('keeps an event that Redis does not take', async () => {
  await connection.redis.set('shop:events', 'a text')
  const own = openShop()
  await own.shop.balance.charge({ userId: 'ann', amount: 300 })
  const [claimed] = await own.store.outbox.claimEvents({ limit: 1, leaseMs: 1_000, lease: 'own' })
  const sending = redisStreamSender(connection).send(claimed?.event as never, new AbortController().signal)
  await expect(sending).rejects.toMatchObject({ code: 'REDIS_AWAY', message: expect.stringContaining('WRONGTYPE') })
})

test.each([
  [{ stream: '' }, TypeError, 'stream'],
  [{ stream: 7 as never }, TypeError, 'stream'],
  [{ maxLength: 0 }, RangeError, 'maxLength'],
  [{ maxLength: 1.5 }, RangeError, 'maxLength'],
  [{ maxLength: '9' as never }, RangeError, 'maxLength'],
])('refuses %j', (options, error, name) => {
  expect(() => redisStreamSender(connection, options)).toThrow(error)
  expect(() => redisStreamSender(connection, options)).toThrow(name)
})
