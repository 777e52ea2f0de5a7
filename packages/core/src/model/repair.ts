import type { Instant } from '../shared/instant.js'

/** What a cure did: it commits with the cure. */
export interface Repair {
  /** The repair's id. */
  readonly repairId: string
  /** The id of the law that was broken, for example `STOCK-HELD`. */
  readonly law: string
  /** The kind of thing and its id, for example `product mug`. */
  readonly subject: string
  /** What was done, in English. */
  readonly what: string
  /** The value before it, as plain JSON. */
  readonly before: unknown
  /** The value after it, as plain JSON. */
  readonly after: unknown
  /** When it was done. */
  readonly at: Instant
}

/**
 * A broken law with one safe cure. A drift is the difference between a counter and its rows in an audit. Correct commands
 * change both alike, so it stays the same until the cure subtracts it.
 */
export type Cure =
  /** The entry counter of a wallet differs from the number of its entries. */
  | { readonly kind: 'entries'; readonly userId: string; readonly drift: number }
  /** Lots have ended, and their expiry is not recorded. */
  | { readonly kind: 'lots'; readonly userId: string; readonly lots: readonly string[] }
  /** The held units of a product differ from its holds. */
  | { readonly kind: 'held'; readonly productId: string; readonly drift: number }
  /** A hold belongs to no pending order. */
  | { readonly kind: 'hold'; readonly orderId: string; readonly productId: string }
  /** The issued copies of a coupon differ from its counter. */
  | { readonly kind: 'issued'; readonly couponId: string; readonly drift: number }
  /** A user's coupon names another order than the one that uses it; null stands for none. */
  | {
      readonly kind: 'coupon-use'
      readonly couponId: string
      readonly userId: string
      readonly named: string | null
      readonly orderId: string | null
    }
  /** An order is overdue, and its end is not recorded. */
  | { readonly kind: 'overdue-order'; readonly orderId: string }
  /** The refunded amount of an order differs from its refunds. */
  | { readonly kind: 'refunded-amount'; readonly orderId: string; readonly refunds: number }
  /** Events of an order are missing; those with the sequences in `present` are there. */
  | { readonly kind: 'events'; readonly orderId: string; readonly events: number; readonly present: readonly number[] }
  /** The daily sums were rebuilt. The store has done that already; this only records it. */
  | { readonly kind: 'daily-sums'; readonly before: unknown; readonly after: unknown }
