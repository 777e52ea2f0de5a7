import type { Store } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keysOf, look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { changing, eventOf, noon } from './support/rows.js'

let database: ShopDatabase
let store: Store
let time = noon

beforeAll(async () => {
  database = await openShopDatabase()
  store = database.store({ clock: { now: () => time }, pool: { max: 12 } })
})
afterAll(() => database.drop())
beforeEach(async () => {
  time = noon
  await database.clear()
})

const claim = async (lease = 'relay', limit = 10, leaseMs = 1_000) =>
  (await store.outbox.claimEvents({ limit, leaseMs, lease })).map(({ event }) => event.eventId)

const eventNow = async (eventId: string) => (await look(store, { lock: { events: [eventId] } })).events[0]

describe('claiming', () => {
  test('claims due events, the longest due first, and counts the attempt', async () => {
    const events = [
      eventOf('o1', 1, { nextAttemptAt: noon - 1 }),
      eventOf('o2', 1, { nextAttemptAt: noon - 2, attempts: 3 }),
      eventOf('o3', 1, { nextAttemptAt: noon + 1 }),
      eventOf('o4', 1, { status: 'sent' }),
      eventOf('o5', 1, { status: 'dead' }),
    ]
    await put(store, { inserted: { events } })
    expect(await store.outbox.claimEvents({ limit: 10, leaseMs: 1_000, lease: 'relay' })).toEqual([
      { event: { ...events[1], attempts: 4 }, lease: 'relay' },
      { event: { ...events[0], attempts: 1 }, lease: 'relay' },
    ])
    expect(await claim()).toEqual([])
  })

  test('claims only the first pending event of each order', async () => {
    const events = [1, 2, 3].map((sequence) => eventOf('o1', sequence, { nextAttemptAt: noon - sequence }))
    await put(store, { inserted: { events } })
    expect(await claim()).toEqual(['o1-event-1'])
    expect(await claim()).toEqual([])
    await store.outbox.recordDeliveries([{ eventId: 'o1-event-1', lease: 'relay', status: 'sent' }])
    expect(await claim()).toEqual(['o1-event-2'])
    await store.outbox.recordDeliveries([{ eventId: 'o1-event-2', lease: 'relay', status: 'dead', error: 'gone' }])
    expect(await claim()).toEqual(['o1-event-3'])
  })

  test('does not overtake an earlier event that waits for a retry', async () => {
    await put(store, { inserted: { events: [eventOf('o1', 1, { nextAttemptAt: noon + 500 }), eventOf('o1', 2)] } })
    expect(await claim()).toEqual([])
    time = noon + 500
    expect(await claim()).toEqual(['o1-event-1'])
  })

  test('claims an event whose lease ends impossibly late, after the clock was set back', async () => {
    await put(store, { inserted: { events: [eventOf('o1', 1, { nextAttemptAt: noon - 3_600_000 })] } })
    expect(await claim('dead', 1, 600_000)).toEqual(['o1-event-1'])
    expect(await claim('other')).toEqual([])
    time = noon - 3_600_000
    expect(await claim('other')).toEqual(['o1-event-1'])
  })

  test('gives no event to two relays', async () => {
    await put(store, { inserted: { events: Array.from({ length: 200 }, (_, index) => eventOf(`order-${index}`)) } })
    const claims = await Promise.all(Array.from({ length: 12 }, (_, index) => claim(`relay-${index}`, 30)))
    const all = claims.flat()
    expect(new Set(all).size).toBe(all.length)
    const left: string[] = []
    for (let more = await claim('last', 30); more.length > 0; more = await claim('last', 30)) left.push(...more)
    expect(all.length + left.length).toBe(200)
  })

  test('never gives two events of one order to relays that run side by side', async () => {
    const orders = Array.from({ length: 10 }, (_, index) => `order-${index}`)
    const events = orders.flatMap((orderId) => [1, 2, 3, 4].map((sequence) => eventOf(orderId, sequence)))
    await put(store, { inserted: { events } })
    const sent = new Map<string, number[]>()
    const underWay = new Set<string>()
    const relay = async (lease: string) => {
      for (;;) {
        const claimed = await store.outbox.claimEvents({ limit: 3, leaseMs: 60_000, lease })
        if (claimed.length === 0 && [...sent.values()].flat().length === events.length) return
        for (const { event } of claimed) {
          expect(underWay.has(event.subjectId)).toBe(false)
          underWay.add(event.subjectId)
          sent.set(event.subjectId, [...(sent.get(event.subjectId) ?? []), event.sequence])
        }
        for (const { event } of claimed) underWay.delete(event.subjectId)
        await store.outbox.recordDeliveries(
          claimed.map(({ event: { eventId } }) => ({ eventId, lease, status: 'sent' })),
        )
      }
    }
    await Promise.all(['a', 'b', 'c', 'd'].map(relay))
    for (const orderId of orders) expect(sent.get(orderId)).toEqual([1, 2, 3, 4])
  })

  test('skips events that another relay is claiming', async () => {
    await put(store, { inserted: { events: [eventOf('o1'), eventOf('o2')] } })
    await database.knex.transaction(async (trx) => {
      await trx.raw(`select from shop.events where order_id = 'o1' for no key update`)
      expect(await claim()).toEqual(['o2-event-1'])
    })
    expect(await claim()).toEqual(['o1-event-1'])
  })

  test('claims events whose lease has expired', async () => {
    await put(store, { inserted: { events: [eventOf('o1')] } })
    expect(await claim('slow')).toEqual(['o1-event-1'])
    time = noon + 999
    expect(await claim('other')).toEqual([])
    time = noon + 1_000
    expect(await claim('other')).toEqual(['o1-event-1'])
    expect(await eventNow('o1-event-1')).toMatchObject({ attempts: 2 })
    // The slow relay returns: its result is ignored.
    await store.outbox.recordDeliveries([{ eventId: 'o1-event-1', lease: 'slow', status: 'dead', error: 'late' }])
    expect(await eventNow('o1-event-1')).toMatchObject({ status: 'pending', lastError: null })
  })
})

