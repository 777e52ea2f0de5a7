import { randomUUID } from 'node:crypto'
import { type Changes, type Loaded, type Store, systemTimer, type Timer } from '@shop/core/store'
import { watchCommits } from '../commit-watch.js'
import { DatabaseClock, type DatabaseIdentity } from '../database-clock.js'
import { catalogKeys, type PageOfProducts } from '../keys.js'
import { type RedisAccess, runScript } from '../script.js'
import { findPage } from '../scripts/find-page.js'
import { forget } from '../scripts/forget.js'
import { keepPage } from '../scripts/keep-page.js'

/** `hit` and `stale` came from Redis (`stale` while it is read anew), `miss` and `away` from the database. */
export type CacheFinding = 'hit' | 'stale' | 'miss' | 'away'

export interface ProductCacheOptions extends RedisAccess {
  /** Whose data it is. */
  database(): Promise<DatabaseIdentity>
  /** How old a page may be, its stock included: 1,000 ms, where left out. From half of that on it is read anew. */
  readonly ttlMs?: number
  /** How often the database is asked for its id: every 1,000 ms, where left out. */
  readonly databaseMs?: number
  readonly observer?: { onPage?(finding: CacheFinding): void; onTrouble?(error: unknown): void }
  readonly timer?: Pick<Timer, 'elapsedMs'>
}

interface Page<Found> {
  readonly found?: Found
  readonly mayRenew: boolean
  keep(found: Found): Promise<void>
}

/** The reads of a store will do, or any other catalogue. */
export interface PagedProducts<Found> {
  products(query: PageOfProducts): Promise<Found>
}

export interface ProductCache {
  /** The pages of `reads` with the cache before them. What is found must be plain JSON. */
  products<Found>(reads: PagedProducts<Found>): PagedProducts<Found>['products']
  /** From here on no server shows a page that was read before. Never rejects: pages it cannot reach lapse. */
  forget(): Promise<void>
  /** The same store with its pages cached, and forgotten by whoever commits a change to a product. */
  store<Tx>(store: Store<Tx>): Store<Tx>
}

/**
 * Pages of products, in Redis before the database: what they show, stock included, is at most `ttlMs` old. One server
 * reads a page anew while the others still show it. Nothing is decided by a page. (seed 002, B116–B119)
 */
export const productCache = (options: ProductCacheOptions): ProductCache => {
  const { ttlMs = 1_000, databaseMs = 1_000, observer = {}, timer = systemTimer } = options
  const watch = new DatabaseClock(() => options.database(), {
    everyMs: databaseMs,
    elapsedMs: () => timer.elapsedMs(),
  })
  const tell = (work: () => void): void => {
    try {
      work()
    } catch {}
  }
  const onTrouble = (error: unknown) => tell(() => observer.onTrouble?.(error))

  const look = async <Found>(page: PageOfProducts): Promise<Page<Found>> => {
    const keys = catalogKeys((await watch.read()).id)
    const [generation, readAt, mayRenew, rows] = (await runScript(
      options,
      findPage,
      [keys.generation, keys.page(page), keys.renewing(page)],
      [randomUUID(), ttlMs / 2, ttlMs],
    )) as [string, number, number, string | undefined]
    return {
      ...(typeof rows === 'string' && { found: JSON.parse(rows) as Found }),
      mayRenew: mayRenew === 1,
      async keep(found) {
        await runScript(
          options,
          keepPage,
          [keys.generation, keys.page(page), keys.renewing(page)],
          [generation, readAt, ttlMs, JSON.stringify(found)],
        )
      },
    }
  }

  const forgetAll = async (): Promise<void> => {
    try {
      await runScript(options, forget, [catalogKeys((await watch.read()).id).generation], [])
    } catch (error) {
      onTrouble(error)
    }
  }

  const cached = <Found>(reads: PagedProducts<Found>): PagedProducts<Found>['products'] => {
    const reading = new Map<string, Promise<Found>>()

    const find = async (query: PageOfProducts): Promise<Found> => {
      let page: Page<Found>
      try {
        page = await look<Found>(query)
      } catch (error) {
        onTrouble(error)
        tell(() => observer.onPage?.('away'))
        return reads.products(query)
      }
      const read = async (): Promise<Found> => {
        const found = await reads.products(query)
        // Whoever asked does not wait until Redis has it.
        page.keep(found).catch(onTrouble)
        return found
      }
      tell(() => observer.onPage?.(page.found ? (page.mayRenew ? 'stale' : 'hit') : 'miss'))
      if (!page.found) return read()
      if (page.mayRenew) read().catch(onTrouble)
      return page.found
    }

    return ({ offset, limit, keyword = '' }) => {
      const text = `${offset} ${limit} ${keyword}`
      let found = reading.get(text)
      if (!found) {
        found = find({ offset, limit, keyword }).finally(() => reading.delete(text))
        reading.set(text, found)
      }
      return found
    }
  }

  return {
    products: cached,
    forget: forgetAll,
    store: (store) => ({
      ...watchCommits(store, writesProducts, forgetAll),
      reads: { ...store.reads, products: cached(store.reads) },
    }),
  }
}

/** Selling moves stock and held, and pages may show those late; what an administrator changes is shown at once. */
const writesProducts = ({ products }: Changes, loaded: Loaded): true | undefined => {
  const before = new Map(loaded.products.map((product) => [product.productId, product]))
  const isWritten = products.updated.some(({ productId, name, price, listed, received }) => {
    const was = before.get(productId)
    return !was || was.name !== name || was.price !== price || was.listed !== listed || was.received !== received
  })
  return products.inserted.length > 0 || isWritten || undefined
}
