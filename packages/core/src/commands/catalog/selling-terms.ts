import { type Metadata, metadata, storedMetadata } from '../../model/metadata.js'
import type { Product } from '../../model/product.js'
import { type Check, checkFields, integer, nullish, time } from '../../shared/check.js'
import { instantOf, type TimeInput } from '../../shared/instant.js'
import { maxPrice, maxUnits } from '../../shared/limits.js'
import type { InvalidField } from '../../shared/refusal.js'

/** A lower price for a time, in an input. */
export interface SaleInput {
  /** Price of one unit while it runs, in the currency's minor unit: 0 to below the regular price. */
  readonly price: number
  /** The sale runs from this time on: a `Date`, ISO 8601 text with its time zone, or milliseconds. */
  readonly from: TimeInput
  /** The sale runs before this time, which comes after `from`. Given in the same forms. */
  readonly until: TimeInput
}

/** When, at what price and to whom a product is sold. */
export interface SellingTerms {
  /**
   * The product can be ordered from this time on: a `Date`, ISO 8601 text with its time zone, or milliseconds. Null: without
   * such a time.
   */
  readonly opensAt?: TimeInput | null | undefined
  /** The product can be ordered before this time, which comes after `opensAt`. Null: without such a time. */
  readonly closesAt?: TimeInput | null | undefined
  /** A lower price for a time. Null: no sale. */
  readonly sale?: SaleInput | null | undefined
  /** The most units that one user may have in open and paid orders, 1 to 10^12. Null: no limit. */
  readonly purchaseLimit?: number | null | undefined
  /** Data of your own, see {@link Metadata}. Null or `{}`: none. */
  readonly metadata?: Metadata | null | undefined
}

const sale: Check = (value) => {
  const [first] = checkFields(value, { price: integer(0, maxPrice), from: time, until: time })
  if (!first) return undefined
  return first.path === '' ? first.message : `${first.path} ${first.message}`
}

/** The checks of the fields of {@link SellingTerms}, each by itself. */
export const sellingTerms: Readonly<Record<keyof SellingTerms, Check>> = {
  opensAt: nullish(time),
  closesAt: nullish(time),
  sale: nullish(sale),
  purchaseLimit: nullish(integer(1, maxUnits)),
  metadata: nullish(metadata),
}

type StoredTerms = Pick<Product, 'opensAt' | 'closesAt' | 'sale' | 'purchaseLimit' | 'metadata'>

const instantOrNull = (given: TimeInput | null): number | null => (given === null ? null : instantOf(given))

/** The terms after a change: omitted ones stay as they were. */
export const changedTerms = (before: StoredTerms, { sale, ...input }: SellingTerms): StoredTerms => ({
  opensAt: input.opensAt === undefined ? before.opensAt : instantOrNull(input.opensAt),
  closesAt: input.closesAt === undefined ? before.closesAt : instantOrNull(input.closesAt),
  sale:
    sale === undefined
      ? before.sale
      : sale && { price: sale.price, from: instantOf(sale.from), until: instantOf(sale.until) },
  purchaseLimit: input.purchaseLimit === undefined ? before.purchaseLimit : input.purchaseLimit,
  metadata: input.metadata === undefined ? before.metadata : storedMetadata(input.metadata),
})

/** A product without any of these terms. */
export const noTerms: StoredTerms = { opensAt: null, closesAt: null, sale: null, purchaseLimit: null, metadata: null }

/** What is wrong with the terms of a product as a whole. */
export const termsProblems = ({
  price,
  opensAt,
  closesAt,
  sale,
}: Pick<Product, 'price' | 'opensAt' | 'closesAt' | 'sale'>): readonly InvalidField[] => {
  const errors: InvalidField[] = []
  if (opensAt !== null && closesAt !== null && closesAt <= opensAt)
    errors.push({ path: 'closesAt', message: 'must be after opensAt' })
  if (sale && sale.until <= sale.from) errors.push({ path: 'sale.until', message: 'must be after sale.from' })
  if (sale && sale.price >= price)
    errors.push({ path: 'sale.price', message: `must be below the regular price of ${price}` })
  return errors
}
