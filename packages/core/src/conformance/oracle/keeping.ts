import type { ChangeStock } from '../../commands/catalog/change-stock.js'
import type { CreateProduct } from '../../commands/catalog/create-product.js'
import type { UpdateProduct } from '../../commands/catalog/update-product.js'
import type { CreateCoupon } from '../../commands/coupon/create-coupon.js'
import type { IssueCoupon } from '../../commands/coupon/issue-coupon.js'
import type { UpdateCoupon } from '../../commands/coupon/update-coupon.js'
import type { Refusal } from '../../shared/refusal.js'
import { lapsedLots, writeEnds } from './money.js'
import { end, type ModelResult, windowProblem } from './ordering.js'
import { areSound, noTerms, noted, termsAfter, time } from './selling.js'
import type { CouponNote, ModelState, OrderNote } from './state.js'
import { adminProductAnswer, couponAnswer, dayIn, eventAnswer, issuedAnswer } from './views.js'

const no = (refusal: Refusal): ModelResult => ({ refusal })
const invalid: ModelResult = { refusal: { code: 'INVALID_REQUEST', errors: [] } }

export const createProduct = (notes: ModelState, request: CreateProduct): ModelResult => {
  const { productId, name, price, stock } = request
  const terms = termsAfter(noTerms, request)
  if (!areSound(terms, price)) return invalid
  if (productId !== undefined && notes.product(productId)) return no({ code: 'PRODUCT_ALREADY_EXISTS', productId })
  const id = productId ?? notes.makeId()
  const product = { productId: id, name, price, listed: true, createdAt: notes.now, supplies: [stock], ...terms }
  notes.products.push(product)
  return { result: adminProductAnswer(notes, product) }
}

