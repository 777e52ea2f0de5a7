import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type OrderView, previewRefund, resolvePolicies } from '../../src/index.js'

interface Basket {
  readonly lines: readonly { readonly price: number; readonly quantity: number }[]
  readonly discount: number
  readonly minimum: number
  /** Each draws some units of one line; a draw beyond what is left takes what is left. */
  readonly draws: readonly { readonly line: number; readonly quantity: number }[]
  readonly whenMinimumIsMissed: 'keep-discount' | 'withdraw-discount'
}

const baskets: fc.Arbitrary<Basket> = fc.record({
  lines: fc.array(fc.record({ price: fc.integer({ min: 0, max: 40 }), quantity: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  discount: fc.integer({ min: 1, max: 60 }),
  minimum: fc.integer({ min: 1, max: 100 }),
  draws: fc.array(fc.record({ line: fc.nat(2), quantity: fc.integer({ min: 1, max: 4 }) }), { maxLength: 12 }),
  whenMinimumIsMissed: fc.constantFrom('keep-discount', 'withdraw-discount'),
})

const userId = 'u1'

const paidOrder = async ({ lines, discount, minimum, whenMinimumIsMissed }: Basket) => {
  const shop = createShop({
    store: inMemoryStore(),
    policies: resolvePolicies('standard', { refund: { whenMinimumIsMissed } }),
  })
  const total = lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
  await shop.balance.charge({ userId, amount: 1_000 })
  for (const [index, { price }] of lines.entries())
    await shop.products.create({ productId: `p${index}`, name: 'Cup', price, stock: 10 })
  // A coupon whose minimum the order itself misses would be refused.
  const minimumOrderAmount = Math.max(1, Math.min(minimum, total))
  await shop.coupons.create({
    couponId: 'c1',
    name: 'Welcome',
    discount: { kind: 'fixed', amount: discount },
    quantity: 1,
    validUntil: '2099-01-01T00:00:00Z',
    minimumOrderAmount,
  })
  await shop.coupons.issue({ userId, couponId: 'c1' })
  const products = lines.map(({ quantity }, index) => ({ productId: `p${index}`, quantity }))
  const { orderId } = await shop.orders.place({ userId, products, ...(total > 0 && { couponId: 'c1' }) })
  const { order } = await shop.payments.pay({ userId, orderId })
  return { shop, order, minimumOrderAmount }
}

const lastAmount = ({ refunds }: OrderView): number | undefined => refunds?.at(-1)?.amount

it('previews what every refund of an order gives back, in whatever order they come', { timeout: 60_000 }, () =>
  fc.assert(
    fc.asyncProperty(baskets, async (basket) => {
      const { shop, order: paid, minimumOrderAmount } = await paidOrder(basket)
      const minimum = basket.whenMinimumIsMissed === 'withdraw-discount' ? minimumOrderAmount : undefined
      let order = paid
      for (const { line, quantity } of basket.draws) {
        const drawn = order.lines[line % order.lines.length]
        if (!drawn) continue
        const left = drawn.quantity - (drawn.refundedQuantity ?? 0)
        if (left === 0) continue
        const lines = [{ productId: drawn.productId, quantity: Math.min(quantity, left) }]
        const previewed = previewRefund(order, lines, minimum)
        order = await shop.orders.refund({ orderId: order.orderId, lines })
        expect(previewed).toBe(lastAmount(order))
      }
      const rest = order.lines.flatMap(({ productId, quantity, refundedQuantity = 0 }) =>
        quantity > refundedQuantity ? [{ productId, quantity: quantity - refundedQuantity }] : [],
      )
      if (rest.length === 0) return
      const previewed = previewRefund(order, rest, minimum)
      expect(previewed).toBe(lastAmount(await shop.orders.refund({ orderId: order.orderId })))
    }),
    { numRuns: 60 },
  ),
)
