import type { OutboxEvent } from '@shop/core'
import type { Coupon, Hold, IssuedCoupon, Order, Product, SalesChange, Wallet, WalletEntry } from '@shop/core/commands'
import type { Changes, Loaded, Lot, Refund, StoredReference } from '@shop/core/store'
import * as rows from '@shop/core/testing'

/** The current time of the tests. */
export const noon = Date.UTC(2026, 4, 17, 12)

export const walletOf = (userId: string, balance = 0, entries = 0): Wallet =>
  rows.walletOf({ userId, balance, entries, createdAt: noon }).row

export const entryOf = (userId: string, sequence: number, more: Partial<WalletEntry> = {}): WalletEntry =>
  rows.entryOf({ userId, sequence, at: noon, ...more }).row

export const productOf = (productId: string, more: Partial<Product> = {}): Product =>
  rows.productOf({ productId, received: 10, createdAt: noon, ...more }).row

export const holdOf = (orderId: string, productId: string, more: Partial<Hold> = {}): Hold =>
  rows.holdOf({ orderId, productId, expiresAt: noon + 60_000, ...more }).row

export const couponOf = (couponId: string, more: Partial<Coupon> = {}): Coupon =>
  rows.couponOf({ couponId, validFrom: noon - 1_000, validUntil: noon + 3_600_000, createdAt: noon, ...more }).row

export const issuedOf = (couponId: string, userId: string, more: Partial<IssuedCoupon> = {}): IssuedCoupon =>
  rows.issuedCouponOf({ couponId, userId, issuedAt: noon, ...more }).row

/** Two teas of user `ann`, pending, due in 15 minutes. */
export const orderOf = (orderId: string, more: rows.OrderParts = {}): Order =>
  rows.orderOf({
    orderId,
    userId: 'ann',
    lines: [{ productId: 'tea', name: 'Tea', quantity: 2 }],
    createdAt: noon,
    expiresAt: noon + 900_000,
    ...more,
  }).row

export const paidOrderOf = (orderId: string, more: rows.OrderParts = {}): Order =>
  orderOf(orderId, { status: 'paid', expiresAt: null, paidAt: noon, paymentId: `${orderId}-payment`, ...more })

export const lotOf = (lotId: string, more: Partial<Lot> = {}): Lot => ({
  lotId,
  amount: 100,
  expiresAt: null,
  sequence: 1,
  ...more,
})

/** A wallet of 1,000, with these lots. */
export const walletWith = (userId: string, lots: readonly Lot[]): Wallet => ({ ...walletOf(userId, 1_000, 1), lots })

/** One of the two teas of an order, at noon. */
export const refundOf = (refundId: string, more: Partial<Refund> = {}): Refund => ({
  refundId,
  amount: 1_000,
  bonusAmount: 0,
  lines: [{ productId: 'tea', quantity: 1, amount: 1_000 }],
  restocked: true,
  reason: null,
  reference: null,
  at: noon,
  ...more,
})

/** The fields of an order with these refunds. */
export const refundedBy = (...refunds: readonly Refund[]): Pick<Order, 'refunds' | 'refundedAmount'> => ({
  refunds,
  refundedAmount: refunds.reduce((sum, { amount }) => sum + amount, 0),
})

/** A refund of `ann`'s, recorded by her first entry. */
export const referenceOf = (reference: string, more: Partial<StoredReference> = {}): StoredReference => ({
  reference,
  kind: 'refund',
  owner: '',
  fingerprint: `refund-order ${reference}`,
  result: { orderId: 'o1', refundedAmount: 100 },
  userId: 'ann',
  subjectId: 'r1',
  entry: 1,
  at: noon,
  ...more,
})

/** The entry that took 2,000 from `ann` for an order, and left 500. */
export const paymentOf = (orderId: string, sequence = 1, more: Partial<WalletEntry> = {}): WalletEntry =>
  entryOf('ann', sequence, { kind: 'payment', amount: -2_000, balance: 500, orderId, ...more })

export const eventOf = (orderId: string, sequence = 1, more: Partial<OutboxEvent> = {}): OutboxEvent =>
  rows.eventOf({
    eventId: `${orderId}-event-${sequence}`,
    subjectId: orderId,
    sequence,
    data: { orderId, sequence, nested: { 'ü%"\\': ['한국어', null] } } as unknown as OutboxEvent['data'],
    at: noon,
    nextAttemptAt: noon,
    ...more,
  }).row

export type SomeChanges = Parameters<typeof rows.changesOf>[0] & { readonly sales?: readonly SalesChange[] }

/** Changes from those of some tables; the others have none. */
export const changing = ({ sales, ...changed }: SomeChanges): Changes => rows.changesOf(changed, sales)

/** The rows that a store loaded, without the time and empty lists. */
export const foundIn = ({ now: _, ...lists }: Loaded): Partial<Loaded> =>
  Object.fromEntries(Object.entries(lists).filter(([, rows]) => rows.length > 0))
