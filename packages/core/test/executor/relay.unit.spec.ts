import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import {
  createShop,
  type EventSender,
  type OutboxEvent,
  type OutboxStore,
  type RelayOptions,
  relayOnce,
  type Sent,
} from '../../src/index.js'
import { backoffDelay } from '../../src/outbox/relay.js'
import { countedIds, manualClock } from '../../src/testing/manual-clock.js'

const clock = manualClock(Date.UTC(2026, 0, 1))
let store = inMemoryStore({ clock })
let shop = createShop({ store, newId: countedIds() })
let arrived: OutboxEvent[] = []

beforeEach(async () => {
  store = inMemoryStore({ clock })
  shop = createShop({ store, newId: countedIds() })
  arrived = []
  await shop.products.create({ productId: 'p', name: 'P', price: 100, stock: 100 })
  await shop.balance.charge({ userId: 'u', amount: 10_000 })
})

/** An order with this many events: paid, then refunded. */
const orderWith = async (events: 1 | 2): Promise<string> => {
  const { orderId } = await shop.orders.place({ userId: 'u', products: [{ productId: 'p', quantity: 1 }] })
  await shop.payments.pay({ userId: 'u', orderId })
  if (events === 2) await shop.orders.refund({ orderId })
  return orderId
}

type Reply = Sent | Error | Promise<Sent>

const relay = (
  reply: (event: OutboxEvent) => Reply = () => ({ kind: 'sent' }),
  { outbox = store.outbox, ...options }: Partial<RelayOptions> & { outbox?: OutboxStore } = {},
) => {
  const sender: EventSender = {
    async send(event) {
      arrived.push(event)
      const sent = await reply(event)
      if (sent instanceof Error) throw sent
      return sent
    },
  }
  const settings = { leaseMs: 30_000, maxAttempts: 3, minBackoffMs: 1_000, maxBackoffMs: 60_000, ...options }
  const deps = {
    store: outbox,
    sender,
    newId: countedIds(`lease${arrived.length}`),
    random: () => 1,
    options: settings,
  }
  return relayOnce(deps, new AbortController().signal)
}

const failed = (retryAfterMs?: number): Sent => ({ kind: 'failed', error: 'not now', retryAfterMs })
const events = async () => (await shop.outbox.list({ limit: 100 })).items
const sequences = () => arrived.map(({ subjectId, sequence }) => [subjectId, sequence])

