import type { OutboxEvent } from '@shop/core'
import type {
  Coupon,
  Hold,
  IssuedCoupon,
  Order,
  Payment,
  Product,
  SalesChange,
  Wallet,
  WalletEntry,
} from '@shop/core/commands'
import type { Changes, Loaded } from '@shop/core/store'
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

export const paymentOf = (orderId: string, more: Partial<Payment> = {}): Payment =>
  rows.paymentOf({ paymentId: `${orderId}-payment`, orderId, userId: 'ann', amount: 2_000, paidAt: noon, ...more }).row

export const eventOf = (orderId: string, sequence = 1, more: Partial<OutboxEvent> = {}): OutboxEvent =>
  rows.eventOf({
    eventId: `${orderId}-event-${sequence}`,
    orderId,
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
