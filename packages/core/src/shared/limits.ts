/** The largest amount of money, in the currency's minor unit: 2^53 - 1. Beyond it JavaScript numbers are not exact. */
export const maxMoney = Number.MAX_SAFE_INTEGER

/** The highest price of one unit, in the currency's minor unit. An order of 100 lines of 10,000 each stays below `maxMoney`. */
export const maxPrice = 9_000_000_000

/** The highest value of policy `charge.balanceLimit`, in the currency's minor unit; refunds on top of it stay exact. */
export const maxBalanceLimit = 10 ** 15

/** The most lines of one order. */
export const maxOrderLines = 100

/** The most units of one line of an order. */
export const maxLineQuantity = 10_000

/** The most units of one product, and the most copies of one coupon. */
export const maxUnits = 10 ** 12

/** The longest name of a product or a coupon, in code points. */
export const maxNameLength = 100

/** The longest keyword of a search, in code points. */
export const maxKeywordLength = 100

/** The last instant that JavaScript and Postgres both know. */
export const maxInstant = 8.64e15

/** The most items on one page of a list. */
export const maxListLimit = 100

/** Items on one page of a list, unless the caller says otherwise. */
export const defaultListLimit = 20

/** Products on one page of the catalogue, unless the caller says otherwise. */
export const defaultProductPageSize = 10
