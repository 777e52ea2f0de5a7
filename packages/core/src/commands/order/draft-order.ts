import type { Context } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import { linesFor, redemption } from '../../model/coupon.js'
import { discountAmount } from '../../model/discount.js'
import type { OrderLine } from '../../model/order.js'
import { isOnSale, priceAt } from '../../model/product.js'
import type { Policies } from '../../policies/policies.js'
import { hasPassed, type Instant, isoOrNull } from '../../shared/instant.js'
import { invariant } from '../../shared/invariant.js'
import type { LimitedLine, Refusal, ShortLine } from '../../shared/refusal.js'
import { type Demand, shortLines, sumDemand, type Wanted, wantedOf } from '../stock.js'

/** Whether one call orders and pays. */
export const paysAtOnce = ({ order }: Policies): boolean => order.checkout === 'order-and-pay'

const takesStockNow = (policies: Policies): boolean => policies.stock.takenAt === 'order' || paysAtOnce(policies)

/** The products outside their hours, or undefined. */
const closedProducts = (wanted: readonly Wanted[], now: Instant): Refusal | undefined => {
  if (wanted.every(({ product }) => isOnSale(product, now))) return undefined
  const closed = wanted.map(({ product }) => product).filter((product) => !isOnSale(product, now))
  const hasClosed = closed.some(({ closesAt }) => closesAt !== null && hasPassed(closesAt, now))
  const opensAt = Math.max(...closed.map((product) => product.opensAt ?? now))
  return {
    code: 'PRODUCT_NOT_ON_SALE',
    products: closed.map((product) => ({
      productId: product.productId,
      opensAt: isoOrNull(product.opensAt),
      closesAt: isoOrNull(product.closesAt),
    })),
    retryAfter: hasClosed ? null : Math.max(1, Math.ceil((opensAt - now) / 1_000)),
  }
}

/** The demands that would give the user more than a purchase limit, or undefined. */
const overLimit = (facts: Facts, userId: string, wanted: readonly Wanted[]): Refusal | undefined => {
  const lines: LimitedLine[] = []
  for (const { product, quantity: requested } of wanted) {
    const { productId, purchaseLimit: limit } = product
    if (limit === null) continue
    const bought = facts.purchased(userId, productId)
    if (bought + requested > limit) lines.push({ productId, limit, bought, requested })
  }
  return lines.length > 0 ? { code: 'PURCHASE_LIMIT_EXCEEDED', lines } : undefined
}

const priced = (wanted: readonly Wanted[], now: Instant): OrderLine[] =>
  wanted.map(({ product, quantity }) => {
    const { productId, name, purchaseLimit } = product
    const unitPrice = priceAt(product, now)
    const line = { productId, name, unitPrice, quantity, amount: unitPrice * quantity }
    return purchaseLimit === null ? line : { ...line, purchaseLimit }
  })

const totalOf = (lines: readonly OrderLine[]): number => lines.reduce((sum, { amount }) => sum + amount, 0)

/** What an order of these products would be, before its coupon. */
export interface Basket {
  /** One line per product that stays. */
  readonly lines: readonly OrderLine[]
  /** Lines that are dropped for insufficient stock. */
  readonly droppedLines: readonly ShortLine[]
  /** Sum of the lines. */
  readonly totalAmount: number
}

/** The lines of an order of these products, or the refusal of the products, of their hours and limits, or of the stock. */
export const draftBasket = (
  facts: Facts,
  { userId, products }: { readonly userId: string; readonly products: readonly Demand[] },
  { policies, now }: Pick<Context, 'policies' | 'now'>,
): { readonly ok: true; readonly basket: Basket } | { readonly ok: false; readonly refusal: Refusal } => {
  const demands = sumDemand(products)
  const missing = demands.filter(({ productId }) => !facts.product(productId)?.listed)
  if (missing.length > 0)
    return { ok: false, refusal: { code: 'PRODUCT_NOT_FOUND', productIds: missing.map(({ productId }) => productId) } }
  const wanted = wantedOf(facts, demands)

  const refusal = closedProducts(wanted, now) ?? overLimit(facts, userId, wanted)
  if (refusal) return { ok: false, refusal }

  const short = takesStockNow(policies) ? shortLines(wanted) : []
  const drops = policies.stock.shortage === 'drop-lines' && short.length < wanted.length
  if (short.length > 0 && !drops) return { ok: false, refusal: { code: 'STOCK_INSUFFICIENT', lines: short } }
  const isShort = ({ product }: Wanted) => short.some(({ productId }) => productId === product.productId)
  const lines = priced(short.length === 0 ? wanted : wanted.filter((each) => !isShort(each)), now)
  return { ok: true, basket: { lines, droppedLines: short, totalAmount: totalOf(lines) } }
}

/** The discount of a user's coupon on a basket, or why the coupon cannot be redeemed. */
export const draftDiscount = (
  facts: Facts,
  { userId, couponId }: { readonly userId: string; readonly couponId: string },
  { lines, now }: { readonly lines: readonly OrderLine[]; readonly now: Instant },
) => {
  const terms = facts.couponTerms(couponId)
  const refusal = redemption(couponId, terms, facts.issuedCoupon(couponId, userId), { lines, now })
  if (refusal) return { ok: false, refusal } as const
  invariant(terms, `coupon ${couponId} was there when it was checked`)
  const own = linesFor(terms, lines)
  return {
    ok: true,
    discount: discountAmount(terms.discount, totalOf(own)),
    discountedProductIds: terms.productIds === null ? null : own.map(({ productId }) => productId),
  } as const
}
