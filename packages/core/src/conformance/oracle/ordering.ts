import type { PlaceOrder } from '../../commands/order/place-order.js'
import type { UpdateOrder } from '../../commands/order/update-order.js'
import type { Refusal, ShortLine } from '../../shared/refusal.js'
import { balanceOf, spend, write } from './money.js'
import { noted, priceNow, time, tooManyOpen, unsellable } from './selling.js'
import type { CouponNote, ModelState, OrderNote, ProductNote, Written } from './state.js'
import { lineAnswer, orderAnswer, paymentAnswer, totalOf } from './views.js'

export type ModelResult = { readonly result: unknown } | { readonly refusal: Refusal }

const no = (refusal: Refusal): ModelResult => ({ refusal })

export const windowProblem = (notes: ModelState, coupon: CouponNote): Refusal | null => {
  const { couponId } = coupon
  if (notes.now < coupon.validFrom) {
    return { code: 'COUPON_NOT_YET_VALID', couponId, validFrom: time(coupon.validFrom) }
  }
  if (notes.now >= coupon.validUntil) return { code: 'COUPON_EXPIRED', couponId, validUntil: time(coupon.validUntil) }
  return null
}

type Lines = OrderNote['lines']

/** What a coupon is for, of these lines. */
const own = ({ products }: CouponNote, lines: Lines): Lines =>
  products === null ? lines : lines.filter(({ productId }) => products.includes(productId))

const couponProblem = (notes: ModelState, couponId: string, userId: string, lines: Lines): Refusal | null => {
  const coupon = notes.coupon(couponId)
  if (!coupon) return { code: 'COUPON_NOT_FOUND', couponId }
  if (!notes.isIssued(couponId, userId)) return { code: 'COUPON_NOT_OWNED', couponId }
  if (notes.userOf(couponId, userId) !== null) return { code: 'COUPON_ALREADY_USED', couponId }
  const outside = windowProblem(notes, coupon)
  if (outside) return outside
  if (own(coupon, lines).length === 0) return { code: 'COUPON_NOT_APPLICABLE', couponId }
  if (coupon.minimum !== null && totalOf({ lines: own(coupon, lines) }) < coupon.minimum) {
    return { code: 'COUPON_MINIMUM_NOT_MET', couponId, minimumOrderAmount: coupon.minimum }
  }
  return null
}

const discountOf = (coupon: CouponNote, lines: Lines): number => {
  const { discount } = coupon
  const total = totalOf({ lines: own(coupon, lines) })
  if (discount.kind === 'fixed') return Math.min(discount.amount, total)
  const part = Number((BigInt(total) * BigInt(discount.percent)) / 100n)
  return discount.maximum !== undefined && part > discount.maximum ? discount.maximum : part
}

const shortages = (notes: ModelState, lines: readonly { productId: string; quantity: number }[]): ShortLine[] => {
  const short: ShortLine[] = []
  for (const { productId, quantity } of lines) {
    const product = notes.product(productId)
    const available = product ? notes.stockOf(product) : 0
    if (quantity > available) short.push({ productId, requested: quantity, available })
  }
  return short
}

export const tell = (notes: ModelState, order: OrderNote, type: string): void => {
  let sequence = 1
  for (const event of notes.events) if (event.orderId === order.orderId) sequence += 1
  notes.events.push({
    eventId: notes.makeId(),
    orderId: order.orderId,
    sequence,
    type,
    data: { ...orderAnswer(notes, order), sequence },
    at: notes.now,
    status: 'pending',
    attempts: 0,
    nextAttemptAt: notes.now,
    lastError: null,
  })
}

export const end = (notes: ModelState, order: OrderNote, written: Written): void => {
  order.written = written
  tell(notes, order, `order.${written}`)
}

