import type { KnexConnectionOptions, KnexStoreOptions } from '@shop/adapter-knex'
import { type Peeked, type StoreHarness, startOfHistory } from '@shop/core/conformance'
import type { Clock } from '@shop/core/store'
import { manualClock } from '@shop/core/testing'
import type { Knex } from 'knex'
import type { ShopDatabase } from '../support/open-shop-database.js'
import { type Tamper, tamperWith } from '../support/tamper.js'

interface Row {
  readonly kind: 'balance' | 'available' | 'issued' | 'order' | 'event'
  readonly id: string
  readonly value: string
}

/** Reads all tables with one statement that is independent of the adapter. */
const everything = `
  select 'balance' as kind, user_id as id, balance::text as value from shop.wallets
  union all select 'available', product_id, (stock - held)::text from shop.products
  union all select 'issued', coupon_id || ' ' || user_id, '' from shop.issued_coupons
  union all select 'order', order_id, status::text from shop.orders
  union all select 'event', event_id, status::text from shop.events`

export const peek = async (knex: Knex): Promise<Peeked> => {
  const { rows } = (await knex.raw(everything)) as { rows: readonly Row[] }
  const of = <T>(kind: Row['kind'], read: (value: string) => T): Record<string, T> =>
    Object.fromEntries(rows.filter((row) => row.kind === kind).map(({ id, value }) => [id, read(value)]))
  return {
    balances: of('balance', Number),
    available: of('available', Number),
    issuedCoupons: rows.filter(({ kind }) => kind === 'issued').map(({ id }) => id),
    orders: of('order', (value) => value as Peeked['orders'][string]),
    events: of('event', (value) => value as Peeked['events'][string]),
  }
}

const createNotes = `create table if not exists shop.kit_notes (
  command text not null, subject text not null, note text not null check (note <> 'fails'))`

const companions = { notes: { table: 'shop.kit_notes', columns: { command: 'text', subject: 'text', note: 'text' } } }

export interface KnexHarnessOptions extends Pick<KnexStoreOptions, 'isolation'>, Omit<KnexConnectionOptions, 'pool'> {
  readonly name: string
  /** How many connections each store has. */
  readonly connections: number
  /** Intercepts statements between the first or the second store and its driver. */
  readonly tamper?: (store: 0 | 1, pool: Knex) => Tamper
  /** Replicas of each store. */
  readonly replicas?: (() => Pick<KnexStoreOptions, 'replicas' | 'replicaReads'>) | undefined
  /** Called after the database was emptied. */
  readonly cleared?: () => Promise<void>
}

/** Stores on one database, which is emptied before each. Pools are opened once. */
export const knexHarness = (
  database: () => ShopDatabase,
  { name, isolation, connections, tamper, replicas, cleared, ...connection }: KnexHarnessOptions,
): StoreHarness<Knex.Transaction> => {
  const clock = manualClock(startOfHistory)
  let own: Clock = clock
  const follow: Clock = { now: () => own.now() }
  const open = (index: 0 | 1) => {
    const pool = database().connect({ ...connection, pool: { max: connections } })
    if (tamper) tamperWith(pool, tamper(index, pool))
    const options = { clock: follow, companions, ...(isolation && { isolation }), ...replicas?.() }
    return { pool, store: database().storeOn(pool, options) }
  }
  let opened: { readonly first: ReturnType<typeof open>; readonly second: ReturnType<typeof open> } | undefined
  return {
    name,
    async create({ clock: wanted }) {
      if (!opened) await database().knex.raw(createNotes)
      opened ??= { first: open(0), second: open(1) }
      const { first, second } = opened
      await database().clear()
      await cleared?.()
      own = wanted
      return {
        store: first.store,
        another: async () => second.store,
        reopen: async () => open(0).store,
        transaction: (work) => first.pool.transaction(work),
        peek: () => peek(database().knex),
        companion: { name: 'notes', rows: () => database().knex('shop.kit_notes') },
        close: async () => {},
      }
    },
  }
}
