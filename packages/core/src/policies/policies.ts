import type { EventType } from './event-types.js'

/** How the ranking breaks ties between equally sold products: more views first, or newer first. */
export type TieBreaker = 'views' | 'newest'

/** The rules in which shops differ, as plain data. A preset is one value of this type; no code depends on its name. */
export interface Policies {
  /** Who has a wallet, and how it is spent. */
  readonly wallet: {
    /** Whether the first charge or grant opens a wallet, or an unknown user is refused. */
    readonly opens: 'on-first-charge' | 'by-registration'
    /** Which money a payment takes first. */
    readonly spend: 'bonus-first' | 'paid-first'
    /**
     * How many days of 24 hours refunded bonus money lives if its lot has ended meanwhile, 0 to 36,500. With 0 it is
     * forfeited.
     */
    readonly refundedBonusDays: number
  }
  /** Limits of charging, in the currency's minor unit, each 1 to 10^15. */
  readonly charge: {
    /** The smallest single charge. */
    readonly minimum: number
    /** The largest single charge. */
    readonly maximum: number
    /** Every charge is a multiple of this. */
    readonly unit: number
    /** The highest balance that a charge may reach, inclusive. */
    readonly balanceLimit: number
  }
  /** How products are shown. */
  readonly catalog: {
    /** Whether a sold-out product is shown with stock 0, or its detail is refused. */
    readonly soldOut: 'shown' | 'refused'
    /** Which reads count as a view. */
    readonly countViews: 'on-detail' | 'on-list' | 'on-both' | 'never'
  }
  /** When an order takes stock, and what happens if there is too little. */
  readonly stock: {
    /** Whether stock is taken when the order is placed (as a hold), or when it is paid. */
    readonly takenAt: 'order' | 'payment'
    /** If a line exceeds the stock: whether the order is refused, or the line is dropped. */
    readonly shortage: 'refuse-order' | 'drop-lines'
  }
  /** When an order uses its coupon. */
  readonly coupon: {
    /** Whether the coupon is used when the order is placed, or when it is paid. */
    readonly consumedAt: 'order' | 'payment'
  }
  /** How an order is placed. */
  readonly order: {
    /** Whether one call orders and pays, or two calls. */
    readonly checkout: 'order-then-pay' | 'order-and-pay'
    /** How long an unpaid order can be paid, in minutes: above 0, at most 525,600. Fractions are allowed. */
    readonly holdMinutes: number
    /** The most open orders of one user, at least 1; null without a limit. Orders that are paid at once do not count. */
    readonly pendingPerUser: number | null
    /** Whether placing an order needs the balance to suffice for it. Nothing is reserved of the balance. */
    readonly balanceAtOrder: 'ignored' | 'required'
  }
  /** How an order is paid. */
  readonly payment: {
    /** If the balance is insufficient: whether the order fails, or can be paid later. */
    readonly onInsufficientBalance: 'fail-order' | 'keep-pending'
  }
  /** How an order is refunded. */
  readonly refund: {
    /** If what remains of an order misses the minimum of its coupon: whether the order keeps its discount. */
    readonly whenMinimumIsMissed: 'keep-discount' | 'withdraw-discount'
  }
  /** How the popular products are computed. */
  readonly ranking: {
    /** Calendar days in `timeZone` that count, 1 to 366. */
    readonly days: number
    /** Whether today or yesterday is the last counted day. */
    readonly includeToday: boolean
    /** How many products the ranking shows, 1 to 100. */
    readonly size: number
    /** Tie-breakers between equally sold products, in this order; then the product id. */
    readonly tieBreakers: readonly TieBreaker[]
    /** IANA name, for example `Asia/Seoul`. */
    readonly timeZone: string
    /** When the ranking is computed: a cron expression in `timeZone`. */
    readonly schedule: string
  }
  /**
   * Which events are written to the outbox, each at most once; complete if it is given. An order keeps the types with which
   * it was placed.
   */
  readonly events: readonly EventType[]
}

/** Whether a user must register first. Otherwise the first charge or grant opens the wallet. */
export const requiresRegistration = ({ wallet }: Pick<Policies, 'wallet'>): boolean =>
  wallet.opens === 'by-registration'

/** Any part of `T`, at any depth. Lists are complete. */
type Partially<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Partially<T[K]> }
    : T

/** Policies of which some values are given. A preset supplies the others. */
export type PolicyOverrides = Partially<Policies>
