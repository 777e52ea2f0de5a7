import type { Policies } from '../policies/policies.js'
import { addDays, type Day, dayOf } from '../shared/calendar.js'
import { type Instant, isoOrNull } from '../shared/instant.js'
import { type Product, priceAt } from './product.js'
import { currencyField, type ViewContext } from './view-context.js'

/** Units of a product paid on one day, less those refunded since. A difference to add to the stored sum. */
export interface SalesChange {
  /** The IANA time zone of the day. */
  readonly timeZone: string
  /** The day of the payment. */
  readonly day: Day
  /** The product's id. */
  readonly productId: string
  /** Units to add; negative for a refund. */
  readonly quantity: number
}

/** The facts by which products are ranked. */
export interface Rankable {
  /** The product's id. */
  readonly productId: string
  /** Units sold in the window. */
  readonly sold: number
  /** Views counted so far. */
  readonly views: number
  /** When the product was created. */
  readonly createdAt: Instant
}

/** The sales of a product in a window, with its name and price. */
export interface SalesCandidate extends Rankable {
  /** The product's name. */
  readonly name: string
  /** Price of one unit in the currency's minor unit. */
  readonly price: number
}

/** A place in the stored ranking. */
export interface RankedProduct {
  /** The product's id. */
  readonly productId: string
  /** Units sold in the window. */
  readonly sold: number
  /** Views counted when the ranking was computed. */
  readonly views: number
}

/** The popular products as last computed, most popular first. */
export interface Ranking {
  /** Always the same: there is only one ranking. */
  readonly name: 'popular'
  /** Most popular first. */
  readonly products: readonly RankedProduct[]
  /** The first counted day. */
  readonly from: Day
  /** The last counted day. */
  readonly to: Day
  /** When it was computed. */
  readonly asOf: Instant
}

/** The days that a ranking counts. */
export interface RankingWindow {
  /** The IANA time zone of the days. */
  readonly timeZone: string
  /** The first day. */
  readonly from: Day
  /** The last day. */
  readonly to: Day
}

/** Calendar days in the policy's time zone that end today or yesterday. A day may have 23 or 25 hours. */
export const rankingWindow = ({ days, includeToday, timeZone }: Policies['ranking'], now: Instant): RankingWindow => {
  const to = addDays(dayOf(now, timeZone), includeToday ? 0 : -1)
  return { timeZone, from: addDays(to, 1 - days), to }
}

const breakers = {
  views: (a: Rankable, b: Rankable) => b.views - a.views,
  newest: (a: Rankable, b: Rankable) => b.createdAt - a.createdAt,
}

/**
 * Most sold first. Ties are broken by the policy's tie-breakers, then by product id, so that the order is total.
 * Products without a sale are not listed.
 */
export const rankProducts = <Candidate extends Rankable>(
  candidates: readonly Candidate[],
  { size, tieBreakers }: Pick<Policies['ranking'], 'size' | 'tieBreakers'>,
): Candidate[] =>
  candidates
    .filter(({ sold }) => sold > 0)
    .sort((a, b) => {
      for (const breaker of [
        (x: Rankable, y: Rankable) => y.sold - x.sold,
        ...tieBreakers.map((name) => breakers[name]),
      ]) {
        const difference = breaker(a, b)
        if (difference !== 0) return difference
      }
      return a.productId < b.productId ? -1 : 1
    })
    .slice(0, size)

/** One popular product. */
export interface RankedProductView {
  /** The place, counted from 1. */
  readonly rank: number
  /** The product's id. */
  readonly productId: string
  /** The current name of the product. */
  readonly name: string
  /** The current price of one unit, in the currency's minor unit, 0 to 9,000,000,000. */
  readonly price: number
  /** Units sold in the window. */
  readonly sold: number
  /** Views counted when the ranking was computed. */
  readonly views: number
  /** The currency of the price, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
}

/** The popular products as last computed. */
export interface RankingView {
  /** Most popular first; at most policy `ranking.size`. */
  readonly products: readonly RankedProductView[]
  /** The first counted day, in the policy's time zone. */
  readonly from: Day
  /** The last counted day, in the policy's time zone. */
  readonly to: Day
  /** When it was computed: ISO 8601 in UTC; null before the first time. */
  readonly asOf: string | null
}

/** The ranking with current names and prices. Unlisted products are left out. */
export const rankingView = (
  ranking: Ranking | undefined,
  products: readonly Product[],
  { window, limit, ...context }: ViewContext & { readonly window: RankingWindow; readonly limit: number },
): RankingView => {
  if (!ranking) return { products: [], from: window.from, to: window.to, asOf: null }
  const listed = new Map(products.filter(({ listed }) => listed).map((product) => [product.productId, product]))
  const shown = ranking.products.flatMap(({ productId, sold, views }) => {
    const product = listed.get(productId)
    if (!product) return []
    const price = priceAt(product, context.now)
    return [{ productId, name: product.name, price, sold, views, ...currencyField(context) }]
  })
  return {
    products: shown.slice(0, limit).map((product, index) => ({ rank: index + 1, ...product })),
    from: ranking.from,
    to: ranking.to,
    asOf: isoOrNull(ranking.asOf),
  }
}
