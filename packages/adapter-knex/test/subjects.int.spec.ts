import { createShop, eventTypes, resolvePolicies } from '@shop/core'
import type { OutboxEvent, Store } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { claimOf0008 } from './support/claim-of-0008.js'
import { openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { eventOf, noon } from './support/rows.js'

let database: ShopDatabase
let store: Store

beforeAll(async () => {
  database = await openShopDatabase()
  store = database.store({ clock: { now: () => noon } })
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

const types = {
  order: 'order.paid',
  user: 'wallet.charged',
  coupon: 'coupon.issued',
  product: 'stock.changed',
  history: 'history.lost',
} as const

const eventFor = (subject: OutboxEvent['subject'], sequence: number, subjectId = 'same'): OutboxEvent => ({
  ...eventOf(subjectId, sequence),
  eventId: `${subject}-${subjectId}-${sequence}`,
  type: types[subject],
  subject,
})

const subjects = ['order', 'user', 'coupon', 'product'] as const

const claim = async (limit = 20) =>
  (await store.outbox.claimEvents({ limit, leaseMs: 60_000, lease: 'relay' })).map(({ event }) => event)

const acknowledge = (events: readonly Pick<OutboxEvent, 'eventId'>[], lease = 'relay') =>
  store.outbox.recordDeliveries(events.map(({ eventId }) => ({ eventId, lease, status: 'sent' as const })))

describe('the subject of an event', () => {
  test('is stored before its id, except that of an order', async () => {
    await put(store, { inserted: { events: subjects.map((subject) => eventFor(subject, 1)) } })
    const stored = await database.knex('shop.events').select('type', 'order_id').orderBy('type')
    expect(stored).toEqual([
      { type: 'coupon.issued', order_id: 'coupon same' },
      { type: 'order.paid', order_id: 'same' },
      { type: 'stock.changed', order_id: 'product same' },
      { type: 'wallet.charged', order_id: 'user same' },
    ])
    const read = (await store.reads.events({ limit: 10 })).map(({ subject, subjectId }) => `${subject} ${subjectId}`)
    expect(read.sort()).toEqual(['coupon same', 'order same', 'product same', 'user same'])
  })

  test('has each number once', async () => {
    await put(store, { inserted: { events: [eventFor('user', 1)] } })
    const again = put(store, { inserted: { events: [{ ...eventFor('user', 1), eventId: 'other' }] } })
    await expect(again).rejects.toMatchObject({ kind: 'conflict' })
    await put(store, { inserted: { events: [eventFor('coupon', 1)] } })
  })

  test.each(['order.payed', 'wallet.refunded'])('is of no type %s', async (type) => {
    const inserted = { events: [{ ...eventFor('user', 1), type: type as never }] }
    await expect(put(store, { inserted })).rejects.toMatchObject({ kind: 'rejected' })
  })
})

describe('claiming', () => {
  test('of thousands of events of one coupon finds the first one, and the events of others beside it', {
    timeout: 120_000,
  }, async () => {
    const many = Array.from({ length: 8_000 }, (_, index) => eventFor('coupon', index + 1))
    const others = [eventFor('order', 1), eventFor('user', 7), eventFor('product', 3), eventFor('coupon', 5, 'b')]
    await put(store, { inserted: { events: [...many, ...others] } })
    const names = (events: readonly OutboxEvent[]) => events.map(({ eventId }) => eventId).sort()
    const first = await claim()
    expect(names(first)).toEqual(names([...others, eventFor('coupon', 1)]))
    expect(await claim()).toEqual([])
    await acknowledge(first)
    const startedAt = performance.now()
    for (let sequence = 2; sequence < 12; sequence += 1) {
      const next = await claim()
      expect(names(next)).toEqual([`coupon-same-${sequence}`])
      await acknowledge(next)
    }
    // Comparing each event with all others takes seconds for one claim.
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('looks at 2,000 products at once, and goes on behind them', { timeout: 120_000 }, async () => {
    const name = (number: number) => `p${String(number).padStart(5, '0')}`
    const events = Array.from({ length: 4_500 }, (_, number) => ({
      ...eventFor('product', 1, name(number)),
      nextAttemptAt: number < 4_000 ? noon + 60_000 : noon,
    }))
    await put(store, { inserted: { events: [...events, eventFor('order', 1)] } })
    const claims: (readonly OutboxEvent[])[] = []
    for (let time = 0; time < 3; time += 1) claims.push(await claim(400))
    expect(claims.map(({ length }) => length)).toEqual([1, 0, 400])
    for (let time = 0; time < 3; time += 1) claims.push(await claim(400))
    const claimed = claims.flat().map(({ subjectId }) => subjectId)
    expect(claimed.sort()).toEqual([...events.slice(4_000).map(({ subjectId }) => subjectId), 'same'])
  })

  test('keeps to its limit across all subjects, the longest due first', async () => {
    const events = subjects.flatMap((subject, index) =>
      ['a', 'b'].map((id, place) => ({ ...eventFor(subject, 1, id), nextAttemptAt: noon - 10 * index - place - 1 })),
    )
    await put(store, { inserted: { events } })
    const order = [...events].sort((a, b) => a.nextAttemptAt - b.nextAttemptAt).map(({ eventId }) => eventId)
    expect((await claim(3)).map(({ eventId }) => eventId)).toEqual(order.slice(0, 3))
    expect((await claim(5)).map(({ eventId }) => eventId)).toEqual(order.slice(3))
  })

  test('by many relays at once gives each event to one of them, in the order of its subject', async () => {
    const events = Array.from({ length: 40 }, (_, index) => index + 1).flatMap((sequence) =>
      subjects.map((subject) => eventFor(subject, sequence)),
    )
    await put(store, { inserted: { events } })
    const arrived: OutboxEvent[] = []
    const underWay = new Set<string>()
    const relay = async (lease: string) => {
      while (arrived.length < events.length) {
        const claimed = await store.outbox.claimEvents({ limit: 3, leaseMs: 60_000, lease })
        for (const { event } of claimed) {
          expect(underWay.has(event.subject)).toBe(false)
          underWay.add(event.subject)
        }
        for (const { event } of claimed) {
          arrived.push(event)
          underWay.delete(event.subject)
        }
        await acknowledge(
          claimed.map(({ event }) => event),
          lease,
        )
      }
    }
    await Promise.all(['a', 'b', 'c', 'd'].map(relay))
    for (const subject of subjects) {
      const numbers = arrived.filter((event) => event.subject === subject).map(({ sequence }) => sequence)
      expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
    }
  })
})

describe('a relay of the release before', () => {
  test('takes each subject for an order of its own, and delivers it in order', async () => {
    const numbers = [1, 2, 3]
    await put(store, { inserted: { events: numbers.flatMap((n) => subjects.map((subject) => eventFor(subject, n))) } })
    for (const sequence of numbers) {
      const { rows } = await database.knex.raw(claimOf0008.replaceAll('?', '\\?').replaceAll(/\$(\d)/g, ':p$1'), {
        p1: noon,
        p2: 10,
        p3: 'old',
        p4: 60_000,
      } as never)
      const claimed = rows as readonly { event_id: string }[]
      expect(claimed.map(({ event_id: id }) => id).sort()).toEqual(
        subjects.map((subject) => `${subject}-same-${sequence}`).sort(),
      )
      await acknowledge(
        claimed.map(({ event_id: eventId }) => ({ eventId })),
        'old',
      )
    }
  })
})

describe('a shop with events of everything', () => {
  test('tells a buyer, a coupon and the last unit, and its audit is ok', async () => {
    const shop = createShop({ store, policies: resolvePolicies('standard', { events: eventTypes }) })
    await shop.products.create({ productId: 'same', name: 'Mug', price: 100, stock: 1 })
    const validUntil = noon + 1_000
    await shop.coupons.create({
      couponId: 'same',
      name: 'C',
      discount: { kind: 'fixed', amount: 1 },
      quantity: 9,
      validUntil,
    })
    await shop.balance.charge({ userId: 'same', amount: 500 })
    await shop.coupons.issue({ userId: 'same', couponId: 'same' })
    const { orderId } = await shop.orders.place({ userId: 'same', products: [{ productId: 'same', quantity: 1 }] })
    await shop.payments.pay({ userId: 'same', orderId })
    const { items } = await shop.outbox.list({ limit: 100 })
    const told = items.map(({ type, subject, sequence }) => `${subject} ${sequence} ${type}`).sort()
    expect(told).toEqual([
      'coupon 1 coupon.issued',
      'order 1 order.placed',
      'order 2 order.paid',
      'product 1 product.changed',
      'product 2 stock.changed',
      'product 3 stock.sold-out',
      'user 1 wallet.charged',
    ])
    expect((await shop.audit()).violations).toEqual([])
    expect(await database.knex('shop.orders').pluck('event_types')).toEqual([eventTypes.slice(0, 7)])
    expect(await database.knex('shop.products').pluck('events')).toEqual(['3'])
    expect(await database.knex('shop.coupons').pluck('events')).toEqual(['1'])
    await database.knex('shop.events').where({ type: 'order.placed' }).delete()
    expect((await shop.audit()).violations.map(({ law }) => law)).toEqual(['OUTBOX-COMPLETE'])
    await shop.repair()
    expect((await shop.audit()).violations).toEqual([])
    await shop.close()
  })
})
