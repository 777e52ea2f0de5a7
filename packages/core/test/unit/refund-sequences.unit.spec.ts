import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WalletEntry } from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, isShopRefusal, resolvePolicies } from '../../src/index.js'
import { sumOf } from '../../src/model/lot.js'
import { defaultNow, manualClock } from '../../src/testing/index.js'
import { day } from './bonus.js'

const userId = 'u1'
const products = ['p1', 'p2', 'p3']

const scenario = fc.record({
  prices: fc.array(fc.nat({ max: 5_000 }), { minLength: 3, maxLength: 3 }),
  quantities: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
  discount: fc.integer({ min: 1, max: 20_000 }),
  minimum: fc.option(fc.nat({ max: 15_000 })),
  /** Amount and end of each grant, in days. */
  grants: fc.array(
    fc.record({ amount: fc.integer({ min: 1, max: 8_000 }), days: fc.option(fc.integer({ min: 1, max: 9 })) }),
    {
      maxLength: 5,
    },
  ),
  spend: fc.constantFrom('bonus-first' as const, 'paid-first' as const),
  refundedBonusDays: fc.constantFrom(0, 2),
  whenMinimumIsMissed: fc.constantFrom('keep-discount' as const, 'withdraw-discount' as const),
  steps: fc.array(
    fc.record({
      lines: fc.option(
        fc.array(fc.record({ productId: fc.constantFrom(...products), quantity: fc.integer({ min: 1, max: 3 }) }), {
          minLength: 1,
          maxLength: 3,
        }),
      ),
      restock: fc.boolean(),
      days: fc.nat({ max: 4 }),
    }),
    { maxLength: 6 },
  ),
})

/** What entries of a kind moved of each source; paid money is under null. */
const bySource = (entries: readonly WalletEntry[], kind: WalletEntry['kind']): ReadonlyMap<string | null, number> => {
  const sums = new Map<string | null, number>()
  const add = (source: string | null, amount: number) => sums.set(source, (sums.get(source) ?? 0) + amount)
  for (const entry of entries.filter((each) => each.kind === kind)) {
    add(null, entry.amount - sumOf(entry.lots))
    for (const { lotId, amount } of entry.lots ?? []) add(lotId, amount)
  }
  return sums
}

describe('any sequence of refunds', () => {
  it('pays back exactly what was paid, to the sources it came from, and keeps every law', {
    timeout: 60_000,
  }, async () => {
    const property = fc.asyncProperty(scenario, async (drawn) => {
      const { spend, refundedBonusDays, whenMinimumIsMissed } = drawn
      const clock = manualClock(defaultNow)
      const store = inMemoryStore({ clock })
      const shop = createShop({
        store,
        policies: resolvePolicies('standard', {
          wallet: { spend, refundedBonusDays },
          refund: { whenMinimumIsMissed },
        }),
      })
      await shop.balance.charge({ userId, amount: 60_000 })
      for (const { amount, days } of drawn.grants)
        await shop.balance.grant({ userId, amount, expiresAt: days === null ? null : clock.now() + days * day })
      for (const [index, productId] of products.entries())
        await shop.products.create({ productId, name: productId, price: drawn.prices[index] ?? 0, stock: 10 })
      await shop.coupons.create({
        couponId: 'c1',
        name: 'c1',
        discount: { kind: 'fixed', amount: drawn.discount },
        quantity: 1,
        validUntil: clock.now() + 99 * day,
        minimumOrderAmount: drawn.minimum,
      })
      await shop.coupons.issue({ userId, couponId: 'c1' })
      const basket = drawn.quantities.map((quantity, index) => ({ productId: products[index] as string, quantity }))
      const order = { userId, products: basket }
      const { coupon } = await shop.orders.quote({ ...order, couponId: 'c1' })
      const { orderId, finalAmount } = await shop.orders.place({ ...order, couponId: coupon?.applies ? 'c1' : null })
      await shop.payments.pay({ userId, orderId })
      const paid = await shop.balance.get({ userId })

      for (const { days, restock, lines } of [...drawn.steps, { days: 1, restock: true, lines: null }]) {
        clock.move(days * day)
        const before = await shop.orders.get({ orderId })
        if (before.status === 'refunded') break
        const refund = await shop.orders
          .refund({ orderId, restock, ...(lines && { lines }) })
          .catch((error: unknown) => {
            expect(isShopRefusal(error) && error.code).toBe('REFUND_EXCEEDS_ORDER')
          })
        const after = await shop.orders.get({ orderId })
        expect(after).toEqual(refund ?? before)
        expect(after.refundedAmount ?? 0).toBeLessThanOrEqual(finalAmount)
        expect(sumOf(after.refunds ?? [])).toBe(after.refundedAmount ?? 0)
        const taken = bySource(store.rows('entries'), 'payment')
        for (const [source, amount] of bySource(store.rows('entries'), 'refund'))
          expect(amount).toBeLessThanOrEqual(-(taken.get(source) ?? 0))
      }

      const done = await shop.orders.get({ orderId })
      expect([done.status, done.refundedAmount]).toEqual(['refunded', finalAmount])
      const entries = store.rows('entries')
      const taken = bySource(entries, 'payment')
      const returned = bySource(entries, 'refund')
      for (const [source, amount] of taken) expect(returned.get(source) ?? 0).toBe(0 - amount)
      const { balance, withdrawable = balance } = await shop.balance.get({ userId })
      expect(withdrawable).toBe(60_000)
      expect(balance).toBeLessThanOrEqual(paid.balance + finalAmount)
      await shop.upkeep.expireLots()
      expect((await shop.audit()).violations).toEqual([])
    })
    await fc.assert(property)
  })
})
