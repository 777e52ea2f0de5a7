import { knexConnection, knexStore, migrate } from '@shop/adapter-knex'
import { createShop, isShopRefusal, presetNames, resolvePolicies, type Shop, type Store } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { laws } from '@shop/core/store'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { prove } from '../../src/demo/rush/prove.js'
import type { Rush, RushPlan } from '../../src/demo/rush/rush.js'
import { Rushes } from '../../src/demo/rush/rushes.js'

let database: FreshDatabase
let postgres: Store
beforeAll(async () => {
  database = await freshDatabase()
  const knex = knexConnection(database.url)
  await migrate(knex)
  postgres = knexStore(knex) as Store
  return () => knex.destroy()
})
afterAll(() => database.drop())

/** Only runs over HTTP need one. */
const noAddress = ''

let ids = 0
const nextId = () => `00000000-0000-7000-8000-${String(++ids).padStart(12, '0')}`

const rushesOver = (store: Store, policies = resolvePolicies()) => {
  const shop: Shop = createShop({ store, policies, observer: { onGroup: (group) => rushes.onGroup(group) } })
  const rushes = new Rushes({
    shop,
    store,
    newId: nextId,
    guards: [],
    logger: pino({ level: 'silent' }),
    database: undefined,
    tokens: undefined,
  })
  onTestFinished(async () => {
    await rushes.stop()
    await shop.close()
  })
  return { shop, rushes }
}

const ended = (rushes: Rushes, rushId: string): Promise<Rush> =>
  vi.waitFor(
    () => {
      const rush = rushes.get(rushId)
      expect(['done', 'failed']).toContain(rush?.state)
      return rush as Rush
    },
    { timeout: 20_000, interval: 20 },
  )

const plan = (over: Partial<RushPlan> = {}): RushPlan => ({
  kind: 'stock',
  quantity: 20,
  buyers: 200,
  concurrency: 100,
  modes: ['grouped', 'one-by-one'],
  ...over,
})

const expectGreen = (rush: Rush): void => {
  expect(rush.state).toBe('done')
  expect(rush.proofs.filter(({ holds }) => !holds)).toEqual([])
  expect(rush.laws.map(({ law }) => law)).toEqual(laws.map(({ id }) => id))
  expect(rush.laws.filter(({ broken }) => broken > 0)).toEqual([])
}

test('on Postgres, exactly 20 of 200 buyers get one of 20 units in each run, and money is conserved', async () => {
  const { rushes } = rushesOver(postgres)
  const rush = await ended(rushes, rushes.start(plan(), noAddress).rushId)
  expectGreen(rush)
  for (const run of rush.runs) {
    expect(run).toMatchObject({ state: 'done', answered: 200, won: 20, refused: 180, unavailable: 0, remaining: 0 })
    expect(run.latencyMs.p50).toBeLessThanOrEqual(run.latencyMs.p99)
    expect(run.samples.at(-1)).toMatchObject({ answered: 200, remaining: 0 })
  }
  const [grouped, single] = rush.runs
  expect(grouped?.groups.meanSize).toBeGreaterThan(2)
  expect(single?.groups).toMatchObject({ meanSize: 1, largest: 1 })
  const numbers = Object.fromEntries(rush.proofs.map(({ proof, mode, ...rest }) => [`${proof} ${mode}`, rest.numbers]))
  expect(numbers).toEqual({
    'nothing-oversold grouped': { quantity: 20, given: 20, told: 20 },
    'stock-conserved grouped': { received: 20, left: 0, given: 20 },
    'nothing-held grouped': { held: 0 },
    'nothing-oversold one-by-one': { quantity: 20, given: 20, told: 20 },
    'stock-conserved one-by-one': { received: 20, left: 0, given: 20 },
    'nothing-held one-by-one': { held: 0 },
    'money-conserved null': { charged: 4_000_000, balances: 3_600_000, paid: 400_000 },
  })
})

test('on Postgres, every buyer gets a coupon if there are enough, and the rest is withdrawn', async () => {
  const { shop, rushes } = rushesOver(postgres)
  const rush = await ended(rushes, rushes.start(plan({ kind: 'coupons', quantity: 50, buyers: 30 }), noAddress).rushId)
  expectGreen(rush)
  expect(rush.runs.map(({ won, remaining }) => [won, remaining])).toEqual([
    [30, 20],
    [30, 20],
  ])
  const { items } = await shop.coupons.claimable({ limit: 100 })
  expect(items).toEqual([])
})

