import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refundOrder } from '../../src/commands.js'
import { gatedStore } from '../../src/conformance/store-wrappers.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type OrderView, type Outcome, type Shop } from '../../src/index.js'

const userId = 'u1'
const couponId = 'c1'

/** Two shops over one store with an order of five units for 1,563, paid with 1,000 of bonus money. */
const boughtFive = async (scheduler: fc.Scheduler) => {
  const store = inMemoryStore()
  const shop = createShop({ store })
  await shop.balance.charge({ userId, amount: 1_000 })
  await shop.balance.grant({ userId, amount: 1_000 })
  await shop.products.create({ productId: 'p', name: 'P', price: 333, stock: 5 })
  const discount = { kind: 'fixed', amount: 102 } as const
  await shop.coupons.create({ couponId, name: 'C', discount, quantity: 1, validUntil: Date.UTC(2100, 0, 1) })
  await shop.coupons.issue({ userId, couponId })
  const products = [{ productId: 'p', quantity: 5 }]
  const { orderId } = await shop.orders.place({ userId, products, couponId })
  await shop.payments.pay({ userId, orderId })
  const gated = gatedStore(store, (label) => scheduler.schedule(Promise.resolve(), label))
  const limits = { maxGroupSize: 2, concurrentGroups: 2 }
  const shops = [createShop({ store: gated, limits }), createShop({ store: gated, limits })]
  return { shop, store, orderId, shopOf: (nth: number) => shops[nth % 2] as Shop }
}

describe('twelve refunds of an order of five units, in any order of events', { timeout: 60_000 }, () => {
  it('of one unit each succeed exactly five times, and pay back what was paid', async () => {
    const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { shop, store, orderId, shopOf } = await boughtFive(scheduler)
      const input = { orderId, lines: [{ productId: 'p', quantity: 1 }] }
      const refunds = Array.from({ length: 12 }, (_, nth) => shopOf(nth).execute(refundOrder, input))
      const outcomes: Outcome<OrderView>[] = await scheduler.waitFor(Promise.all(refunds))
      const refused = outcomes.flatMap((each) => (each.ok ? [] : [each.refusal]))
      expect(refused).toHaveLength(7)
      for (const refusal of refused) expect(refusal).toMatchObject({ code: 'ORDER_NOT_PAID', orderStatus: 'refunded' })

      const order = await shop.orders.get({ orderId })
      expect([order.status, order.refundedAmount]).toEqual(['refunded', 1_563])
      expect(order.refunds?.map(({ amount }) => amount)).toEqual([312, 313, 312, 313, 313])
      expect(await shop.balance.get({ userId })).toMatchObject({ balance: 2_000, withdrawable: 1_000 })
      expect(store.rows('products')).toMatchObject([{ stock: 5, received: 5 }])
      expect(store.rows('issuedCoupons')).toMatchObject([{ usedByOrderId: null }])
      expect((await shop.audit()).violations).toEqual([])
    })
    await fc.assert(property, { numRuns: 25 })
  })

  it('of two units each succeed twice, and then one unit is left', async () => {
    const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { shop, orderId, shopOf } = await boughtFive(scheduler)
      const input = { orderId, lines: [{ productId: 'p', quantity: 2 }] }
      const refunds = Array.from({ length: 12 }, (_, nth) => shopOf(nth).execute(refundOrder, input))
      const outcomes: Outcome<OrderView>[] = await scheduler.waitFor(Promise.all(refunds))
      const refused = outcomes.flatMap((each) => (each.ok ? [] : [each.refusal]))
      expect(refused).toHaveLength(10)
      const lines = [{ productId: 'p', requested: 2, refundable: 1 }]
      for (const refusal of refused) expect(refusal).toEqual({ code: 'REFUND_EXCEEDS_ORDER', lines })
      expect((await shop.orders.get({ orderId })).lines[0]?.refundedQuantity).toBe(4)
      expect((await shop.audit()).violations).toEqual([])
    })
    await fc.assert(property, { numRuns: 10 })
  })
})
