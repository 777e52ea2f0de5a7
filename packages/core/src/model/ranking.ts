import type { Policies } from '../policies/policies.js'
import { addDays, type Day, dayOf } from '../shared/calendar.js'
import { type Instant, isoOrNull } from '../shared/instant.js'
import type { Product } from './product.js'

/** Units of a product paid on one day, less those refunded since. A change to add to what is there, never a value to store. */
export interface SalesChange {
  readonly timeZone: string
  readonly day: Day
  readonly productId: string
  readonly quantity: number
}

/** What ranking looks at. */
export interface Rankable {
  readonly productId: string
  readonly sold: number
  readonly views: number
  readonly createdAt: Instant
}

/** What a product sold in a window, and how it is shown. */
export interface SalesCandidate extends Rankable {
  readonly name: string
  readonly price: number
}

export interface RankedProduct {
  readonly productId: string
  readonly sold: number
  readonly views: number
}

/** The popular products as last computed, first the most popular one. */
export interface Ranking {
  readonly name: 'popular'
  readonly products: readonly RankedProduct[]
  readonly from: Day
  readonly to: Day
  readonly asOf: Instant
}

export interface RankingWindow {
  readonly timeZone: string
  readonly from: Day
  readonly to: Day
}

/** Calendar days in the policy's time zone, ending today or yesterday: days of 23 or 25 hours included. */
export const rankingWindow = ({ days, includeToday, timeZone }: Policies['ranking'], now: Instant): RankingWindow => {
  const to = addDays(dayOf(now, timeZone), includeToday ? 0 : -1)
  return { timeZone, from: addDays(to, 1 - days), to }
}

const breakers = {
  views: (a: Rankable, b: Rankable) => b.views - a.views,
  newest: (a: Rankable, b: Rankable) => b.createdAt - a.createdAt,
}

/**
 * The most sold first; equals by the policy's tie-breakers, then by product id, so that the order is total. Products
 * without a sale are not listed. (seed 003, B174 · seed 004, B217)
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

export interface RankingView {
  readonly products: readonly {
    readonly rank: number
    readonly productId: string
    readonly name: string
    readonly price: number
    readonly sold: number
    readonly views: number
  }[]
  readonly from: Day
  readonly to: Day
  /** When it was computed; null before the first time. */
  readonly asOf: string | null
}

/** The ranking with names and prices as they are now; a product that has left the catalogue leaves the ranking. */
export const rankingView = (
  ranking: Ranking | undefined,
  products: readonly Product[],
  { window, limit }: { readonly window: RankingWindow; readonly limit: number },
): RankingView => {
  if (!ranking) return { products: [], from: window.from, to: window.to, asOf: null }
  const listed = new Map(products.filter(({ listed }) => listed).map((product) => [product.productId, product]))
  const shown = ranking.products.flatMap(({ productId, sold, views }) => {
    const product = listed.get(productId)
    return product ? [{ productId, name: product.name, price: product.price, sold, views }] : []
  })
  return {
    products: shown.slice(0, limit).map((product, index) => ({ rank: index + 1, ...product })),
    from: ranking.from,
    to: ranking.to,
    asOf: isoOrNull(ranking.asOf),
  }
}