const settle = (notes: ModelState, order: OrderNote): void => {
  const { userId, orderId } = order
  if (!notes.users.includes(userId)) notes.users.push(userId)
  const amount = totalOf(order) - order.discount
  order.sources = spend(notes, userId, amount)
  const bonus = order.sources.flatMap(({ lotId, amount: part }) => (lotId === null ? [] : [{ lotId, amount: -part }]))
  write(notes, userId, 'payment', amount === 0 ? 0 : -amount, { orderId, bonus })
  notes.payments.push({ paymentId: notes.makeId(), orderId, balance: balanceOf(notes, userId) })
  order.paidAt = notes.now
  end(notes, order, 'paid')
}

interface Basket {
  readonly lines: Lines
  readonly dropped: OrderNote['dropped']
  readonly total: number
}

/** What an order of these products has in it, or why it is refused. */
const fill = (notes: ModelState, { userId, products }: PlaceOrder): Basket | { readonly refusal: Refusal } => {
  const { order: orderPolicy, stock: stockPolicy } = notes.policies
  const wanted: { productId: string; quantity: number }[] = []
  for (const { productId, quantity } of products) {
    const same = wanted.find((each) => each.productId === productId)
    if (same) same.quantity += quantity
    else wanted.push({ productId, quantity })
  }
  const missing: string[] = []
  for (const { productId } of wanted) if (!notes.product(productId)?.listed) missing.push(productId)
  if (missing.length > 0) return { refusal: { code: 'PRODUCT_NOT_FOUND', productIds: missing } }
  const refusal = unsellable(notes, userId, wanted)
  if (refusal) return { refusal }

  const needsStock = orderPolicy.checkout === 'order-and-pay' || stockPolicy.takenAt === 'order'
  const dropped = needsStock ? shortages(notes, wanted) : []
  const keeps = wanted.filter(({ productId }) => !dropped.some((short) => short.productId === productId))
  if (dropped.length > 0 && (stockPolicy.shortage === 'refuse-order' || keeps.length === 0)) {
    return { refusal: { code: 'STOCK_INSUFFICIENT', lines: dropped } }
  }
  const lines = keeps.map(({ productId, quantity }) => {
    const product = notes.product(productId) as ProductNote
    const line = { productId, name: product.name, unitPrice: priceNow(notes, product), quantity }
    return product.limit === null ? line : { ...line, purchaseLimit: product.limit }
  })
  return { lines, dropped, total: totalOf({ lines }) }
}

export const place = (notes: ModelState, input: PlaceOrder): ModelResult => {
  const { userId, couponId = null } = input
  const paysNow = notes.policies.order.checkout === 'order-and-pay'
  if (notes.isUnknown(userId)) return no({ code: 'USER_NOT_FOUND', userId })
  if (input.orderId !== undefined && notes.order(input.orderId)) {
    return no({ code: 'ORDER_ALREADY_EXISTS', orderId: input.orderId })
  }
  const crowded = tooManyOpen(notes, userId)
  if (crowded) return no(crowded)
  const basket = fill(notes, input)
  if ('refusal' in basket) return basket
  const { lines, dropped, total } = basket
  const problem = couponId === null ? null : couponProblem(notes, couponId, userId, lines)
  if (problem) return no(problem)
  const coupon = couponId === null ? undefined : notes.coupon(couponId)
  const discount = coupon ? discountOf(coupon, lines) : 0
  const balance = balanceOf(notes, userId)
  const needsMoney = paysNow || notes.policies.order.balanceAtOrder === 'required'
  if (needsMoney && balance < total - discount) {
    return no({ code: 'BALANCE_INSUFFICIENT', balance, required: total - discount })
  }
  const holdMs = Math.round(notes.policies.order.holdMinutes * 60 * 1000)
  const order: OrderNote = {
    orderId: input.orderId ?? notes.makeId(),
    userId,
    lines,
    dropped,
    couponId,
    discount,
    discounted: coupon?.products ? own(coupon, lines).map(({ productId }) => productId) : null,
    createdAt: notes.now,
    deadline: notes.now + Math.max(holdMs, 1),
    written: 'pending',
    paidAt: null,
    reference: input.reference,
    sources: [],
    refunds: [],
    withdrawn: false,
    metadata: noted(input.metadata),
  }
  notes.orders.push(order)
  if (paysNow) settle(notes, order)
  return { result: orderAnswer(notes, order) }
}