describe('the relay', () => {
  it('sends each pending event once, and reports how many', async () => {
    await orderWith(1)
    await orderWith(1)
    expect(await relay()).toBe(2)
    expect(await relay()).toBe(0)
    expect(arrived).toHaveLength(2)
    await expect(shop.outbox.counts()).resolves.toMatchObject({ pending: 0, sent: 2, oldestPendingAt: null })
  })

  it('sends the events of one order in sequence, and those of other orders in parallel', async () => {
    const a = await orderWith(2)
    const b = await orderWith(2)
    await relay()
    expect(sequences()).toEqual([
      [a, 1],
      [b, 1],
    ])
    await relay()
    expect(sequences().slice(2)).toEqual([
      [a, 2],
      [b, 2],
    ])
  })

  it('keeps later events of an order behind one that is retried', async () => {
    const order = await orderWith(2)
    await relay(() => failed())
    expect(await relay()).toBe(0)
    clock.move(1_000)
    await relay()
    await relay()
    expect(sequences()).toEqual([
      [order, 1],
      [order, 1],
      [order, 2],
    ])
  })

  it('retries with the same event id, after the pause', async () => {
    await orderWith(1)
    await relay(() => failed())
    await expect(events()).resolves.toMatchObject([{ status: 'pending', attempts: 1, lastError: 'not now' }])
    clock.move(999)
    expect(await relay()).toBe(0)
    clock.move(1)
    expect(await relay()).toBe(1)
    expect(new Set(arrived.map(({ eventId }) => eventId)).size).toBe(1)
    await expect(events()).resolves.toMatchObject([{ status: 'sent', attempts: 2, lastError: null }])
  })

  it('waits as long as the receiver asks for, up to a limit', async () => {
    await orderWith(1)
    await relay(() => failed(5_000))
    clock.move(4_999)
    expect(await relay(() => failed(10 ** 12))).toBe(0)
    clock.move(1)
    expect(await relay(() => failed(10 ** 12))).toBe(1)
    clock.move(60_000)
    expect(await relay()).toBe(1)
  })

  it('treats a sender that throws as a failed delivery', async () => {
    await orderWith(1)
    await relay(() => new Error('no route to host'))
    await expect(events()).resolves.toMatchObject([{ status: 'pending', lastError: 'no route to host' }])
  })

  it('gives up after the last attempt; the next event of the order may then be sent', async () => {
    const order = await orderWith(2)
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await relay(() => failed())
      clock.move(10_000)
    }
    await expect(shop.outbox.counts()).resolves.toMatchObject({ pending: 1, dead: 1 })
    await relay()
    expect(sequences().at(-1)).toEqual([order, 2])
    await expect(shop.outbox.counts()).resolves.toMatchObject({ pending: 0, dead: 1, sent: 1 })
  })

  it('gives up at once if the receiver refuses, and starts over on redelivery', async () => {
    await orderWith(1)
    await relay(() => ({ kind: 'refused', error: 'gone' }))
    const [dead] = await events()
    expect(dead).toMatchObject({ status: 'dead', attempts: 1, lastError: 'gone', nextAttemptAt: null })
    await shop.outbox.redeliver({ eventId: dead?.eventId ?? '' })
    await expect(events()).resolves.toMatchObject([{ status: 'pending', attempts: 0, lastError: null }])
    expect(await relay()).toBe(1)
    await expect(events()).resolves.toMatchObject([{ eventId: dead?.eventId, status: 'sent', attempts: 1 }])
  })

  it('claims at most one batch at a time', async () => {
    for (let order = 0; order < 5; order += 1) await orderWith(1)
    expect([await relay(undefined, { batch: 3 }), await relay(undefined, { batch: 3 })]).toEqual([3, 2])
  })

  it('never claims an event that another relay is sending', async () => {
    await orderWith(1)
    let answer: (sent: Sent) => void = () => {}
    const slow = relay(() => new Promise<Sent>((resolve) => (answer = resolve)))
    await Promise.resolve()
    clock.move(29_999)
    expect(await relay()).toBe(0)
    answer({ kind: 'sent' })
    await slow
    await expect(shop.outbox.counts()).resolves.toMatchObject({ sent: 1, pending: 0 })
  })

  it('takes over an expired lease; the late relay can no longer record a result', async () => {
    await orderWith(1)
    let answer: (sent: Sent) => void = () => {}
    const late = relay(() => new Promise<Sent>((resolve) => (answer = resolve)))
    await Promise.resolve()
    clock.move(30_000)
    expect(await relay()).toBe(1)
    await expect(events()).resolves.toMatchObject([{ status: 'sent', attempts: 2 }])
    answer({ kind: 'refused', error: 'late' })
    await late
    await expect(events()).resolves.toMatchObject([{ status: 'sent', lastError: null }])
  })

  it('sends an event again if the result could not be recorded', async () => {
    await orderWith(1)
    const away = { ...store.outbox, recordDeliveries: () => Promise.reject(new Error('the store is away')) }
    await expect(relay(undefined, { outbox: away })).rejects.toThrow('the store is away')
    expect(await relay()).toBe(0)
    clock.move(30_000)
    expect(await relay()).toBe(1)
    expect(new Set(arrived.map(({ eventId }) => eventId)).size).toBe(1)
    expect(arrived).toHaveLength(2)
  })
})

describe('the pause after an attempt', () => {
  it('doubles, is half random, stays below its maximum, and is never shorter than the receiver asked for', () => {
    const pauses = fc.record({
      minBackoffMs: fc.integer({ min: 1, max: 10_000 }),
      maxBackoffMs: fc.integer({ min: 10_000, max: 10 ** 7 }),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        pauses,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat({ max: 10 ** 8 }),
        (attempts, options, random, retryAfterMs) => {
          const whole = Math.min(options.maxBackoffMs, options.minBackoffMs * 2 ** (attempts - 1))
          const plain = backoffDelay(attempts, options, random)
          expect(plain).toBeGreaterThanOrEqual(Math.floor(whole / 2))
          expect(plain).toBeLessThanOrEqual(whole)
          const asked = backoffDelay(attempts, options, random, retryAfterMs)
          expect(asked).toBe(Math.max(plain, Math.min(retryAfterMs, options.maxBackoffMs)))
        },
      ),
    )
  })
})
