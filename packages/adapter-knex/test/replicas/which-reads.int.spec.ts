import { knexStore, migrate } from '@shop/adapter-knex'
import type { Reads } from '@shop/core/store'
import { expect, test } from 'vitest'
import { look, put } from '../support/open-shop-database.js'
import { couponOf, issuedOf, lotOf, noon, orderOf, paidOrderOf, productOf, walletWith } from '../support/rows.js'
import { tamperWith } from '../support/tamper.js'
import { replay, standbyForTests, storeWith } from './support.js'

const { pair, connect } = standbyForTests()

/** Every read, each of which shows whether the rows of the test are there. */
const asked: { readonly [Read in keyof Reads]: (reads: Reads) => Promise<unknown> } = {
  wallet: (reads) => reads.wallet('ann'),
  entries: (reads) => reads.entries({ userId: 'ann', limit: 9 }),
  allEntries: (reads) => reads.allEntries({ limit: 9 }),
  walletsWithEndedLots: (reads) => reads.walletsWithEndedLots({ limit: 9 }),
  product: (reads) => reads.product('mug'),
  productsWithIds: (reads) => reads.productsWithIds(['mug']),
  drops: (reads) => reads.drops({ limit: 9 }),
  products: (reads) => reads.products({ offset: 0, limit: 9 }),
  ranking: (reads) => reads.ranking(),
  coupon: (reads) => reads.coupon('c1'),
  coupons: (reads) => reads.coupons({ limit: 9 }),
  claimableCoupons: (reads) => reads.claimableCoupons({ limit: 9 }),
  couponsOf: (reads) => reads.couponsOf({ userId: 'ann', limit: 9 }),
  order: (reads) => reads.order('o1'),
  orders: (reads) => reads.orders({ limit: 9 }),
  payment: (reads) => reads.payment('o2-payment'),
  events: (reads) => reads.events({ limit: 9 }),
  eventCounts: (reads) => reads.eventCounts(),
  historyLosses: (reads) => reads.historyLosses({ limit: 1 }),
  overdueOrders: (reads) => reads.overdueOrders({ limit: 9 }),
}

const answers = async (reads: Reads): Promise<Record<string, unknown>> => {
  const found: Record<string, unknown> = {}
  for (const [name, ask] of Object.entries(asked)) found[name] = await ask(reads)
  return found
}

const publicLists = ['claimableCoupons', 'drops', 'products', 'ranking']

test.each([
  { live: false, elsewhere: publicLists },
  { live: true, elsewhere: [...publicLists, 'productsWithIds'] },
])('only public lists come from a replica (live streams $live)', async ({ live, elsewhere }) => {
  const schema = `shop_${live}`
  await migrate(pair().primary, { schema })
  const clock = { now: () => noon }
  const primary = connect(pair().primaryUrl)
  const { store, inUse, reads } = storeWith(primary, [connect(pair().standbyUrl)], {
    maxLagMs: 60_000,
    live,
    schema,
    clock,
  })
  await inUse()
  await replay(pair(), false)
  const before = await answers(store.reads)
  await put(store, {
    inserted: {
      wallets: [walletWith('ann', [lotOf('l', { expiresAt: noon - 1 })])],
      products: [productOf('mug', { opensAt: noon - 1 }), productOf('tea')],
      coupons: [couponOf('c1')],
      issuedCoupons: [issuedOf('c1', 'ann')],
      orders: [orderOf('o1', { expiresAt: noon - 1 }), paidOrderOf('o2')],
    },
  })
  const fromPrimary = await answers(knexStore(primary, { schema, clock }).reads)
  const after = await answers(store.reads)
  const changed = Object.keys(asked).filter(
    (name) => JSON.stringify(fromPrimary[name]) !== JSON.stringify(before[name]),
  )
  const old = Object.keys(asked).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(fromPrimary[name]))
  expect(old.sort()).toEqual(elsewhere.filter((name) => changed.includes(name)).sort())
  // The ranking is empty on both sides: that it was read on the replica shows in the counts.
  expect(changed).toEqual(expect.arrayContaining(elsewhere.filter((name) => name !== 'ranking')))
  const ofRanking = reads.replica
  await store.reads.ranking()
  expect(reads.replica).toBe(ofRanking + 1)
  expect(store.supports.staleLists).toEqual({ maxAgeMs: 60_000, reads: expect.arrayContaining(elsewhere) })

  const { found } = await store.reads.products({ offset: 0, limit: 9, includeUnlisted: true })
  expect(found).toHaveLength(2)
  expect((await store.reads.products({ offset: 0, limit: 9, mustBeCurrent: true })).total).toBe(2)
  await store.reads.ranking({ mustBeCurrent: true })
  expect(reads.replica).toBe(ofRanking + 1)
  expect((await look(store, { lock: { products: ['mug'] } })).products).toHaveLength(1)
  await store.transactions.run(async (trx) => {
    expect((await store.within(trx).reads.products({ offset: 0, limit: 9 })).total).toBe(2)
  })
})

test('the time of a list is that of the primary, which the replica is told', async () => {
  const replica = connect(pair().standbyUrl)
  const told: unknown[] = []
  tamperWith(replica, (query, send) => {
    if (query.text.includes('with clock')) told.push(query.values[0])
    return send(query)
  })
  const { store, inUse } = storeWith(connect(pair().primaryUrl), [replica])
  await inUse()
  const timeOf = async () =>
    Number((await pair().primary.raw(`select date_part('epoch', clock_timestamp()) * 1000 as now`)).rows[0].now)
  const before = await timeOf()
  const { now } = await store.reads.drops({ limit: 1 })
  const after = await timeOf()
  expect(told.at(-1)).toBe(now)
  expect(told).not.toContain(null)
  // The time that the primary took to tell it.
  expect(now).toBeGreaterThan(before - 5_000)
  expect(now).toBeLessThanOrEqual(after + 1)
})
