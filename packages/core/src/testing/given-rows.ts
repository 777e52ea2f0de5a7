import type { Coupon, IssuedCoupon } from '../model/coupon.js'
import type { OutboxEvent } from '../model/event.js'
import type { Order, OrderLine } from '../model/order.js'
import { record } from '../model/order-events.js'
import type { Hold, Product } from '../model/product.js'
import type { SalesChange } from '../model/ranking.js'
import type { Wallet, WalletEntry } from '../model/wallet.js'
import type { Instant } from '../shared/instant.js'
import type { Rows, TableName } from '../store/rows.js'

/** The default time of a scenario: 2025-06-15, noon in Seoul. */
export const defaultNow: Instant = Date.UTC(2025, 5, 15, 3)

const day = 86_400_000
const yesterday = defaultNow - day

/** A row that exists at the start. */
export interface Put<T extends TableName> {
  /** The table. */
  readonly put: T
  /** The row. */
  readonly row: Rows[T]
}

/** What exists at the start: rows, units sold on a day, and views. */
export type Given =
  | { readonly [T in TableName]: Put<T> }[TableName]
  | { readonly sold: SalesChange }
  | { readonly views: { readonly productId: string; readonly count: number } }

/** User `u1` with an empty wallet. A balance counts as one entry, whose row is omitted. */
export const walletOf = (row: Partial<Wallet> = {}): Put<'wallets'> => ({
  put: 'wallets',
  row: { userId: 'u1', balance: 0, entries: row.balance ? 1 : 0, lots: null, createdAt: yesterday, ...row },
})

/** Product `p1`: ten in stock at 1,000 each, none held. */
export const productOf = (row: Partial<Product> = {}): Put<'products'> => {
  const { productId = 'p1', stock = 10 } = row
  return {
    put: 'products',
    row: {
      productId,
      name: `Product ${productId}`,
      price: 1_000,
      listed: true,
      received: stock,
      stock,
      held: 0,
      createdAt: yesterday,
      opensAt: null,
      closesAt: null,
      sale: null,
      purchaseLimit: null,
      metadata: null,
      events: null,
      ...row,
    },
  }
}

/** Coupon `c1`: 500 off, for ten users, none issued, valid from yesterday until tomorrow. */
export const couponOf = (row: Partial<Coupon> = {}): Put<'coupons'> => {
  const { couponId = 'c1' } = row
  return {
    put: 'coupons',
    row: {
      couponId,
      name: `Coupon ${couponId}`,
      discount: { kind: 'fixed', amount: 500 },
      quantity: 10,
      issued: 0,
      validFrom: yesterday,
      validUntil: defaultNow + day,
      minimumOrderAmount: null,
      productIds: null,
      code: null,
      metadata: null,
      events: null,
      createdAt: yesterday,
      ...row,
    },
  }
}

/** Coupon `c1` of user `u1`, unused. Set `issued: 1` on the coupon to count it. */
export const issuedCouponOf = (row: Partial<IssuedCoupon> = {}): Put<'issuedCoupons'> => ({
  put: 'issuedCoupons',
  row: { couponId: 'c1', userId: 'u1', issuedAt: yesterday, usedByOrderId: null, usedUntil: null, ...row },
})

/** One line of an order: by default one of product `p1` at 1,000. */
export const lineOf = (line: Partial<OrderLine> = {}): OrderLine => {
  const { productId = 'p1', unitPrice = 1_000, quantity = 1 } = line
  return { productId, name: `Product ${productId}`, unitPrice, quantity, amount: unitPrice * quantity, ...line }
}

/** Any part of an order, and of its lines. */
export type OrderParts = Partial<Omit<Order, 'lines'>> & { readonly lines?: readonly Partial<OrderLine>[] }

/**
 * Order `o1` of user `u1`: one line, pending, placed now, with a deadline in 15 minutes. Its amounts follow from its
 * lines, its times from its status. Its holds are separate rows (`holdOf`, and `held` of the product).
 */
export const orderOf = (parts: OrderParts = {}): Put<'orders'> => {
  const lines = (parts.lines ?? [{}]).map(lineOf)
  const { orderId = 'o1', status = 'pending', discountAmount = 0 } = parts
  const totalAmount = parts.totalAmount ?? lines.reduce((sum, { amount }) => sum + amount, 0)
  const paid = status === 'paid' || status === 'refunded'
  return {
    put: 'orders',
    row: {
      orderId,
      userId: 'u1',
      status,
      droppedLines: [],
      couponId: null,
      discountAmount,
      finalAmount: totalAmount - discountAmount,
      discountedProductIds: null,
      stockTakenAt: 'order',
      couponConsumedAt: 'order',
      createdAt: defaultNow,
      expiresAt: status === 'pending' || status === 'expired' ? defaultNow + 15 * 60_000 : null,
      paidAt: paid ? defaultNow : null,
      paymentId: paid ? `payment-of-${orderId}` : null,
      events: status === 'pending' ? 0 : status === 'refunded' ? 2 : 1,
      eventTypes: null,
      reference: null,
      sources: null,
      refundedAmount: null,
      refunds: null,
      discountWithdrawnBy: null,
      metadata: null,
      ...parts,
      totalAmount,
      lines,
    },
  }
}

/** One unit of `p1`, held for order `o1` for 15 minutes. */
export const holdOf = (row: Partial<Hold> = {}): Put<'holds'> => ({
  put: 'holds',
  row: { orderId: 'o1', productId: 'p1', quantity: 1, expiresAt: defaultNow + 15 * 60_000, ...row },
})

/** Entry 1 of user `u1`: a charge of 100, the first. */
export const entryOf = (row: Partial<WalletEntry> = {}): Put<'entries'> => {
  const { userId = 'u1', sequence = 1 } = row
  const entryId = `${userId}-entry-${sequence}`
  return {
    put: 'entries',
    row: {
      entryId,
      userId,
      sequence,
      kind: 'charge',
      amount: 100,
      balance: 100 * sequence,
      orderId: null,
      at: yesterday,
      lots: null,
      reference: null,
      reason: null,
      metadata: null,
      ...row,
    },
  }
}

/** Event `e1`: order `o1` was paid; the event is pending. */
export const eventOf = (row: Partial<OutboxEvent> = {}): Put<'events'> => {
  const paid = { ...orderOf({ status: 'paid', events: 0 }).row, status: 'paid' } as const
  const { event } = record(paid, { now: defaultNow, newId: () => 'e1' })
  return { put: 'events', row: { ...(event as OutboxEvent), ...row } }
}
