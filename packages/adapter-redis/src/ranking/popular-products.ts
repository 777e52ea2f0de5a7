import type { Policies, RankingView } from '@shop/core'
import { iso } from '@shop/core/commands'
import {
  addDays,
  type Changes,
  type Day,
  rankingWindow,
  rankProducts,
  type SalesCandidate,
  type Store,
  systemTimer,
  type Timer,
} from '@shop/core/store'
import { watchCommits } from '../commit-watch.js'
import { DatabaseClock, type DatabaseIdentity } from '../database-clock.js'
import type { RedisAccess } from '../script.js'
import { DaySums, type Sums } from './day-sums.js'

export interface PopularProductsOptions extends RedisAccess {
  /** Whose data it is, and what the time is there: it tells which day it is. */
  database(): Promise<DatabaseIdentity>
  readonly policies: Pick<Policies, 'ranking'>
  /** The full sums of one day, products that have left the catalogue included. */
  dailySums(day: Day, timeZone: string): Promise<Sums>
  /** Those of the products that are listed, with what breaks a tie. */
  rankables(productIds: readonly string[]): Promise<readonly Omit<SalesCandidate, 'sold'>[]>
  /**
   * How long a day's sums are used without reading them anew: 60,000 ms, where left out. So late shows a sale that Redis
   * could not be told of.
   */
  readonly dayMs?: number
  /** How long one answer serves: 1,000 ms, where left out. */
  readonly answerMs?: number
  /** How often the database is asked for its id and time: every 1,000 ms, where left out. */
  readonly databaseMs?: number
  readonly observer?: { onTrouble?(error: unknown): void }
  readonly timer?: Pick<Timer, 'elapsedMs'>
}

export interface PopularProducts {
  /** The popular products of the window that ends today, or yesterday; `limit` cuts the policy's size further. */
  top(query?: { readonly limit?: number | undefined }): Promise<RankingView>
  /** Forgets what is known of days that have sold or given back something. Never rejects: sums it cannot reach lapse. */
  forget(days: readonly Day[]): Promise<void>
  /** The same store; whoever commits a sale or a refund makes its day be read anew. */
  store<Tx>(store: Store<Tx>): Store<Tx>
}

/** How long a reader of a day may take. */
const leaveMs = 10_000

/**
 * The popular products from full daily sums in Redis, by the rule of the database's own ranking: every product that sold
 * counts on every day, however little – a list of each day's best would lose those that are never among them. Days that
 * are missing are read from the database, and with Redis away all are. (seed 004, B215–B222)
 */
export const popularProducts = (options: PopularProductsOptions): PopularProducts => {
  const { policies, dayMs = 60_000, answerMs = 1_000, databaseMs = 1_000, observer = {}, timer = systemTimer } = options
  const { timeZone, size } = policies.ranking
  const watch = new DatabaseClock(() => options.database(), {
    everyMs: databaseMs,
    elapsedMs: () => timer.elapsedMs(),
  })
  const sums = new DaySums({
    redis: options.redis,
    guard: options.guard,
    timeZone,
    dailySums: (day, zone) => options.dailySums(day, zone),
    dayMs,
    leaveMs,
  })
  let last: { readonly at: number; readonly view: Promise<RankingView> } | undefined

  const onTrouble = (error: unknown): void => {
    try {
      observer.onTrouble?.(error)
    } catch {}
  }

  /** Everything that sold, from the database alone. */
  const allSums = async (days: readonly Day[]): Promise<Sums> => {
    const all = new Map<string, number>()
    for (const day of days) {
      for (const [productId, units] of await options.dailySums(day, timeZone)) {
        all.set(productId, (all.get(productId) ?? 0) + units)
      }
    }
    return all
  }

  const rank = async (found: Sums) => {
    const sold = [...found].filter(([productId, units]) => productId !== '' && units > 0)
    const listed = await options.rankables(sold.map(([productId]) => productId))
    return {
      isAll: listed.length >= size,
      ranked: rankProducts(
        listed.map((product) => ({ ...product, sold: found.get(product.productId) ?? 0 })),
        policies.ranking,
      ),
    }
  }

  const ranked = async (database: string, days: readonly Day[]) => {
    try {
      // Products that have left the catalogue make room for others, which stand further down.
      for (let wanted = size; ; wanted *= 4) {
        const found = await sums.top(database, days, wanted)
        if (!found) break
        const { isAll, ranked } = await rank(found)
        if (isAll || found.size < wanted) return ranked
      }
    } catch (error) {
      onTrouble(error)
    }
    return (await rank(await allSums(days))).ranked
  }

  const compute = async (): Promise<RankingView> => {
    const { id, latest: now } = await watch.read()
    const { from, to } = rankingWindow(policies.ranking, now)
    const days: Day[] = []
    for (let day = from; day <= to; day = addDays(day, 1)) days.push(day)
    const products = await ranked(id, days)
    return {
      products: products.map(({ productId, name, price, sold, views }, index) => ({
        rank: index + 1,
        productId,
        name,
        price,
        sold,
        views,
      })),
      from,
      to,
      asOf: iso(now),
    }
  }

  const forget = async (days: readonly Day[]): Promise<void> => {
    try {
      await sums.forget((await watch.read()).id, days)
    } catch (error) {
      onTrouble(error)
    }
  }

  return {
    async top({ limit = size } = {}) {
      const at = timer.elapsedMs()
      if (!last || at - last.at >= answerMs) {
        const view = compute()
        last = { at, view }
        view.catch(() => {
          if (last?.view === view) last = undefined
        })
      }
      const view = await last.view
      return { ...view, products: view.products.slice(0, limit) }
    },
    forget,
    store: (store) => watchCommits(store, soldDays, forget),
  }
}

const soldDays = ({ sales }: Changes): readonly Day[] | undefined =>
  sales.length > 0 ? [...new Set(sales.map(({ day }) => day))] : undefined
