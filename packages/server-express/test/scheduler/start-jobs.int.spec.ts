import { knexConnection, knexLocks, knexStore, migrate } from '@shop/adapter-knex'
import { createShop, type EventSender, inProcessLocks, type OutboxEvent, resolvePolicies } from '@shop/core'
import { guard, refreshRanking } from '@shop/core/commands'
import { inMemoryStore } from '@shop/core/in-memory'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type JobsOptions, startJobs } from '../../src/jobs/index.js'

const seconds = { timeout: 20_000 }

const paidOrder = async (shop: ReturnType<typeof createShop>) => {
  await shop.balance.charge({ userId: 'mina', amount: 1_000 })
  const { productId } = await shop.products.create({ name: 'Mug', price: 100, stock: 5 })
  const { orderId } = await shop.orders.place({ userId: 'mina', products: [{ productId, quantity: 1 }] })
  await shop.payments.pay({ userId: 'mina', orderId })
  return orderId
}

const collecting = () => {
  const events: OutboxEvent[] = []
  const sender: EventSender = {
    send: async (event) => {
      events.push(event)
      return { kind: 'sent' }
    },
  }
  return { events, sender }
}

describe('in one process', () => {
  const started = (options: Partial<JobsOptions> = {}) => {
    let now = Date.now()
    const store = inMemoryStore({ clock: { now: () => now } })
    const shop = createShop({ store, policies: resolvePolicies('standard', { ranking: { schedule: '* * * * * *' } }) })
    const jobs = startJobs(shop, { store, ...options })
    onTestFinished(() => jobs.stop({ graceMs: 100 }))
    const advance = (ms: number) => {
      now += ms
    }
    return { shop, jobs, advance }
  }

  test('events are sent, views written, the ranking computed, and unpaid orders expire', async () => {
    const { events, sender } = collecting()
    const { shop, advance } = started({ sender })
    const orderId = await paidOrder(shop)
    await expect.poll(() => events.map((event) => event.subjectId), seconds).toContain(orderId)
    await expect.poll(async () => (await shop.products.top()).products.length, seconds).toBe(1)
    const [product] = (await shop.products.list({ page: 0, size: 1 })).products
    const pending = await shop.orders.place({
      userId: 'mina',
      products: [{ productId: product?.productId as string, quantity: 1 }],
    })
    advance(24 * 3_600_000)
    const expired = () => events.some((event) => event.subjectId === pending.orderId && event.type === 'order.expired')
    await expect.poll(expired, seconds).toBe(true)
  })

  test('a guard that wants a context fails its job, and the process still leads', async () => {
    const closed = guard(refreshRanking, { refuse: () => ({ code: 'USER_NOT_FOUND', userId: 'nobody' }) })
    const store = inMemoryStore()
    const policies = resolvePolicies('standard', { ranking: { schedule: '* * * * * *' } })
    const failed: unknown[] = []
    const jobs = startJobs(createShop({ store, policies, guards: [closed] }), {
      store,
      observer: { onRun: ({ job, error }) => void (job === 'ranking' && failed.push(error)) },
    })
    onTestFinished(() => jobs.stop({ graceMs: 100 }))
    await expect.poll(() => failed.length, seconds).toBeGreaterThan(1)
    expect(failed[0]).toMatchObject({ message: expect.stringContaining('refused: USER_NOT_FOUND') })
    expect(jobs.isLeader).toBe(true)
  })

  test('a job that is off does not run', async () => {
    const { events, sender } = collecting()
    const { shop, jobs } = started({ sender, jobs: { relay: false, ranking: false } })
    await paidOrder(shop)
    await expect.poll(() => jobs.isLeader, seconds).toBe(true)
    jobs.run('ranking')
    jobs.run('relay')
    await jobs.stop()
    expect(events).toEqual([])
    expect((await shop.products.top()).asOf).toBeNull()
  })

  test('a process that runs no job of the leader does not lead', async () => {
    const locks = inProcessLocks()
    const { jobs: views } = started({ locks, jobs: { expiry: false, ranking: false, purge: false, relay: false } })
    const { jobs } = started({ locks })
    await expect.poll(() => jobs.isLeader, seconds).toBe(true)
    expect(views.isLeader).toBe(false)
  })

  test('a job that throws is logged once, and runs again', async () => {
    const lines: string[] = []
    const note = (_fields: object, message: string) => void lines.push(message)
    const failures: unknown[] = []
    let isBroken = true
    const sender: EventSender = { send: async () => ({ kind: 'sent' }) }
    const store = inMemoryStore()
    const outbox = {
      ...store.outbox,
      claimEvents: async (...query: Parameters<typeof store.outbox.claimEvents>) => {
        if (isBroken) throw new Error('broken')
        return store.outbox.claimEvents(...query)
      },
    }
    const shop = createShop({ store })
    const jobs = startJobs(shop, {
      store: { outbox },
      sender,
      logger: { debug: () => undefined, info: note, warn: note, error: note },
      observer: { onRun: ({ job, error }) => void (job === 'relay' && error && failures.push(error)) },
    })
    onTestFinished(() => jobs.stop({ graceMs: 100 }))
    await expect.poll(() => failures.length, seconds).toBeGreaterThan(1)
    expect(lines.filter((line) => /failed/.test(line))).toHaveLength(1)
    isBroken = false
    await paidOrder(shop)
    await expect.poll(async () => (await shop.outbox.counts()).sent, seconds).toBe(1)
    expect(lines.at(-1)).toBe('the job recovered')
  })
})

describe('on one database', () => {
  let database: FreshDatabase
  beforeAll(async () => {
    database = await freshDatabase()
    await migrate(database.knex)
  })
  afterAll(() => database.drop())

  const member = (leaseMs: number) => {
    const knex = knexConnection(database.url, { pool: { max: 4 } })
    const store = knexStore(knex)
    const jobs = startJobs(createShop({ store }), { store, locks: knexLocks(knex), leaseMs })
    let isGone = false
    const leave = async (how: () => Promise<unknown>) => {
      if (isGone) return
      isGone = true
      await how()
      await knex.destroy()
    }
    onTestFinished(() => leave(() => jobs.stop({ graceMs: 100 })))
    return {
      jobs,
      stop: () => leave(() => jobs.stop({ graceMs: 100 })),
      /** The connections break, as those of a killed process. */
      kill: () => {
        onTestFinished(() => jobs.stop({ graceMs: 0 }))
        return leave(async () => undefined)
      },
    }
  }

  test.each(['stop', 'kill'] as const)('one of two leads; after its %s the other one does', async (end) => {
    const members = [member(3_000), member(3_000)]
    await expect.poll(() => members.filter(({ jobs }) => jobs.isLeader).length, seconds).toBe(1)
    const leader = members.find(({ jobs }) => jobs.isLeader)
    const other = members.find((each) => each !== leader)
    await leader?.[end]()
    await expect.poll(() => other?.jobs.isLeader, seconds).toBe(true)
  })
})
