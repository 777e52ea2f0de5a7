/** The largest amount of money, in the currency's minor unit: 2^53 - 1. Beyond it JavaScript numbers are not exact. */
export const maxMoney = Number.MAX_SAFE_INTEGER

/** The highest price of one unit, in the currency's minor unit. An order of 100 lines of 10,000 each stays below `maxMoney`. */
export const maxPrice = 9_000_000_000

/** The highest value of policy `charge.balanceLimit`, in the currency's minor unit; refunds on top of it stay exact. */
export const maxBalanceLimit = 10 ** 15

/** The largest number of lines of one order. */
export const maxOrderLines = 100

/** The largest quantity of one line of an order. */
export const maxLineQuantity = 10_000

/** The largest number of units of one product, and of copies of one coupon. */
export const maxUnits = 10 ** 12

/** The largest number of products that a coupon names. */
export const maxCouponProducts = 1_000

/** The longest name of a product or a coupon, in code points. */
export const maxNameLength = 100

/** The longest reason of an entry or a refund, in code points. */
export const maxReasonLength = 200

/** The longest keyword of a search, in code points. */
export const maxKeywordLength = 100

/** The last instant of the year 9999. A later one has a longer year in ISO 8601 text, which inputs and schemas refuse. */
export const maxInstant = 253_402_300_799_999

/** The largest page size of a list. */
export const maxListLimit = 100

/** The default page size of a list. */
export const defaultListLimit = 20

/** The default page size of the catalogue. */
export const defaultProductPageSize = 10
