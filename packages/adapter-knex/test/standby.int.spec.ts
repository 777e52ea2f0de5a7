import { knexConnection, knexLocks, knexStore, migrate, postgresStore } from '@shop/adapter-knex'
import { createShop, relayOnce } from '@shop/core'
import { isStoreError, type Store } from '@shop/core/store'
import { type PostgresPair, startPostgresPair } from '@shop/test-support/postgres-pair'
import { startProxy } from '@shop/test-support/redis'
import createKnex, { type Knex } from 'knex'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { keysOf, put } from './support/open-shop-database.js'
import { changing, eventOf, paidOrderOf, walletOf } from './support/rows.js'

let pair: PostgresPair
const pools: Knex[] = []

const connect = (options: { readonly url?: string; readonly pipeline?: boolean } = {}): Knex => {
  const { url = pair.primaryUrl, ...more } = options
  const pool = knexConnection(url, { log: { warn: () => {}, error: () => {}, debug: () => {} }, ...more })
  pools.push(pool)
  return pool
}

beforeAll(async () => {
  pair = await startPostgresPair()
  await migrate(pair.primary)
  await pair.synchronous(true)
}, 60_000)
afterEach(() => pair.thaw())
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.destroy()))
  await pair.stop()
})

/** Runs the work while the standby is unreachable, and cancels every wait for it. */
const whileCancelling = async <T>(work: () => Promise<T>, { thaw = true } = {}): Promise<T> => {
  pair.freeze()
  let isDone = false
  const working = work().finally(() => {
    isDone = true
  })
  const cancelling = (async () => {
    while (!isDone) await pair.cancelWaits({ orUntil: () => isDone })
  })()
  await Promise.allSettled([working, cancelling])
  if (thaw) pair.thaw()
  return working
}

const insert = (store: Store, userId: string, groupId: string) =>
  store.transact(
    keysOf({ lock: { wallets: [userId] } }),
    () => changing({ inserted: { wallets: [walletOf(userId)] } }),
    {
      groupId,
    },
  )

describe.each([{ pipeline: true }, { pipeline: false }])('with pipeline $pipeline', ({ pipeline }) => {
  const openStore = () => knexStore(connect({ pipeline })) as Store
  const nameOf = (text: string) => `${text}-${pipeline}`

  describe('a commit whose wait for the standby was cancelled', () => {
    test('is ambiguous, and stays unresolved until the standby has it', async () => {
      const store = openStore()
      const group = nameOf('group')
      await whileCancelling(async () => {
        await expect(insert(store, group, group)).rejects.toMatchObject({ kind: 'ambiguous' })
        // The primary has it.
        expect(await pair.primary('shop.wallets').where('user_id', group)).toHaveLength(1)
        await expect(store.committed(group)).rejects.toMatchObject({ kind: 'unavailable' })
      })
      expect(await store.committed(group)).toBe(true)
    })

    test('is resolved by a later write that reaches the standby', async () => {
      const store = openStore()
      pair.freeze()
      const inserting = insert(store, nameOf('settled'), nameOf('settled'))
      await pair.cancelWaits()
      await pair.waits(1)
      pair.thaw()
      await inserting
    })

    test('is not replayed to a caller that retries the request', async () => {
      const shop = createShop({ store: openStore(), limits: { timeoutMs: 300 } })
      const call = { scope: nameOf('key'), key: 'charge' }
      const charge = () => shop.balance.charge({ userId: nameOf('replay'), amount: 1_000 }, { idempotency: call })
      await whileCancelling(async () => {
        await expect(charge()).rejects.toMatchObject({ name: 'ShopUnavailable', ambiguous: true })
        await expect(charge()).rejects.toMatchObject({ name: 'ShopUnavailable' })
      })
      // The time limit is for the calls above: on a busy machine, it may also be too short for this one.
      await expect.poll(() => charge().catch(() => undefined), { timeout: 20_000 }).toMatchObject({ balance: 1_000 })
      await shop.close()
    })

    test("rejects a caller's transaction on a knexConnection", async () => {
      const knex = connect({ pipeline })
      const shop = createShop({ store: knexStore(knex) })
      const charging = () =>
        knex.transaction((trx) => shop.within(trx).balance.charge({ userId: nameOf('guest'), amount: 1_000 }))
      const error = await whileCancelling(() => charging().catch((error: unknown) => error))
      expect(isStoreError(error) && error.kind).toBe('ambiguous')
      expect(await charging()).toMatchObject({ ok: true })
    })

    test('rejects a transaction that the store opens for its host, also over the pool of the host', async () => {
      const hosts = [
        createKnex({ client: 'pg', connection: pair.primaryUrl, pool: { min: 0, max: 2 } }),
        connect({ pipeline }),
      ]
      const pool = new pg.Pool({ connectionString: pair.primaryUrl, max: 2 })
      const insertIn = (inside: Pick<Store, 'transact'>, userId: string) =>
        put(inside, { inserted: { wallets: [walletOf(nameOf(userId))] } })
      const opening = [
        ...hosts.map((knex, index) => {
          const store = knexStore(knex)
          return () => store.transactions.run((trx) => insertIn(store.within(trx), `opened-${index}`))
        }),
        () => {
          const store = postgresStore(pool)
          return store.transactions.run((client) => insertIn(store.within(client), 'opened-pg'))
        },
      ]
      const ended = await whileCancelling(() => Promise.allSettled(opening.map((open) => open())))
      expect(ended.map((each) => each.status === 'rejected' && each.reason.kind)).toEqual(
        opening.map(() => 'ambiguous'),
      )
      await Promise.all([hosts[0]?.destroy(), pool.end()])
    })

    test('delivers no event, because the event may be lost', async () => {
      const store = openStore()
      const orderId = nameOf('order')
      await put(store, { inserted: { orders: [paidOrderOf(orderId)], events: [eventOf(orderId)] } })
      const sent: string[] = []
      const relay = () =>
        relayOnce(
          {
            store: store.outbox,
            sender: {
              send: async ({ eventId }) => {
                sent.push(eventId)
                return { kind: 'sent' }
              },
            },
            newId: () => 'lease',
            random: () => 0,
            options: { leaseMs: 1 },
          },
          new AbortController().signal,
        )
      await whileCancelling(() => expect(relay()).rejects.toMatchObject({ kind: 'ambiguous' }))
      expect(sent).toEqual([])
      await expect.poll(relay).toBe(1)
      expect(sent).toEqual([`${orderId}-event-1`])
    })

    test('grants no lease, and renews none', async () => {
      const locks = knexLocks(connect({ pipeline }))
      const name = nameOf('job')
      await whileCancelling(() =>
        expect(locks.withLock(name, async () => 'never', { leaseMs: 50 })).rejects.toMatchObject({ kind: 'ambiguous' }),
      )
      const leading = locks.withLock(
        name,
        ({ signal }) =>
          whileCancelling(
            () => new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason))),
          ),
        { leaseMs: 500, waitMs: 20_000 },
      )
      expect(await leading).toMatchObject({ held: true, value: { message: expect.stringContaining('in time') } })
    })
  })
})

