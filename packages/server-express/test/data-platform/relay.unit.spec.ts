import {
  createShop,
  type OutboxEvent,
  type RelayDeps,
  relayOnce,
  resolvePolicies,
  type Sent,
  timeOrderedIds,
} from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { httpSender } from '../../src/data-platform/http-sender.js'
import { Job } from '../../src/scheduler/job.js'
import { relayJob } from '../../src/scheduler/jobs.js'
import { answerWith, openPlatform, type Platform, platformSecret } from '../support/platform.js'

const minute = 60_000

let platform: Platform
let now: number
const clock = { now: () => now }
beforeEach(async () => {
  platform = await openPlatform()
  now = Date.UTC(2026, 0, 1)
})
afterEach(() => platform.close())

/** A shop whose events go to the platform. Time passes only when a test advances it. */
const shopWithRelay = ({ timeoutMs = 5_000 } = {}) => {
  const store = inMemoryStore({ clock })
  const shop = createShop({ store, policies: resolvePolicies() })
  const attempts: { readonly event: OutboxEvent; readonly sent: Sent }[] = []
  const relay: RelayDeps = {
    store: store.outbox,
    sender: httpSender({ url: platform.url, secret: platformSecret, timeoutMs }),
    newId: timeOrderedIds(),
    random: () => 1,
    options: { maxAttempts: 3, minBackoffMs: 1_000 },
    onAttempt: (event, sent) => attempts.push({ event, sent }),
  }
  const signal = new AbortController().signal
  return {
    shop,
    relay,
    signal,
    attempts,
    run: () => relayJob(relay).run(signal),
    counts: () => store.reads.eventCounts(),
    /** An order with two events: paid and refunded. */
    async refundedOrder(userId: string): Promise<string> {
      const { orderId } = await shop.orders.place({ userId, products: [{ productId: 'tea', quantity: 1 }] })
      await shop.payments.pay({ userId, orderId })
      await shop.orders.refund({ orderId })
      return orderId
    },
    async open(): Promise<void> {
      await shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 1_000 })
      for (const userId of ['mina', 'jun']) await shop.balance.charge({ userId, amount: 1_000 })
    },
  }
}

const sequencesOf = (orderId: string) =>
  platform.deliveries.filter(({ event }) => event.subject === orderId).map(({ event }) => event.data.sequence)

test('delivers all events of one order in order, in one run', async () => {
  const { open, refundedOrder, run, counts } = shopWithRelay()
  await open()
  const orders = [await refundedOrder('mina'), await refundedOrder('jun')]
  await run()
  for (const orderId of orders) expect(sequencesOf(orderId)).toEqual([1, 2])
  expect(await counts()).toMatchObject({ pending: 0, sent: 4, dead: 0 })
})

test('delivers everything in order and under stable ids after the platform recovers', async () => {
  const { open, refundedOrder, run, counts } = shopWithRelay()
  await open()
  const orderId = await refundedOrder('mina')
  platform.answer(answerWith(500))
  await run()
  await run()
  expect(sequencesOf(orderId)).toEqual([1])
  now += 1_000
  await run()
  expect(sequencesOf(orderId)).toEqual([1, 1])
  platform.answer(answerWith(204))
  now += 2_000
  await run()
  expect(sequencesOf(orderId)).toEqual([1, 1, 1, 2])
  const [first, second, third] = platform.deliveries.map(({ headers }) => headers['webhook-id'])
  expect(new Set([first, second, third]).size).toBe(1)
  expect(await counts()).toMatchObject({ pending: 0, sent: 2 })
})

test('an event that the platform refuses blocks its own order only', async () => {
  const { open, refundedOrder, run } = shopWithRelay()
  await open()
  const [refused, taken] = [await refundedOrder('mina'), await refundedOrder('jun')]
  platform.answer(({ event }, response) => response.writeHead(event.subject === refused ? 500 : 204).end())
  await run()
  expect(sequencesOf(refused)).toEqual([1])
  expect(sequencesOf(taken)).toEqual([1, 2])
})