describe('settling', () => {
  test('records the result of each attempt', async () => {
    await put(store, { inserted: { events: ['o1', 'o2', 'o3'].map((id) => eventOf(id, 1, { lastError: 'before' })) } })
    await claim()
    time = noon + 10
    await store.outbox.recordDeliveries([
      { eventId: 'o1-event-1', lease: 'relay', status: 'sent' },
      { eventId: 'o2-event-1', lease: 'relay', status: 'pending', retryInMs: 500, error: 'said "no" \\' },
      { eventId: 'o3-event-1', lease: 'relay', status: 'dead', error: 'never' },
      { eventId: 'unknown', lease: 'relay', status: 'sent' },
    ])
    expect(await eventNow('o1-event-1')).toMatchObject({ status: 'sent', lastError: null, attempts: 1 })
    expect(await eventNow('o2-event-1')).toMatchObject({
      status: 'pending',
      lastError: 'said "no" \\',
      nextAttemptAt: noon + 510,
    })
    expect(await eventNow('o3-event-1')).toMatchObject({ status: 'dead', lastError: 'never', nextAttemptAt: noon })
    time = noon + 510
    expect(await claim()).toEqual(['o2-event-1'])
    await store.outbox.recordDeliveries([])
  })

  test('a revived dead event is claimed again', async () => {
    await put(store, { inserted: { events: [eventOf('o1')] } })
    await claim()
    await store.outbox.recordDeliveries([{ eventId: 'o1-event-1', lease: 'relay', status: 'dead', error: 'never' }])
    await store.transact(keysOf({ lock: { events: ['o1-event-1'] } }), ({ events: [event] }) => {
      if (!event) throw new Error('no event')
      return changing({
        updated: { events: [{ ...event, status: 'pending', attempts: 0, nextAttemptAt: time, lastError: null }] },
      })
    })
    expect(await claim()).toEqual(['o1-event-1'])
  })
})

test("without its own clock the store uses the database's time", async () => {
  const unclocked = database.store()
  const now = Date.now()
  const due = eventOf('due', 1, { nextAttemptAt: now - 60_000 })
  await put(store, { inserted: { events: [due, eventOf('later', 1, { nextAttemptAt: now + 60_000 })] } })
  const claimed = await unclocked.outbox.claimEvents({ limit: 9, leaseMs: 60_000, lease: 'l' })
  expect(claimed.map(({ event }) => event.eventId)).toEqual([due.eventId])
  await unclocked.outbox.recordDeliveries([
    { eventId: due.eventId, lease: 'l', status: 'pending', retryInMs: 0, error: 'x' },
  ])
  expect(await unclocked.outbox.claimEvents({ limit: 9, leaseMs: 1, lease: 'm' })).toHaveLength(1)
})