describe.each(presetNames)('under %s', (preset) => {
  test.each(['stock', 'coupons'] as const)('a rush for %s breaks no law', async (kind) => {
    const { shop, rushes } = rushesOver(inMemoryStore(), resolvePolicies(preset))
    const rush = await ended(rushes, rushes.start(plan({ kind, modes: ['grouped'] }), noAddress).rushId)
    expectGreen(rush)
    expect(rush.runs).toMatchObject([{ mode: 'grouped', won: 20, refused: 180 }])
    expect((await shop.products.list({ page: 0, size: 10 })).total).toBe(0)
    expect((await shop.audit()).violations).toEqual([])
  })
})

test('the proofs detect a shop that oversells', async () => {
  const store = inMemoryStore()
  const forgetful: Store = {
    ...store,
    audit: async () => {
      const snapshot = await store.audit()
      return {
        ...snapshot,
        async *products() {
          for await (const facts of snapshot.products()) yield { ...facts, paidSum: facts.paidSum + 1 }
        },
      }
    },
  }
  const { rushes } = rushesOver(forgetful)
  const rush = await ended(rushes, rushes.start(plan({ modes: ['grouped'] }), noAddress).rushId)
  expect(rush.proofs.filter(({ holds }) => !holds).map(({ proof }) => proof)).toEqual([
    'nothing-oversold',
    'stock-conserved',
    'money-conserved',
  ])
  expect(rush.laws.filter(({ broken }) => broken > 0).map(({ law }) => law)).toEqual([
    'STOCK-CONSERVATION',
    'SALES-MATCH',
  ])
})

test('the proofs detect two servers whose sales do not add up', async () => {
  const store = inMemoryStore()
  const shop = createShop({ store })
  onTestFinished(() => shop.close())
  await shop.products.create({ productId: 'tea', name: 'Tea', price: 0, stock: 5 })
  const proofsOf = async (...wonByServer: readonly number[]) => {
    const { proofs } = await prove(store as Store, {
      rushId: 'none',
      plan: plan({ buyers: 5, quantity: 5 }),
      reported: [{ mode: 'two-servers', subjectId: 'tea', won: 0, wonByServer, unavailable: 0 }],
      charged: 0,
      price: 0,
      signal: new AbortController().signal,
    })
    return proofs.find(({ proof }) => proof === 'servers-add-up')
  }
  expect(await proofsOf(0, 0)).toMatchObject({ holds: true, numbers: { first: 0, second: 0, given: 0 } })
  expect(await proofsOf(1, 0)).toMatchObject({ holds: false, numbers: { first: 1, second: 0, given: 0 } })
  expect(await proofsOf(0)).toBeUndefined()
})

test('a stopped rush fails without delay', async () => {
  const { shop, rushes } = rushesOver(inMemoryStore())
  const { rushId } = rushes.start(plan({ buyers: 20_000 }), noAddress)
  await rushes.stop()
  expect([rushes.get(rushId)?.state, rushes.isBusy]).toEqual(['failed', false])
  expect((await shop.audit()).violations).toEqual([])
})

test('the last ten rushes are remembered', async () => {
  const { rushes } = rushesOver(inMemoryStore())
  const started: string[] = []
  for (let count = 0; count < 11; count += 1) {
    const { rushId } = rushes.start(plan({ quantity: 1, buyers: 1, modes: ['grouped'] }), noAddress)
    started.push(rushId)
    await ended(rushes, rushId)
  }
  expect(started.map((rushId) => rushes.get(rushId) !== undefined)).toEqual([false, ...Array(10).fill(true)])
})

test('the shop refuses orders for a retired product', async () => {
  const { shop, rushes } = rushesOver(inMemoryStore())
  const rush = await ended(rushes, rushes.start(plan({ quantity: 300, modes: ['grouped'] }), noAddress).rushId)
  const productId = rush.runs[0]?.subjectId ?? ''
  const refused = await shop.products.get({ productId }).catch((error) => isShopRefusal(error) && error.code)
  expect(refused).toBe('PRODUCT_NOT_FOUND')
})
