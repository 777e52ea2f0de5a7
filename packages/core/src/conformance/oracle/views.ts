import { balanceOf, liveLots, paidMoneyOf, remains } from './money.js'
import { priceNow, termsAnswer, time } from './selling.js'
import type { CouponNote, EntryNote, EventNote, ModelState, OrderNote, ProductNote } from './state.js'

const calendars = new Map<string, Intl.DateTimeFormat>()

/** The calendar day of an instant in a time zone. */
export const dayIn = (at: number, timeZone: string): string => {
  // The Swedish locale formats dates as ISO 8601.
  const calendar = calendars.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone })
  calendars.set(timeZone, calendar)
  return calendar.format(at)
}

export const totalOf = (order: Pick<OrderNote, 'lines'>): number => {
  let total = 0
  for (const line of order.lines) total += line.unitPrice * line.quantity
  return total
}

export const lineAnswer = (line: OrderNote['lines'][number]) => ({ ...line, amount: line.unitPrice * line.quantity })

export const refundedAmountOf = ({ refunds }: OrderNote): number => {
  let amount = 0
  for (const refund of refunds) amount += refund.amount
  return amount
}

const refundAnswer = ({ bonus, at, ...refund }: OrderNote['refunds'][number]) => ({
  ...refund,
  ...(bonus > 0 && { bonusAmount: bonus }),
  at: time(at),
})

export const orderAnswer = (notes: ModelState, order: OrderNote) => {
  const status = notes.statusOf(order)
  const payment = notes.payments.find(({ orderId }) => orderId === order.orderId)
  const isRefunded = order.refunds.length > 0
  return {
    orderId: order.orderId,
    userId: order.userId,
    status,
    lines: order.lines.map((line) => {
      const units = notes.refundedOf(order, line.productId)
      return { ...lineAnswer(line), ...(units > 0 && { refundedQuantity: units }) }
    }),
    droppedLines: order.dropped,
    couponId: order.couponId,
    totalAmount: totalOf(order),
    discountAmount: order.discount,
    finalAmount: totalOf(order) - order.discount,
    ...(order.discounted && { discountedProductIds: order.discounted }),
    createdAt: time(order.createdAt),
    expiresAt: status === 'pending' || status === 'expired' ? time(order.deadline) : null,
    paidAt: order.paidAt === null ? null : time(order.paidAt),
    ...(payment && { paymentId: payment.paymentId }),
    ...(order.reference !== undefined && { reference: order.reference }),
    ...(isRefunded && { refundedAmount: refundedAmountOf(order), refunds: order.refunds.map(refundAnswer) }),
    ...(order.metadata && { metadata: order.metadata }),
  }
}

export const entryAnswer = (entry: EntryNote, balance: number) => {
  let bonusAmount = 0
  for (const { amount } of entry.bonus) bonusAmount += amount
  const { entryId, kind, amount, orderId, at, reference, reason, metadata = {} } = entry
  return {
    entryId,
    kind,
    amount,
    ...(bonusAmount !== 0 && { bonusAmount }),
    balance,
    orderId,
    at: time(at),
    ...(reference !== undefined && { reference }),
    ...(reason !== undefined && { reason }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}

export const balanceAnswer = (notes: ModelState, userId: string) => {
  const lots = liveLots(notes, userId)
  const balance = balanceOf(notes, userId)
  if (lots.length === 0) return { userId, balance }
  const bonus = lots.map((lot) => ({
    lotId: lot.lotId,
    amount: remains(notes, lot),
    expiresAt: lot.end === null ? null : time(lot.end),
  }))
  return { userId, balance, withdrawable: paidMoneyOf(notes, userId), bonus }
}

const catalogFields = (notes: ModelState, product: ProductNote) => ({
  productId: product.productId,
  name: product.name,
  price: priceNow(notes, product),
  stock: notes.stockOf(product),
})

export const productAnswer = (notes: ModelState, product: ProductNote) => ({
  ...catalogFields(notes, product),
  ...termsAnswer(notes, product, false),
})

export const adminProductAnswer = (notes: ModelState, product: ProductNote) => ({
  ...catalogFields(notes, product),
  ...termsAnswer(notes, product, true),
  listed: product.listed,
})

export const claimableAnswer = (notes: ModelState, coupon: CouponNote) => ({
  couponId: coupon.couponId,
  name: coupon.name,
  discount: coupon.discount,
  quantity: coupon.quantity,
  remaining: coupon.quantity - notes.issuedCount(coupon.couponId),
  validFrom: time(coupon.validFrom),
  validUntil: time(coupon.validUntil),
  minimumOrderAmount: coupon.minimum,
  ...(coupon.products && { productIds: coupon.products }),
  ...(coupon.metadata && { metadata: coupon.metadata }),
})

export const couponAnswer = (notes: ModelState, coupon: CouponNote) => ({
  ...claimableAnswer(notes, coupon),
  issued: notes.issuedCount(coupon.couponId),
  ...(coupon.code !== null && { code: coupon.code }),
})

export const issuedAnswer = (notes: ModelState, coupon: CouponNote, copy: { userId: string; at: number }) => {
  const used = notes.userOf(coupon.couponId, copy.userId) !== null
  return {
    userId: copy.userId,
    couponId: coupon.couponId,
    name: coupon.name,
    discount: coupon.discount,
    status: used ? 'used' : notes.now >= coupon.validUntil ? 'expired' : 'issued',
    issuedAt: time(copy.at),
    validFrom: time(coupon.validFrom),
    validUntil: time(coupon.validUntil),
    ...(coupon.products && { productIds: coupon.products }),
    ...(coupon.metadata && { metadata: coupon.metadata }),
  }
}

export const paymentAnswer = (notes: ModelState, payment: ModelState['payments'][number]) => {
  const order = notes.order(payment.orderId) as OrderNote
  return {
    paymentId: payment.paymentId,
    orderId: payment.orderId,
    userId: order.userId,
    amount: totalOf(order) - order.discount,
    balance: payment.balance,
    paidAt: order.paidAt === null ? null : time(order.paidAt),
    order: orderAnswer(notes, order),
  }
}

export const eventAnswer = (event: EventNote) => ({
  eventId: event.eventId,
  type: event.type,
  orderId: event.orderId,
  sequence: event.sequence,
  status: event.status,
  attempts: event.attempts,
  at: time(event.at),
  nextAttemptAt: event.status === 'pending' ? time(event.nextAttemptAt) : null,
  lastError: event.lastError,
  data: event.data,
})
