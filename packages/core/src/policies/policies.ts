/** How the ranking orders products that sold equally: more views first, or newer first. */
export type TieBreaker = 'views' | 'newest'

/**
 * The rules in which shops differ, as plain data. A preset is one value of this type; no code asks which preset it runs
 * under.
 */
export interface Policies {
  /** Who has a wallet. */
  readonly wallet: {
    /** Does the first charge open a wallet, or is an unknown user refused? */
    readonly opens: 'on-first-charge' | 'by-registration'
  }
  /** Bounds of charging, in the currency's minor unit, each 1 to 10^15. */
  readonly charge: {
    /** The smallest single charge. */
    readonly minimum: number
    /** The largest single charge. */
    readonly maximum: number
    /** A charge is a multiple of this. */
    readonly unit: number
    /** The highest balance that charging may reach, itself allowed. */
    readonly balanceLimit: number
  }
  /** How products are shown. */
  readonly catalog: {
    /** Is a sold-out product shown with stock 0, or is its detail refused? */
    readonly soldOut: 'shown' | 'refused'
    /** Which reads count as a view. */
    readonly countViews: 'on-detail' | 'on-list' | 'on-both' | 'never'
  }
  /** When an order takes stock, and what happens if there is too little. */
  readonly stock: {
    /** Does placing an order hold stock, or does only paying take it? */
    readonly takenAt: 'order' | 'payment'
    /** If a line asks for more than there is: is the order refused, or the line dropped? */
    readonly shortage: 'refuse-order' | 'drop-lines'
  }
  /** When an order uses its coupon. */
  readonly coupon: {
    /** Does placing an order use the coupon, or does only paying use it? */
    readonly consumedAt: 'order' | 'payment'
  }
  /** How an order is placed. */
  readonly order: {
    /** One call that orders and pays, or two? */
    readonly checkout: 'order-then-pay' | 'order-and-pay'
    /** How long an unpaid order can be paid, in minutes: above 0, at most 525,600; fractions allowed. */
    readonly holdMinutes: number
  }
  /** How an order is paid. */
  readonly payment: {
    /** If the balance does not suffice: does the order fail, or can it be paid later? */
    readonly onInsufficientBalance: 'fail-order' | 'keep-pending'
  }
  /** How the popular products are computed. */
  readonly ranking: {
    /** Calendar days in `timeZone` that count, 1 to 366. */
    readonly days: number
    /** Is today the last day that counts, or yesterday? */
    readonly includeToday: boolean
    /** How many products the ranking shows, 1 to 100. */
    readonly size: number
    /** Applied in this order between products that sold equally; then the product id. */
    readonly tieBreakers: readonly TieBreaker[]
    /** IANA name, for example `Asia/Seoul`. */
    readonly timeZone: string
    /** When the ranking is computed: a cron expression, read in `timeZone`. */
    readonly schedule: string
  }
}

/** Whether a user must register before anything else. Otherwise the first charge opens the wallet. */
export const requiresRegistration = ({ wallet }: Pick<Policies, 'wallet'>): boolean =>
  wallet.opens === 'by-registration'

/** Any part of `T`, at any depth; lists are whole. */
type Partially<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Partially<T[K]> }
    : T

/** Policies of which only some values are given; the rest comes from a preset. */
export type PolicyOverrides = Partially<Policies>