describe('after connections have led to the standby', () => {
  test.each([{ pipeline: true }, { pipeline: false }])(
    'the first write on the primary succeeds (pipeline $pipeline)',
    async ({ pipeline }) => {
      const proxy = await startProxy(pair.primaryUrl)
      const store = knexStore(connect({ url: proxy.url, pipeline }))
      const shop = createShop({ store })
      const charge = () => shop.balance.charge({ userId: `moved-${pipeline}`, amount: 1_000 })
      const fillPool = () => Promise.allSettled(Array.from({ length: 10 }, () => store.ping()))
      await fillPool()
      expect(await charge()).toMatchObject({ balance: 1_000 })
      proxy.leadTo(pair.standbyUrl)
      proxy.cut()
      await expect(charge()).rejects.toMatchObject({ name: 'ShopUnavailable', ambiguous: false })
      await fillPool()
      // These connections stay on the standby.
      proxy.leadTo(pair.primaryUrl)
      expect(await charge()).toMatchObject({ balance: 2_000 })
      await shop.close()
      await proxy.stop()
    },
  )
})

test('acknowledged commits survive a failover, and earlier sessions accept writes', async () => {
  const early = createShop({ store: knexStore(connect({ url: pair.standbyUrl })) })
  const anywhere = { userId: 'early', amount: 1_000 }
  await Promise.all(Array.from({ length: 5 }, () => early.orders.list({ limit: 1 })))
  await expect(early.balance.charge(anywhere)).rejects.toMatchObject({ name: 'ShopUnavailable', ambiguous: false })
  const shop = createShop({ store: knexStore(connect()), limits: { timeoutMs: 500 } })
  const charges = Array.from({ length: 40 }, (_, index) => `durable-${index}`)
  const charge = (userId: string) => shop.balance.charge({ userId, amount: 1_000 })
  await Promise.all(charges.slice(0, 20).map(charge))
  const late = await whileCancelling(() => Promise.allSettled(charges.slice(20).map(charge)), { thaw: false })
  const retries: unknown[] = []
  const patient = createShop({
    store: knexStore(connect({ url: pair.standbyUrl }), { databaseWaitMs: 9_000 }),
    observer: { onRetry: ({ kind }) => void retries.push(kind) },
  })
  const waiting = patient.balance.charge({ userId: 'patient', amount: 1_000 })
  await expect.poll(() => retries).toEqual(['unavailable'])
  await pair.failOver()
  expect(await waiting).toMatchObject({ balance: 1_000 })
  // It waited for the promotion, instead of trying on the standby.
  expect(retries).toHaveLength(1)
  expect(await early.balance.charge(anywhere)).toMatchObject({ balance: 1_000 })
  const done = charges.filter((_, index) => index < 20 || late[index - 20]?.status === 'fulfilled')
  const kept = await pair.standby('shop.wallets').whereLike('user_id', 'durable-%').pluck('user_id')
  expect(done.filter((userId) => !kept.includes(userId))).toEqual([])
  // Not vacuous: the primary had commits that the standby never received.
  expect(kept.length).toBeLessThan(40)
  await Promise.all([early.close(), patient.close(), shop.close()])
})
