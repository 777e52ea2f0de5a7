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
import type { RedisAccess } from '../lua-script.js'
import { DaySums, type Sums } from './day-sums.js'

/** What `popularProducts` needs: Redis, the database's identity and time, and reads of committed sales. */
export interface PopularProductsOptions extends RedisAccess {
  /** The database's id and time, which decides what day it is. `knexSources(knex)` of `@shop/adapter-knex` has it. */
  database(): Promise<DatabaseIdentity>
  /** The size, the window and the time zone of the ranking. */
  readonly policies: Pick<Policies, 'ranking'>
  /** Units sold on one day of the time zone, for every product, unlisted ones included. */
  dailySums(day: Day, timeZone: string): Promise<Sums>
  /** Those of the products that are listed, with the fields that break ties. */
  rankables(productIds: readonly string[]): Promise<readonly Omit<SalesCandidate, 'sold'>[]>
  /**
   * How long a day's sums may be used, in milliseconds. A sale that Redis was not told of shows after this.
   * @default 60000
   */
  readonly dayMs?: number
  /**
   * How long one result serves all callers of `top`, in milliseconds.
   * @default 1000
   */
  readonly answerMs?: number
  /**
   * How often a server asks the database for its id and time, in milliseconds.
   * @default 1000
   */
  readonly databaseMs?: number
  /** For logs and metrics. Errors thrown here are ignored. `onTrouble` gets errors that no caller sees. */
  readonly observer?: { onTrouble?(error: unknown): void }
  /** Replaces time in tests. @default `systemTimer` */
  readonly timer?: Pick<Timer, 'elapsedMs'>
}

/** A ranking of products by units sold, cached in Redis. */
export interface PopularProducts {
  /**
   * The ranking of the window that ends today or yesterday, as the policy says. `limit` (an integer ≥ 0) shortens it;
   * it never exceeds the policy's size. Rejects if the database is away.
   */
  top(query?: { readonly limit?: number | undefined }): Promise<RankingView>
  /** Invalidates days whose sales have changed. Never rejects: sums that it cannot reach expire after `dayMs`. */
  forget(days: readonly Day[]): Promise<void>
  /** Forgets which database this is, and the last result: see `CouponGate.forgetDatabase`. */
  forgetDatabase(): void
  /** Returns the store. A commit through it that contains a sale or a refund invalidates its day. */
  store<Tx>(store: Store<Tx>): Store<Tx>
}

/** How long one read of a day may take. */
const lockMs = 10_000

/**
 * Creates the ranking of popular products from full daily sums in Redis, by the same rule as the database's own ranking.
 * Every product that sold counts on every day: lists of each day's best would miss a product that sells a little daily.
 * Missing days are read from the database; while Redis is away, all of them. (seed 004, B215–B222)
 */
export const popularProducts = (options: PopularProductsOptions): PopularProducts => {
  const { policies, dayMs = 60_000, answerMs = 1_000, databaseMs = 1_000, observer = {}, timer = systemTimer } = options
  const { timeZone, size } = policies.ranking
  const clock = new DatabaseClock(() => options.database(), {
    everyMs: databaseMs,
    elapsedMs: () => timer.elapsedMs(),
  })
  const sums = new DaySums({
    redis: options.redis,
    guard: options.guard,
    timeZone,
    dailySums: (day, zone) => options.dailySums(day, zone),
    dayMs,
    lockMs,
  })
  let last: { readonly at: number; readonly view: Promise<RankingView> } | undefined

  const onTrouble = (error: unknown): void => {
    try {
      observer.onTrouble?.(error)
    } catch {}
  }

  /** The sums of the days, from the database alone. */
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
      // Unlisted products drop out, so a longer list may be needed to fill the ranking.
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
    const { id, latest: now } = await clock.read()
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
      await sums.forget((await clock.read()).id, days)
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
    forgetDatabase() {
      clock.forget()
      last = undefined
    },
    store: (store) => watchCommits(store, soldDays, forget),
  }
}

const soldDays = ({ sales }: Changes): readonly Day[] | undefined =>
  sales.length > 0 ? [...new Set(sales.map(({ day }) => day))] : undefined
