import {
  type KnexConnectionOptions,
  type KnexStoreOptions,
  knexConnection,
  knexStore,
  migrate,
} from '@shop/adapter-knex'
import type { Store } from '@shop/core'
import { mergeKeys, type SomeKeys } from '@shop/core/commands'
import type { Keys } from '@shop/core/store'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import type { Knex } from 'knex'
import { changing, type SomeChanges } from './rows.js'

export interface ShopDatabase extends FreshDatabase {
  /** Opens a pool that ends with the database. */
  connect(options?: KnexConnectionOptions & { readonly url?: string }): Knex
  /** Opens a store over a pool of its own. */
  store(options?: KnexStoreOptions & KnexConnectionOptions & { readonly url?: string }): ReturnType<typeof knexStore>
  /** A store over that pool. */
  storeOn(pool: Knex, options?: KnexStoreOptions): ReturnType<typeof knexStore>
  /** Removes every row. */
  clear(): Promise<void>
}

const silent: Knex.Logger = { warn: () => {}, error: () => {}, debug: () => {} }

interface OpenOptions {
  readonly schema?: string
  /** The database. @default a new one */
  readonly on?: FreshDatabase
}

/** A database with the shop's schema, and pools on it. */
export const openShopDatabase = async ({ schema = 'shop', on }: OpenOptions = {}): Promise<ShopDatabase> => {
  const database = on ?? (await freshDatabase())
  const pools: Knex[] = []
  const connect: ShopDatabase['connect'] = ({ url = database.url, ...options } = {}) => {
    const pool = knexConnection(url, { log: silent, ...options })
    pools.push(pool)
    return pool
  }
  await migrate(database.knex, { schema })
  return {
    ...database,
    connect,
    store: (options = {}) => knexStore(connect(options), { schema, ...options }),
    storeOn: (pool, options = {}) => knexStore(pool, { schema, ...options }),
    async clear() {
      // As `truncate`, waits for transactions that still write, but makes no new files, which takes twenty times as long.
      const { rows } = await database.knex.raw(
        `select string_agg(format('%I.%I', schemaname, tablename), ', ') as tables,
           string_agg(format('delete from %I.%I', schemaname, tablename), '; ') as deletes from pg_tables
         where schemaname = ? and tablename not like 'migrations%'`,
        [schema],
      )
      await database.knex.raw(`lock table ${rows[0].tables} in access exclusive mode; ${rows[0].deletes}`)
    },
    async drop() {
      await Promise.all(pools.map((pool) => pool.destroy()))
      await database.drop()
    },
  }
}

/** Writes rows without checks. */
export const put = (store: Pick<Store, 'transact'>, changes: SomeChanges): Promise<void> =>
  store.transact(keysOf({}), () => changing(changes))

export const keysOf = (keys: SomeKeys): Keys => mergeKeys([keys])

/** What a store loads for keys. */
export const look = async (store: Pick<Store, 'transact'>, keys: SomeKeys) => {
  const seen: Parameters<Parameters<Store['transact']>[1]>[0][] = []
  await store.transact(keysOf(keys), (loaded) => {
    seen.push(loaded)
    return changing({})
  })
  const [loaded] = seen
  if (!loaded) throw new Error('decide was not called')
  return loaded
}

/** A promise with its resolve function. */
export const gate = <T = void>() => {
  let open: (value: T) => void = () => {}
  const opened = new Promise<T>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** How many statements wait for a lock in this database. */
export const lockWaits = async (knex: Knex): Promise<number> => {
  const { rows } = await knex.raw(
    `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows[0].waiting
}

/** Resolves when at least `count` statements wait for a lock in this database. */
export const waitingForLocks = async (knex: Knex, count: number): Promise<void> => {
  while ((await lockWaits(knex)) < count);
}
