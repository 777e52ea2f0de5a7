import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeOrder, updateProduct } from '../../src/commands.js'
import { gatedStore } from '../../src/conformance/store-wrappers.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type ExecutorObserver, type Outcome, type Shop } from '../../src/index.js'
import { resolvePolicies } from '../../src/policies/resolve-policies.js'

const policies = resolvePolicies('standard', { order: { pendingPerUser: null } })
const one = (userId: string) => ({ userId, products: [{ productId: 'p', quantity: 1 }] })
const codesOf = (outcomes: readonly Outcome<unknown>[]) =>
  new Set(outcomes.flatMap((each) => (each.ok ? [] : each.refusal.code)))

describe('60 orders at once by 10 people, in any order of events', { timeout: 60_000 }, () => {
  it.each([
    { servers: 1, stock: 99, sold: 20, codes: ['PURCHASE_LIMIT_EXCEEDED'] },
    { servers: 2, stock: 99, sold: 20, codes: ['PURCHASE_LIMIT_EXCEEDED'] },
    { servers: 2, stock: 7, sold: 7, codes: ['PURCHASE_LIMIT_EXCEEDED', 'STOCK_INSUFFICIENT'] },
  ])('sell each the limit of 2, and no one more: $sold on $servers servers, of $stock in stock', async (given) => {
    const property = fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 60 }), async (scheduler, size) => {
      const store = inMemoryStore()
      const shop = createShop({ store, policies })
      await shop.products.create({ productId: 'p', name: 'P', price: 1, stock: given.stock, purchaseLimit: 2 })
      const gated = gatedStore(store, (label) => scheduler.schedule(Promise.resolve(), label))
      const limits = { maxGroupSize: size, concurrentGroups: 2 }
      const shops = Array.from({ length: given.servers }, () => createShop({ store: gated, policies, limits }))
      const orders = Array.from({ length: 60 }, (_, nth) =>
        (shops[nth % given.servers] as Shop).execute(placeOrder, one(`u${Math.floor(nth / 6)}`)),
      )
      const outcomes: Outcome<unknown>[] = await scheduler.waitFor(Promise.all(orders))
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(given.sold)
      for (const code of codesOf(outcomes)) expect(given.codes).toContain(code)
      const counts = new Map<string, number>()
      for (const { userId } of store.rows('orders')) counts.set(userId, (counts.get(userId) ?? 0) + 1)
      expect(Math.max(...counts.values())).toBeLessThanOrEqual(2)
      expect((await shop.audit()).violations).toEqual([])
    })
    await fc.assert(property, { numRuns: 15 })
  })
})

describe('a limit that is set in the group of an order', () => {
  it('counts what the user bought before it: the group is split, and the order is decided on loaded purchases', async () => {
    const store = inMemoryStore()
    const retries: unknown[] = []
    const observer: ExecutorObserver = { onRetry: (retry) => retries.push(retry) }
    const shop = createShop({ store, policies, observer, limits: { concurrentGroups: 1 } })
    await shop.products.create({ productId: 'p', name: 'P', price: 1, stock: 9 })
    for (let bought = 0; bought < 3; bought += 1) await shop.orders.place(one('u'))
    const outcomes = await Promise.all([
      shop.execute(updateProduct, { productId: 'p', purchaseLimit: 3 }),
      shop.execute(placeOrder, one('u')),
      shop.execute(placeOrder, one('v')),
    ])
    expect(retries).toEqual([{ kind: 'busy', size: 3, split: true }])
    const [updated, own, other] = outcomes
    expect([updated?.ok, other?.ok]).toEqual([true, true])
    const lines = [{ productId: 'p', limit: 3, bought: 3, requested: 1 }]
    if (own && !own.ok) expect(own.refusal).toEqual({ code: 'PURCHASE_LIMIT_EXCEEDED', lines })
    expect((await shop.audit()).violations).toEqual([])
  })
})