/** The amounts of the order that would be placed now. Changes nothing. */
export const quote = (notes: ModelState, input: PlaceOrder): ModelResult => {
  const { userId, couponId = null } = input
  if (notes.isUnknown(userId)) return no({ code: 'USER_NOT_FOUND', userId })
  const basket = fill(notes, input)
  if ('refusal' in basket) return basket
  const { lines, dropped, total } = basket
  const problem = couponId === null ? null : couponProblem(notes, couponId, userId, lines)
  const coupon = couponId === null || problem ? undefined : notes.coupon(couponId)
  const discount = coupon ? discountOf(coupon, lines) : 0
  const balance = balanceOf(notes, userId)
  const told = problem ? { couponId, applies: false, code: problem.code } : { couponId, applies: true }
  return {
    result: {
      lines: lines.map(lineAnswer),
      droppedLines: dropped,
      totalAmount: total,
      discountAmount: discount,
      finalAmount: total - discount,
      coupon: couponId === null ? null : told,
      balance,
      sufficient: balance >= total - discount,
    },
  }
}

export const pay = (notes: ModelState, { userId, orderId }: { userId: string; orderId: string }): ModelResult => {
  if (notes.isUnknown(userId)) return no({ code: 'USER_NOT_FOUND', userId })
  const order = notes.order(orderId)
  if (!order || order.userId !== userId) return no({ code: 'ORDER_NOT_FOUND', orderId })
  const status = notes.statusOf(order)
  if (status !== 'pending') return no({ code: 'ORDER_NOT_PENDING', orderId, orderStatus: status })
  const short = notes.policies.stock.takenAt === 'payment' ? shortages(notes, order.lines) : []
  if (short.length > 0) return no({ code: 'STOCK_INSUFFICIENT', lines: short })
  if (order.couponId !== null && notes.policies.coupon.consumedAt === 'payment') {
    const problem = couponProblem(notes, order.couponId, userId, order.lines)
    if (problem) return no(problem)
  }
  const required = totalOf(order) - order.discount
  const balance = balanceOf(notes, userId)
  if (balance < required) {
    if (notes.policies.payment.onInsufficientBalance === 'fail-order') end(notes, order, 'failed')
    return no({ code: 'BALANCE_INSUFFICIENT', balance, required })
  }
  settle(notes, order)
  const payment = notes.payments.at(-1)
  return { result: payment && paymentAnswer(notes, payment) }
}

/** Only what the caller noted about the order changes. */
export const relabel = (notes: ModelState, { orderId, metadata }: UpdateOrder): ModelResult => {
  const order = notes.order(orderId)
  if (!order) return no({ code: 'ORDER_NOT_FOUND', orderId })
  if (metadata !== undefined) order.metadata = noted(metadata)
  return { result: orderAnswer(notes, order) }
}

export const cancel = (
  notes: ModelState,
  { orderId, userId }: { orderId: string; userId?: string | undefined },
): ModelResult => {
  const order = notes.order(orderId)
  if (!order || (userId !== undefined && order.userId !== userId)) return no({ code: 'ORDER_NOT_FOUND', orderId })
  const status = notes.statusOf(order)
  if (status !== 'pending') return no({ code: 'ORDER_NOT_PENDING', orderId, orderStatus: status })
  end(notes, order, 'cancelled')
  return { result: orderAnswer(notes, order) }
}

export const expire = (notes: ModelState, { orderId }: { orderId: string }): ModelResult => {
  const order = notes.order(orderId)
  if (!order) return no({ code: 'ORDER_NOT_FOUND', orderId })
  if (order.written !== 'pending' || notes.now < order.deadline) {
    return no({ code: 'ORDER_NOT_PENDING', orderId, orderStatus: order.written })
  }
  end(notes, order, 'expired')
  return { result: orderAnswer(notes, order) }
}
