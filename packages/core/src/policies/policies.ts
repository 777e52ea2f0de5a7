export type TieBreaker = 'views' | 'newest'

/**
 * Everything on which the five seeds disagree, as plain data. A preset is one value of this type; no code asks which
 * preset it runs under.
 */
export interface Policies {
  readonly wallet: {
    /** Does the first charge open a wallet, or is an unknown user refused? (seed 000, B003 · seed 004, B181) */
    readonly opens: 'on-first-charge' | 'by-registration'
  }
  readonly charge: {
    /** Smallest and largest single charge, and what it must be a multiple of. (seed 003, B141) */
    readonly minimum: number
    readonly maximum: number
    readonly unit: number
    /** The highest balance that charging may reach, itself allowed. (seed 004, B201) */
    readonly balanceLimit: number
  }
  readonly catalog: {
    /** Is a sold-out product shown with stock 0, or is its detail refused? (seed 001, B049) */
    readonly soldOut: 'shown' | 'refused'
    /** Which reads count as a view. (seed 003, B148) */
    readonly countViews: 'on-detail' | 'on-list' | 'on-both' | 'never'
  }
  readonly stock: {
    /** Does placing an order hold stock, or does only paying take it? (seed 000, B020 · seed 003, B166) */
    readonly takenAt: 'order' | 'payment'
    /** Does a short line refuse the order, or leave it? (seed 000, B021 · seed 001, B062) */
    readonly shortage: 'refuse-order' | 'drop-lines'
  }
  readonly coupon: {
    /** (seed 000, B022 · seed 003, B168) */
    readonly consumedAt: 'order' | 'payment'
  }
  readonly order: {
    /** One call that orders and pays, or two. (seed 002, B091) */
    readonly checkout: 'order-then-pay' | 'order-and-pay'
    /** How long an unpaid order lives, in minutes; fractions allowed. */
    readonly holdMinutes: number
  }
  readonly payment: {
    /** (seed 000, B034 · seed 004, B209) */
    readonly onInsufficientBalance: 'fail-order' | 'keep-pending'
  }
  readonly ranking: {
    /** Calendar days in `timeZone`, ending today or yesterday. (seed 001, B077 · seed 004, B220) */
    readonly days: number
    readonly includeToday: boolean
    readonly size: number
    /** Applied in this order between products that sold equally; then the product id. (seed 003, B174) */
    readonly tieBreakers: readonly TieBreaker[]
    /** IANA name, for example `Asia/Seoul`. */
    readonly timeZone: string
    /** When the ranking is computed: a cron expression, read in `timeZone`. (seed 001, B078 · seed 003, B173) */
    readonly schedule: string
  }
}

/** Whether a user must register before anything else. Otherwise the first charge opens the wallet. */
export const requiresRegistration = ({ wallet }: Pick<Policies, 'wallet'>): boolean =>
  wallet.opens === 'by-registration'

type Partially<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Partially<T[K]> }
    : T

/** Policies of which only some values are given; the rest comes from a preset. */
export type PolicyOverrides = Partially<Policies>
