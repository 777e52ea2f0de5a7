import {
  createShop,
  type EventSender,
  inProcessLocks,
  type Locks,
  type PolicyOverrides,
  type RelayDeps,
  resolvePolicies,
  type Sent,
} from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLogger } from '../../src/observability/logger.js'
import { Scheduler } from '../../src/scheduler/scheduler.js'
import { gate } from '../support/gate.js'

const day = 24 * 3_600_000

let now: number
const clock = { now: () => now }
let running: Scheduler[] = []
beforeEach(() => {
  now = Date.UTC(2026, 5, 1, 3)
})
afterEach(async () => {
  await Promise.all(running.map((scheduler) => scheduler.stop()))
  running = []
})

const setUp = ({ store = inMemoryStore({ clock }), policies = {} as PolicyOverrides } = {}) => {
  // The ranking is never due during a test.
  const shop = createShop({
    store,
    policies: resolvePolicies('standard', { ranking: { schedule: '0 0 1 1 *' }, ...policies }),
  })
  const runs: { job: string; error?: unknown }[] = []
  const scheduler = (locks: Locks = inProcessLocks(), relay?: RelayDeps) => {
    const made = new Scheduler({
      shop,
      locks,
      isFenced: true,
      relay,
      logger: createLogger('silent'),
      observer: { onRun: ({ job, error }) => void runs.push({ job, error }) },
      now: () => now,
    })
    running.push(made)
    return made
  }
  const ranOnce = (job: string) => expect.poll(() => runs.filter((run) => run.job === job).length).toBeGreaterThan(0)
  return { store, shop, scheduler, runs, ranOnce }
}

const isLeading = (scheduler: Scheduler) => expect.poll(() => scheduler.isLeader).toBe(true)

test('the leader expires overdue orders, and their events are delivered', async () => {
  const { shop, scheduler, store } = setUp()
  await shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 5 })
  const { orderId } = await shop.orders.place({ userId: 'mina', products: [{ productId: 'tea', quantity: 5 }] })
  now += day
  const sent: string[] = []
  const relay: RelayDeps = {
    store: store.outbox,
    sender: {
      send: async ({ type, subjectId: orderId }) => {
        sent.push(`${type} ${orderId}`)
        return { kind: 'sent' }
      },
    },
    newId: () => 'lease',
    random: Math.random,
  }
  const server = scheduler(inProcessLocks(), relay)
  await server.start()
  await isLeading(server)
  server.run('expiry')
  await expect.poll(() => sent).toEqual([`order.expired ${orderId}`])
  expect((await shop.audit()).violations).toEqual([])
})

test('a scheduler that stops waits for its own start, and schedules nothing any more', async () => {
  const loading = gate()
  const add = vi.fn()
  vi.doMock('../../src/scheduler/timetable.js', async () => {
    await loading.opened
    return {
      Timetable: class {
        add = add
      },
    }
  })
  onTestFinished(() => void vi.doUnmock('../../src/scheduler/timetable.js'))
  const { scheduler } = setUp()
  const server = scheduler()
  const order: string[] = []
  const started = server.start().then(() => order.push('started'))
  const stopped = server.stop().then(() => order.push('stopped'))
  loading.open()
  await Promise.all([started, stopped])
  expect(order).toEqual(['started', 'stopped'])
  expect(add).not.toHaveBeenCalled()
})

describe('a job that fails', () => {
  test('is retried, and other jobs continue', async () => {
    const { shop, scheduler, runs, ranOnce } = setUp()
    let isAway = true
    const { flushViews } = shop.upkeep
    Object.assign(shop.upkeep, {
      flushViews: () => (isAway ? Promise.reject(new Error('away')) : flushViews()),
    })
    const server = scheduler()
    await server.start()
    await ranOnce('views')
    expect(runs.find(({ job }) => job === 'views')?.error).toBeInstanceOf(Error)
    isAway = false
    await expect.poll(() => runs.filter(({ job, error }) => job === 'views' && !error).length).toBeGreaterThan(0)
    await isLeading(server)
  })

  test('unavailable locks leave the server without leadership', async () => {
    const { scheduler, runs, ranOnce } = setUp()
    const locks: Locks = { withLock: () => Promise.reject(new Error('away')) }
    const server = scheduler(locks)
    await server.start()
    await ranOnce('leadership')
    expect(runs[0]?.error).toBeInstanceOf(Error)
    expect(server.isLeader).toBe(false)
  })
})

