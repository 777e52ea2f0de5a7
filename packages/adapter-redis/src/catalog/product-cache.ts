import { randomUUID } from 'node:crypto'
import type { Store, Timer } from '@shop/core'
import { type Changes, type Loaded, type Product, type Reads, singleFlight, systemTimer } from '@shop/core/store'
import { watchCommits } from '../commit-watch.js'
import { DatabaseClock, type DatabaseIdentity } from '../database-clock.js'
import { catalogKeys, lifetimes, type PageOfProducts } from '../keys.js'
import { deleteKeys, type RedisAccess } from '../lua-script.js'
import { findPage, storePage } from './page-scripts.js'

/**
 * Where a page came from:
 * - `hit`: Redis;
 * - `stale`: Redis, while this server reads it again;
 * - `miss`: the database, because Redis did not have it;
 * - `away`: the database, because Redis is away.
 */
export type CacheFinding = 'hit' | 'stale' | 'miss' | 'away'

/** What `productCache` needs: Redis, and the database's identity. */
export interface ProductCacheOptions extends RedisAccess {
  /** The database's id and time: `knexSources(knex).database` of `@shop/adapter-knex`, for instance. */
  database(): Promise<DatabaseIdentity>
  /**
   * How old a page may be, its stock included, in milliseconds. From half of that age on a server reads it again.
   * @default 1000
   */
  readonly ttlMs?: number
  /**
   * How often a server asks the database for its id, in milliseconds.
   * @default 1000
   */
  readonly databaseMs?: number
  /** For logs and metrics. Errors thrown here are ignored. `onTrouble` gets errors that no caller sees. */
  readonly observer?: { onPage?(finding: CacheFinding): void; onTrouble?(error: unknown): void }
  /** Replaces time in tests. @default `systemTimer` */
  readonly timer?: Pick<Timer, 'elapsedMs'>
}

type ReadPage = Awaited<ReturnType<Reads['products']>>

interface Page<Found> {
  readonly found?: Found
  /** How long no product has been written, at least. */
  readonly unchangedMs: number
  readonly mustRefresh: boolean
  store(found: Found): Promise<void>
}

/** A product list in pages: the `reads` of a store, or another catalogue. */
export interface PagedProducts<Found> {
  /** Resolves with one page. With `mustBeCurrent`, the page shows everything written before. */
  products(query: PageOfProducts & { readonly mustBeCurrent?: boolean | undefined }): Promise<Found>
}

/** Pages of products, cached in Redis. */
export interface ProductCache {
  /**
   * Reads pages through the cache. A page must be plain JSON. Rejects only as `reads` does.
   * `maxAgeMs`: how old a page may be that `reads` returns without `mustBeCurrent`.
   * @default maxAgeMs: 0
   */
  products<Found>(
    reads: PagedProducts<Found>,
    options?: { readonly maxAgeMs?: number },
  ): (query: PageOfProducts) => Promise<Found>
  /** Invalidates every page on every server. Never rejects: pages that it cannot reach expire after `ttlMs`. */
  forget(): Promise<void>
  /** Forgets which database this is: see `CouponGate.forgetDatabase`. */
  forgetDatabase(): void
  /** Returns the store with cached pages. A commit through it that changes a product invalidates them. */
  store<Tx>(store: Store<Tx>): Store<Tx>
}

/**
 * Creates a cache of product pages in Redis. What a page shows, stock included, is at most `ttlMs` old. One server reads
 * a page again while the others still show it. No decision depends on a page. (seed 002, B116–B119)
 *
 * If the store has lists of an earlier moment (replicas), a page that is kept is still from after the last change of a
 * product: until every usable replica has that change, pages are read on the primary. Stock is then at most `ttlMs` and the
 * age of the store's lists old.
 *
 * A store's pages are kept as rows with a time, and get a new time whenever they are shown. So prices and hours change with
 * the database's clock, whatever the age of the page; they are late by at most the time that the database took to tell its
 * clock. If that clock is set, they follow within `databaseMs`.
 */