test('another run delivers the other orders while the platform hangs on one', async () => {
  const { open, refundedOrder, relay, signal } = shopWithRelay({ timeoutMs: 60_000 })
  await open()
  const hanging = await refundedOrder('mina')
  platform.answer(({ event }, response) => {
    if (event.subject !== hanging) response.writeHead(204).end()
  })
  const ends = new AbortController()
  const job = new Job(relayJob(relay), { observer: { onRun: () => undefined }, signal: ends.signal })
  job.tick()
  await platform.until((all) => all.length === 1)
  const later = await refundedOrder('jun')
  job.tick()
  await platform.until(() => sequencesOf(later).length === 2)
  expect(sequencesOf(later)).toEqual([1, 2])
  expect(sequencesOf(hanging)).toEqual([1])
  expect(signal.aborted).toBe(false)
  ends.abort()
  await job.idle()
})

test('a hanging platform costs one attempt, no longer than the timeout', async () => {
  const { open, refundedOrder, run, attempts } = shopWithRelay({ timeoutMs: 30 })
  await open()
  await refundedOrder('mina')
  platform.answer(() => undefined)
  await run()
  expect(attempts.map(({ sent }) => sent)).toEqual([{ kind: 'failed', error: 'no answer within 30 ms' }])
})

test('a dead event unblocks the next one, and is sent again when redelivered', async () => {
  const { open, refundedOrder, run, shop, counts } = shopWithRelay()
  await open()
  const orderId = await refundedOrder('mina')
  platform.answer(({ event }, response) => response.writeHead(event.data.sequence === 1 ? 400 : 204).end())
  for (let n = 0; n < 3; n += 1) {
    await run()
    now += 10 * minute
  }
  expect(sequencesOf(orderId)).toEqual([1, 1, 1, 2])
  expect(await counts()).toMatchObject({ pending: 0, sent: 1, dead: 1 })
  const { items } = await shop.outbox.list({ limit: 10, status: 'dead' })
  const [dead] = items
  expect(dead).toMatchObject({ orderId, sequence: 1, attempts: 3, lastError: 'responded 400' })

  platform.answer(answerWith(204))
  await shop.outbox.redeliver({ eventId: dead?.eventId ?? '' })
  await run()
  expect(sequencesOf(orderId)).toEqual([1, 1, 1, 2, 1])
  expect(await counts()).toMatchObject({ sent: 2, dead: 0 })
})

test('410 makes an event dead immediately; Retry-After delays the next attempt', async () => {
  const { open, refundedOrder, run, counts } = shopWithRelay()
  await open()
  platform.answer(({ event }, response) => {
    if (event.data.sequence === 1) response.writeHead(410).end()
    else response.writeHead(429, { 'retry-after': '600' }).end()
  })
  await refundedOrder('mina')
  await run()
  expect(await counts()).toMatchObject({ pending: 1, dead: 1 })
  platform.answer(answerWith(204))
  now += 9 * minute
  await run()
  expect(await counts()).toMatchObject({ pending: 1 })
  now += minute
  await run()
  expect(await counts()).toMatchObject({ pending: 0, sent: 1 })
})

test('an unacknowledged delivery is repeated under the same id', async () => {
  const { open, refundedOrder, run } = shopWithRelay()
  await open()
  await refundedOrder('mina')
  platform.answer((_, response) => response.socket?.resetAndDestroy())
  await run()
  platform.answer(answerWith(204))
  now += 1_000
  await run()
  const [first, second] = platform.deliveries.map(({ event }) => event.id)
  expect(second).toBe(first)
})

test('two relays on one outbox deliver every event once', async () => {
  const { open, refundedOrder, relay, signal } = shopWithRelay()
  await open()
  const orders = await Promise.all(Array.from({ length: 10 }, (_, n) => refundedOrder(n % 2 ? 'mina' : 'jun')))
  const drain = async () => {
    while ((await relayOnce({ ...relay, options: { batch: 3 } }, signal)) > 0);
  }
  await Promise.all([drain(), drain()])
  await drain()
  for (const orderId of orders) expect(sequencesOf(orderId)).toEqual([1, 2])
})
