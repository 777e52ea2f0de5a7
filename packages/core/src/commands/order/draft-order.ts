import type { Facts } from '../../engine/facts.js'
import { redemption } from '../../model/coupon.js'
import { discountAmount } from '../../model/discount.js'
import type { OrderLine } from '../../model/order.js'
import type { Policies } from '../../policies/policies.js'
import type { Instant } from '../../shared/instant.js'
import { invariant } from '../../shared/invariant.js'
import type { Refusal, ShortLine } from '../../shared/refusal.js'
import { type Demand, shortLines, sumDemand } from '../stock.js'

/** Whether one call orders and pays. */
export const paysAtOnce = ({ order }: Policies): boolean => order.checkout === 'order-and-pay'

const takesStockNow = (policies: Policies): boolean => policies.stock.takenAt === 'order' || paysAtOnce(policies)

const priced = (facts: Facts, demands: readonly Demand[]): OrderLine[] =>
  demands.map(({ productId, quantity }) => {
    const product = facts.product(productId)
    invariant(product, `product ${productId} was there when it was checked`)
    return { productId, name: product.name, unitPrice: product.price, quantity, amount: product.price * quantity }
  })

/** What an order of these products would be, before its coupon. */
export interface Basket {
  /** One line per product that stays. */
  readonly lines: readonly OrderLine[]
  /** Lines that are dropped for insufficient stock. */
  readonly droppedLines: readonly ShortLine[]
  /** Sum of the lines. */
  readonly totalAmount: number
}

/** The lines of an order of these products, or the refusal of the products or of the stock. */
export const draftBasket = (
  facts: Facts,
  products: readonly Demand[],
  policies: Policies,
): { readonly ok: true; readonly basket: Basket } | { readonly ok: false; readonly refusal: Refusal } => {
  const demands = sumDemand(products)
  const missing = demands.map(({ productId }) => productId).filter((productId) => !facts.product(productId)?.listed)
  if (missing.length > 0) return { ok: false, refusal: { code: 'PRODUCT_NOT_FOUND', productIds: missing } }

  const short = takesStockNow(policies) ? shortLines(facts, demands) : []
  const drops = policies.stock.shortage === 'drop-lines' && short.length < demands.length
  if (short.length > 0 && !drops) return { ok: false, refusal: { code: 'STOCK_INSUFFICIENT', lines: short } }
  const dropped = new Set(short.map(({ productId }) => productId))
  const lines = priced(
    facts,
    demands.filter(({ productId }) => !dropped.has(productId)),
  )
  const totalAmount = lines.reduce((sum, { amount }) => sum + amount, 0)
  return { ok: true, basket: { lines, droppedLines: short, totalAmount } }
}

/** The discount of a user's coupon on a basket, or why the coupon cannot be redeemed. */
export const draftDiscount = (
  facts: Facts,
  { userId, couponId }: { readonly userId: string; readonly couponId: string },
  { totalAmount, now }: { readonly totalAmount: number; readonly now: Instant },
) => {
  const terms = facts.couponTerms(couponId)
  const refusal = redemption(couponId, terms, facts.issuedCoupon(couponId, userId), { totalAmount, now })
  if (refusal) return { ok: false, refusal } as const
  invariant(terms, `coupon ${couponId} was there when it was checked`)
  return { ok: true, discount: discountAmount(terms.discount, totalAmount) } as const
}
