/** The largest amount of money, in the currency's minor unit: beyond it JavaScript numbers are no longer exact. */
export const maxMoney = Number.MAX_SAFE_INTEGER

/** So priced, an order of 100 lines of 10,000 each stays below `maxMoney`. */
export const maxPrice = 9_000_000_000

/** Charging never lifts a balance above this, whatever the policies say; refunds on top of it stay exact. */
export const maxBalanceLimit = 10 ** 15

export const maxOrderLines = 100
export const maxLineQuantity = 10_000

/** Units of one product, or of one coupon, that a shop can have. */
export const maxUnits = 10 ** 12

/** In code points. */
export const maxNameLength = 100
export const maxKeywordLength = 100

/** The last instant that JavaScript and Postgres both know. */
export const maxInstant = 8.64e15