export const productCache = (options: ProductCacheOptions): ProductCache => {
  const { ttlMs = 1_000, databaseMs = 1_000, observer = {}, timer = systemTimer } = options
  const clock = new DatabaseClock(() => options.database(), {
    everyMs: databaseMs,
    elapsedMs: () => timer.elapsedMs(),
  })
  const notify = (work: () => void): void => {
    try {
      work()
    } catch {}
  }
  const onTrouble = (error: unknown) => notify(() => observer.onTrouble?.(error))

  const lookUp = async <Found>(page: PageOfProducts): Promise<Page<Found>> => {
    const id = { database: (await clock.read()).id, page }
    const { generation, generationMs, now, mustRefresh, rows } = await findPage(options, id, {
      newGeneration: randomUUID(),
      refreshAfterMs: ttlMs / 2,
      ttlMs,
      generationMs: lifetimes.generationMs,
    })
    return {
      ...(rows !== undefined && { found: JSON.parse(rows) as Found }),
      mustRefresh,
      unchangedMs: generationMs,
      store: (found) => storePage(options, id, { generation, readAt: now, ttlMs, rows: JSON.stringify(found) }),
    }
  }

  const forgetAll = async (): Promise<void> => {
    try {
      await deleteKeys(options, [catalogKeys((await clock.read()).id).generation])
    } catch (error) {
      onTrouble(error)
    }
  }

  const cached = <Found>(
    reads: PagedProducts<Found>,
    { maxAgeMs = 0 }: { readonly maxAgeMs?: number } = {},
  ): ((query: PageOfProducts) => Promise<Found>) => {
    const find = async (query: PageOfProducts): Promise<Found> => {
      let page: Page<Found>
      try {
        page = await lookUp<Found>(query)
      } catch (error) {
        onTrouble(error)
        notify(() => observer.onPage?.('away'))
        return reads.products(query)
      }
      const read = async (): Promise<Found> => {
        const mayBeOfBefore = maxAgeMs > 0 && page.unchangedMs <= maxAgeMs
        const found = await reads.products(mayBeOfBefore ? { ...query, mustBeCurrent: true } : query)
        // Callers do not wait until Redis has it.
        page.store(found).catch(onTrouble)
        return found
      }
      notify(() => observer.onPage?.(page.found ? (page.mustRefresh ? 'stale' : 'hit') : 'miss'))
      if (!page.found) return read()
      if (page.mustRefresh) read().catch(onTrouble)
      return page.found
    }

    const findOnce = singleFlight(find, ({ offset, limit, keyword }) => `${offset} ${limit} ${keyword}`)
    return ({ offset, limit, keyword = '' }) => findOnce({ offset, limit, keyword })
  }

  /** A page with the database's time now. The time that a page was read at is a lower bound of it. */
  const dated = async (page: ReadPage): Promise<ReadPage> => {
    try {
      const { earliest } = await clock.read()
      return earliest > page.now ? { ...page, now: earliest } : page
    } catch (error) {
      onTrouble(error)
      return page
    }
  }

  /** Pages with unlisted products, and those that must be current, are read from the store. */
  const cachedIfListed = ({ reads, supports }: Pick<Store<never>, 'reads' | 'supports'>): Reads['products'] => {
    const { staleLists } = supports
    const maxAgeMs = staleLists?.reads.includes('products') ? staleLists.maxAgeMs : 0
    const listed = cached(reads, { maxAgeMs })
    return async (query) =>
      query.includeUnlisted || query.mustBeCurrent ? reads.products(query) : dated(await listed(query))
  }

  return {
    products: cached,
    forget: forgetAll,
    forgetDatabase: () => clock.forget(),
    store: (store) => ({
      ...watchCommits(store, writesProducts, forgetAll),
      reads: { ...store.reads, products: cachedIfListed(store) },
    }),
  }
}

/** What only administrators change. A change keeps the objects that it does not change. */
const written = [
  'name',
  'price',
  'listed',
  'received',
  'opensAt',
  'closesAt',
  'sale',
  'purchaseLimit',
  'metadata',
] as const satisfies readonly (keyof Product)[]

/** Changes by an administrator show at once. Sales change only the stock, which a page may show late. */
const writesProducts = ({ products }: Changes, loaded: Loaded): true | undefined => {
  const before = new Map(loaded.products.map((product) => [product.productId, product]))
  const isWritten = products.updated.some((product) => {
    const was = before.get(product.productId)
    return !was || written.some((field) => was[field] !== product[field])
  })
  return products.inserted.length > 0 || isWritten || undefined
}