describe('if two servers believe that they lead', () => {
  const lying = (token: number): Locks => ({
    withLock: async (_name, work) => ({
      held: true,
      value: await work({ token, signal: new AbortController().signal }),
    }),
  })

  test('the earlier one is fenced off and resigns', async () => {
    const { shop, scheduler } = setUp()
    const [earlier, later] = [scheduler(lying(1)), scheduler(lying(2))]
    await Promise.all([earlier.start(), later.start()])
    await Promise.all([isLeading(earlier), isLeading(later)])
    later.run('ranking')
    await expect.poll(async () => (await shop.products.top()).asOf).not.toBeNull()
    const { asOf } = await shop.products.top()

    now += 1_000
    earlier.run('ranking')
    await expect.poll(() => earlier.isLeader).toBe(false)
    expect((await shop.products.top()).asOf).toBe(asOf)
    expect(later.isLeader).toBe(true)
  })
})

describe('a new leader', () => {
  test('computes the ranking if a midnight was missed', async () => {
    const { shop, scheduler } = setUp()
    await shop.upkeep.refreshRanking()
    now += day
    await scheduler().start()
    await expect.poll(async () => (await shop.products.top()).asOf).toBe(new Date(now).toISOString())
  })

  test("leaves today's ranking, and a missing one, to the schedule", async () => {
    const { shop, scheduler, runs, ranOnce } = setUp()
    const first = scheduler()
    await first.start()
    await isLeading(first)
    await ranOnce('views')
    expect((await shop.products.top()).asOf).toBeNull()
    await first.stop()

    await shop.upkeep.refreshRanking()
    const { asOf } = await shop.products.top()
    now += 60_000
    const second = scheduler()
    await second.start()
    await isLeading(second)
    await ranOnce('views')
    expect((await shop.products.top()).asOf).toBe(asOf)
    expect(runs.filter(({ job }) => job === 'ranking')).toEqual([])
  })
})

describe('stopping', () => {
  test('releases the lease, so that another server leads immediately', async () => {
    const { scheduler } = setUp()
    const locks = inProcessLocks()
    const [first, second] = [scheduler(locks), scheduler(locks)]
    await first.start()
    await isLeading(first)
    await first.stop()
    expect(first.isLeader).toBe(false)
    await second.start()
    await isLeading(second)
  })

  /** A server with a delivery in flight. It ends when the platform responds, or when it is aborted. */
  const delivering = async () => {
    const { shop, scheduler, store } = setUp()
    await shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 5 })
    const { orderId } = await shop.orders.place({ userId: 'mina', products: [{ productId: 'tea', quantity: 1 }] })
    await shop.orders.cancel({ orderId })
    const [sending, answered] = [gate(), gate()]
    const sender: EventSender = {
      send: (_event, signal) => {
        sending.open()
        return new Promise<Sent>((resolve) => {
          signal.addEventListener('abort', () => resolve({ kind: 'failed', error: 'cut off' }))
          void answered.opened.then(() => resolve({ kind: 'sent' }))
        })
      },
    }
    const relay: RelayDeps = { store: store.outbox, sender, newId: () => 'lease', random: Math.random }
    const server = scheduler(inProcessLocks(), relay)
    await server.start()
    await sending.opened
    return { server, answered, events: async () => (await shop.outbox.list({ limit: 9 })).items }
  }

  test('waits for a delivery in flight', async () => {
    const { server, answered, events } = await delivering()
    const stopped = server.stop({ graceMs: 10_000 })
    answered.open()
    await stopped
    expect(await events()).toMatchObject([{ status: 'sent' }])
  })

  test('aborts a delivery after the grace period', async () => {
    const { server, events } = await delivering()
    await server.stop({ graceMs: 50 })
    expect(await events()).toMatchObject([{ status: 'pending', lastError: 'cut off' }])
  })

  test('during startup leaves nothing running', async () => {
    const { scheduler, runs } = setUp()
    const server = scheduler()
    const starting = server.start()
    await server.stop()
    await starting
    const before = runs.length
    server.run('views')
    expect(runs).toHaveLength(before)
    expect(server.isLeader).toBe(false)
  })
})
