import type { SellingTerms } from '../../commands/catalog/selling-terms.js'
import type { ClosedProduct, LimitedLine, Refusal } from '../../shared/refusal.js'
import type { ModelState, ProductNote } from './state.js'

type TermsNote = Pick<ProductNote, 'opensAt' | 'closesAt' | 'sale' | 'limit' | 'metadata'>

interface Wanted {
  readonly productId: string
  readonly quantity: number
}

export const time = (at: number): string => new Date(at).toISOString()

const instant = (given: Date | string | number): number => new Date(given).getTime()

/** Metadata as answers show it: none instead of an empty object. */
export const noted = (given: ProductNote['metadata'] | undefined): ProductNote['metadata'] =>
  given && Object.keys(given).length > 0 ? given : null

/** The terms that a request leaves a product with. A field that it omits stays. */
export const termsAfter = (before: TermsNote, request: SellingTerms): TermsNote => {
  const after = { ...before }
  const { opensAt, closesAt, sale, purchaseLimit, metadata } = request
  if (opensAt !== undefined) after.opensAt = opensAt === null ? null : instant(opensAt)
  if (closesAt !== undefined) after.closesAt = closesAt === null ? null : instant(closesAt)
  if (sale === null) after.sale = null
  else if (sale) after.sale = { price: sale.price, from: instant(sale.from), until: instant(sale.until) }
  if (purchaseLimit !== undefined) after.limit = purchaseLimit
  if (metadata !== undefined) after.metadata = noted(metadata)
  return after
}

export const noTerms: TermsNote = { opensAt: null, closesAt: null, sale: null, limit: null, metadata: null }

/** Whether a product can have these terms at this regular price. */
export const areSound = ({ opensAt, closesAt, sale }: TermsNote, price: number): boolean => {
  if (opensAt !== null && closesAt !== null && opensAt >= closesAt) return false
  return sale === null || (sale.from < sale.until && sale.price < price)
}

const isWithin = (now: number, from: number | null, until: number | null): boolean =>
  (from ?? now) <= now && (until === null || now < until)

/** What a unit costs now. */
export const priceNow = ({ now }: ModelState, { price, sale }: ProductNote): number =>
  sale && isWithin(now, sale.from, sale.until) ? sale.price : price

/** What a product answer says of the terms. The public one forgets a sale that has ended. */
export const termsAnswer = ({ now }: ModelState, product: ProductNote, isAdmin: boolean) => {
  const { price, sale, opensAt, closesAt, limit, metadata } = product
  const hasEnded = sale !== null && sale.until <= now
  return {
    ...(sale && !hasEnded && { regularPrice: price }),
    ...(sale &&
      (isAdmin || !hasEnded) && {
        sale: { price: sale.price, from: time(sale.from), until: time(sale.until) },
      }),
    ...(opensAt !== null && { opensAt: time(opensAt) }),
    ...(closesAt !== null && { closesAt: time(closesAt) }),
    ...(limit !== null && { purchaseLimit: limit }),
    ...(metadata && { metadata }),
  }
}

/** Listed products with hours, still to be sold: the earliest first, then by id. */
export const dropsNow = ({ now, products }: ModelState): ProductNote[] => {
  const drops = products.filter(
    ({ listed, opensAt, closesAt }) =>
      listed && (opensAt !== null || closesAt !== null) && isWithin(now, null, closesAt),
  )
  drops.sort((a, b) => (a.productId < b.productId ? -1 : 1))
  // A stable sort. Those that are open from the start come first.
  return drops.sort((a, b) => (a.opensAt ?? Number.NEGATIVE_INFINITY) - (b.opensAt ?? Number.NEGATIVE_INFINITY) || 0)
}

const outsideHours = (notes: ModelState, wanted: readonly Wanted[]): Refusal | null => {
  const closed: ClosedProduct[] = []
  let seconds: number | null = 1
  for (const { productId } of wanted) {
    const { opensAt, closesAt } = notes.product(productId) as ProductNote
    if (isWithin(notes.now, opensAt, closesAt)) continue
    closed.push({
      productId,
      opensAt: opensAt === null ? null : time(opensAt),
      closesAt: closesAt === null ? null : time(closesAt),
    })
    const isAhead = opensAt !== null && opensAt > notes.now
    const wait = isAhead ? Math.ceil((opensAt - notes.now) / 1_000) : null
    seconds = wait === null || seconds === null ? null : Math.max(seconds, wait)
  }
  return closed.length === 0 ? null : { code: 'PRODUCT_NOT_ON_SALE', products: closed, retryAfter: seconds }
}

/** Units that a user has now: of open orders, and of paid ones what was not refunded. */
const unitsOf = (notes: ModelState, userId: string, productId: string): number => {
  let units = 0
  for (const order of notes.orders) {
    const status = notes.statusOf(order)
    if (order.userId !== userId || (status !== 'pending' && status !== 'paid')) continue
    for (const line of order.lines)
      if (line.productId === productId) units += line.quantity - notes.refundedOf(order, productId)
  }
  return units
}

const beyondLimits = (notes: ModelState, userId: string, wanted: readonly Wanted[]): Refusal | null => {
  const lines: LimitedLine[] = []
  for (const { productId, quantity: requested } of wanted) {
    const { limit } = notes.product(productId) as ProductNote
    const bought = unitsOf(notes, userId, productId)
    if (limit !== null && requested > limit - bought) lines.push({ productId, limit, bought, requested })
  }
  return lines.length === 0 ? null : { code: 'PURCHASE_LIMIT_EXCEEDED', lines }
}

/** Why these known products cannot be sold to the user now, whatever is in stock. */
export const unsellable = (notes: ModelState, userId: string, wanted: readonly Wanted[]): Refusal | null =>
  outsideHours(notes, wanted) ?? beyondLimits(notes, userId, wanted)

/** Why a user may not place another order that waits for payment. */
export const tooManyOpen = (notes: ModelState, userId: string): Refusal | null => {
  const { checkout, pendingPerUser } = notes.policies.order
  if (pendingPerUser === null || checkout === 'order-and-pay') return null
  let open = 0
  for (const order of notes.orders) if (order.userId === userId && notes.statusOf(order) === 'pending') open += 1
  return open < pendingPerUser ? null : { code: 'TOO_MANY_PENDING_ORDERS', limit: pendingPerUser }
}