export const updateProduct = (notes: ModelState, request: UpdateProduct): ModelResult => {
  const { productId, name, price, listed } = request
  const product = notes.product(productId)
  if (!product) return no({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
  const { opensAt, closesAt, sale, limit, metadata } = product
  const terms = termsAfter({ opensAt, closesAt, sale, limit, metadata }, request)
  if (!areSound(terms, price ?? product.price)) return invalid
  Object.assign(product, terms)
  if (name !== undefined) product.name = name
  if (price !== undefined) product.price = price
  if (listed !== undefined) product.listed = listed
  return { result: adminProductAnswer(notes, product) }
}

export const changeStock = (notes: ModelState, { productId, change }: ChangeStock): ModelResult => {
  const product = notes.product(productId)
  if (!product) return no({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
  const available = notes.stockOf(product)
  if (available + change < 0) {
    return no({ code: 'STOCK_INSUFFICIENT', lines: [{ productId, requested: -change, available }] })
  }
  product.supplies.push(change)
  return { result: adminProductAnswer(notes, product) }
}

const instant = (time: CreateCoupon['validUntil']): number => new Date(time).getTime()

export const createCoupon = (notes: ModelState, input: CreateCoupon): ModelResult => {
  const { couponId, productIds = null, code = null } = input
  const validFrom = instant(input.validFrom ?? notes.now)
  const validUntil = instant(input.validUntil)
  if (validUntil <= validFrom) return invalid
  if (couponId !== undefined && notes.coupon(couponId)) return no({ code: 'COUPON_ALREADY_EXISTS', couponId })
  const owner = code === null ? undefined : notes.couponWithCode(code)
  if (owner) return no({ code: 'COUPON_ALREADY_EXISTS', couponId: owner.couponId })
  const coupon: CouponNote = {
    couponId: couponId ?? notes.makeId(),
    name: input.name,
    discount: input.discount,
    quantity: input.quantity,
    validFrom,
    validUntil,
    minimum: input.minimumOrderAmount ?? null,
    createdAt: notes.now,
    products: productIds,
    code,
    metadata: noted(input.metadata),
  }
  notes.coupons.push(coupon)
  return { result: couponAnswer(notes, coupon) }
}

export const updateCoupon = (notes: ModelState, { couponId, quantity, ...input }: UpdateCoupon): ModelResult => {
  const coupon = notes.coupon(couponId)
  const validUntil = input.validUntil === undefined ? undefined : instant(input.validUntil)
  if (!coupon) return no({ code: 'COUPON_NOT_FOUND', couponId })
  if (quantity !== undefined && quantity < notes.issuedCount(couponId)) return invalid
  if (validUntil !== undefined && validUntil <= coupon.validFrom) return invalid
  if (quantity !== undefined) coupon.quantity = quantity
  if (validUntil !== undefined) coupon.validUntil = validUntil
  if (input.metadata !== undefined) coupon.metadata = noted(input.metadata)
  return { result: couponAnswer(notes, coupon) }
}

export const issue = (notes: ModelState, { userId, code, requiresCode, ...request }: IssueCoupon): ModelResult => {
  if (notes.isUnknown(userId)) return no({ code: 'USER_NOT_FOUND', userId })
  const found = code === undefined ? notes.coupon(request.couponId ?? '') : notes.couponWithCode(code)
  const isSecret = code === undefined && requiresCode === true && typeof found?.code === 'string'
  const coupon = isSecret ? undefined : found
  if (!coupon) {
    const { couponId } = request
    return no({
      code: 'COUPON_NOT_FOUND',
      ...(couponId !== undefined && { couponId }),
      ...(code !== undefined && { couponCode: code }),
    })
  }
  const { couponId } = coupon
  if (notes.isIssued(couponId, userId)) return no({ code: 'COUPON_ALREADY_ISSUED', couponId })
  const outside = windowProblem(notes, coupon)
  if (outside) return no(outside)
  if (notes.issuedCount(couponId) >= coupon.quantity) return no({ code: 'COUPON_SOLD_OUT', couponId })
  const copy = { couponId, userId, at: notes.now }
  notes.issued.push(copy)
  return { result: issuedAnswer(notes, coupon, copy) }
}

/** Longest overdue first. */
export const sweep = (notes: ModelState, { limit }: { limit: number }): ModelResult => {
  const overdue = notes.orders.filter(({ written, deadline }) => written === 'pending' && notes.now >= deadline)
  overdue.sort((a, b) => a.deadline - b.deadline || (a.orderId < b.orderId ? -1 : 1))
  const ending: OrderNote[] = overdue.slice(0, limit)
  for (const order of ending) end(notes, order, 'expired')
  return { result: ending.length }
}

/** In a sound shop there is nothing to cure but what no sweep has met for ten minutes. */
export const repair = (notes: ModelState): ModelResult => {
  const late = notes.now - 10 * 60 * 1000
  const cures: string[] = []
  for (const userId of notes.users) {
    if (!lapsedLots(notes, userId).some((lot) => (lot.end as number) <= late)) continue
    writeEnds(notes, userId)
    cures.push('LOT-ENDS')
  }
  for (const order of notes.orders) {
    if (order.written !== 'pending' || order.deadline >= late) continue
    end(notes, order, 'expired')
    cures.push('ORDER-ENDS')
  }
  return { result: { ok: true, cures } }
}

/** The first and the last day that a ranking computed at `at` counts. */
export const daysOfRanking = (notes: ModelState, at: number): { from: string; to: string } => {
  const { days, includeToday, timeZone } = notes.policies.ranking
  const day = (back: number): string =>
    new Date(Date.parse(`${dayIn(at, timeZone)}T12:00:00Z`) - back * 86_400_000).toISOString().slice(0, 10)
  const last = includeToday ? 0 : 1
  return { from: day(last + days - 1), to: day(last) }
}

export const refreshRanking = (notes: ModelState, { at }: { at: number }): ModelResult => {
  const { from, to } = daysOfRanking(notes, at)
  const { timeZone, tieBreakers, size } = notes.policies.ranking
  const rows: { productId: string; name: string; price: number; sold: number; views: number; createdAt: number }[] = []
  for (const { productId, name, price, listed, createdAt } of notes.products) {
    let sold = 0
    for (const order of notes.orders) {
      if (order.paidAt === null) continue
      const day = dayIn(order.paidAt, timeZone)
      if (day < from || day > to) continue
      for (const line of order.lines)
        if (line.productId === productId) sold += line.quantity - notes.refundedOf(order, productId)
    }
    const views = notes.flushedLooks.filter((looked) => looked === productId).length
    if (listed && sold > 0) rows.push({ productId, name, price, sold, views, createdAt })
  }
  // Sorted by the least important criterion first: each stable sort keeps the earlier order among ties.
  rows.sort((a, b) => (a.productId < b.productId ? -1 : 1))
  for (const breaker of [...tieBreakers].reverse()) {
    rows.sort((a, b) => (breaker === 'views' ? b.views - a.views : b.createdAt - a.createdAt))
  }
  rows.sort((a, b) => b.sold - a.sold)
  const first = rows.slice(0, size)
  const products = first.map(({ productId, sold, views }) => ({ productId, sold, views }))
  notes.ranking = { products, from, to, asOf: notes.now }
  const shown = first.map(({ productId, name, price, sold, views }, index) => ({
    rank: index + 1,
    productId,
    name,
    price,
    sold,
    views,
  }))
  return { result: { products: shown, from, to, asOf: time(notes.now) } }
}

export const flushViews = (notes: ModelState): ModelResult => {
  for (const productId of notes.looks.splice(0)) if (notes.product(productId)) notes.flushedLooks.push(productId)
  return { result: null }
}

/** Only the first pending event of each order is sent in one run. */
export const relay = (notes: ModelState, { reply }: { reply: 'sent' | 'refused' }): ModelResult => {
  const claimed: ModelState['events'] = []
  for (const event of notes.events) {
    if (event.status === 'pending' && !claimed.some(({ orderId }) => orderId === event.orderId)) claimed.push(event)
  }
  for (const event of claimed) {
    event.attempts += 1
    event.status = reply === 'sent' ? 'sent' : 'dead'
    event.lastError = reply === 'sent' ? null : 'not wanted'
  }
  return { result: claimed.length }
}

export const redeliver = (notes: ModelState, { eventId }: { eventId: string }): ModelResult => {
  const event = notes.events.find((each) => each.eventId === eventId)
  if (!event) return no({ code: 'EVENT_NOT_FOUND', eventId })
  if (event.status !== 'dead') return no({ code: 'EVENT_NOT_DEAD', eventId, eventStatus: event.status })
  event.status = 'pending'
  event.attempts = 0
  event.nextAttemptAt = notes.now
  event.lastError = null
  return { result: eventAnswer(event) }
}
