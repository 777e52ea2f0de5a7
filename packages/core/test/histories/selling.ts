import type { Run } from '../../src/conformance/laws/run.js'
import type { IssueCoupon, OrderView, ProductsAt } from '../../src/index.js'

/** What freed units that an accepted order needed: another end of an earlier order of the user, or a refund. */
const roomFor = ({ sight }: Run, placed: OrderView): readonly string[] =>
  placed.lines.flatMap(({ productId, quantity, purchaseLimit }) => {
    if (purchaseLimit === undefined) return []
    const earlier = sight.orders.filter(
      ({ userId, orderId, createdAt }) =>
        userId === placed.userId && orderId < placed.orderId && createdAt <= placed.createdAt,
    )
    return earlier.flatMap((order) => {
      const line = order.lines.find((each) => each.productId === productId)
      if (!line || line.quantity + quantity <= purchaseLimit) return []
      return order.status === 'paid' ? 'room after a refund in part' : `room after an order is ${order.status}`
    })
  })

/** What happened to hours, sales, limits and codes in a history. */
export const sellingOf = (run: Run): readonly string[] => {
  const heard: string[] = []
  const regular = new Map<string, number>()
  for (const { call, answer } of run.journal.records) {
    const input = call.input as IssueCoupon
    if (answer.kind === 'refused') {
      const { refusal } = answer
      heard.push(`${call.name} refused as ${refusal.code}`)
      if (refusal.code === 'PRODUCT_NOT_ON_SALE')
        heard.push(refusal.retryAfter === null ? 'closed for good' : 'not yet open')
      if (refusal.code === 'PURCHASE_LIMIT_EXCEEDED' && refusal.lines.some(({ bought, limit }) => bought > limit))
        heard.push('a limit that was lowered')
      if (refusal.code === 'COUPON_NOT_FOUND' && input.requiresCode && input.couponId) heard.push('a secret coupon')
      continue
    }
    if (answer.kind !== 'ok') continue
    if (call.name === 'coupons.issue' && input.code !== undefined) heard.push('issued by code')
    if (call.name === 'products.drops' && (answer.result as ProductsAt).products.length > 1) heard.push('several drops')
    if (call.name.startsWith('products.') && 'price' in call.input)
      regular.set((answer.result as { productId: string }).productId, call.input.price as number)
    if (call.name !== 'orders.place' || answer.replayed) continue
    const placed = answer.result as OrderView
    heard.push(...roomFor(run, placed))
    if (placed.lines.some(({ productId, unitPrice }) => unitPrice < (regular.get(productId) ?? 0)))
      heard.push('sold at a sale price')
  }
  for (const { discountedProductIds: shared, lines, discountAmount, refunds } of run.sight.orders) {
    if (!shared || shared.length === lines.length || discountAmount === 0) continue
    heard.push('a discount on some lines')
    if (refunds) heard.push('a refund of a discount on some lines')
  }
  return heard
}

/** What random histories must reach of them. */
export const sellingToReach: readonly string[] = [
  'orders.quote refused as PRODUCT_NOT_ON_SALE',
  'orders.quote refused as PURCHASE_LIMIT_EXCEEDED',
  'closed for good',
  'not yet open',
  'a limit that was lowered',
  'a secret coupon',
  'issued by code',
  'several drops',
  'sold at a sale price',
  'a discount on some lines',
  'a refund of a discount on some lines',
  'room after a refund in part',
  ...['cancelled', 'failed', 'expired', 'refunded'].map((status) => `room after an order is ${status}`),
]
