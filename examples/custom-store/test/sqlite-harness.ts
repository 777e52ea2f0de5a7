import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Peeked, StoreHarness } from '@shop/core/conformance'
import type { Clock } from '@shop/core/store'
import sqlite from 'node-sqlite3-wasm'
import { openSqliteStore } from '../src/sqlite-store.js'

type Database = sqlite.Database

const peek = (db: Database): Peeked => {
  const of = <T>(sql: string) =>
    Object.fromEntries(db.all(sql).map((row) => [row['id'], row['value']])) as Readonly<Record<string, T>>
  return {
    balances: of(`select key as id, data->>'balance' as value from wallets`),
    available: of(`select key as id, data->>'stock' - data->>'held' as value from products`),
    issuedCoupons: Object.keys(of(`select key as id, 1 as value from issuedCoupons`)),
    orders: of(`select key as id, data->>'status' as value from orders`),
    events: of(`select key as id, data->>'status' as value from events`),
  }
}

/** A new file for every subject, inspected through a separate handle. */
export const sqliteHarness: StoreHarness<Database> = {
  name: 'SQLite in a file',
  async create({ clock }: { readonly clock: Clock }) {
    const folder = await mkdtemp(join(tmpdir(), 'custom-store-'))
    const file = join(folder, 'shop.db')
    const opened: { close(): void }[] = []
    const handle = () => {
      const db = new sqlite.Database(file)
      opened.push(db)
      return db
    }
    const open = async () => {
      const store = await openSqliteStore(file, { clock, synchronous: 'off' })
      opened.push(store)
      return store
    }
    const store = await open()
    const own = handle()
    return {
      store,
      peek: async () => peek(own),
      another: open,
      reopen: async () => {
        for (const each of opened.splice(0)) each.close()
        return open()
      },
      async transaction(work) {
        own.exec('begin immediate')
        try {
          const result = await work(own)
          own.exec('commit')
          return result
        } catch (error) {
          own.exec('rollback')
          throw error
        }
      },
      async close() {
        for (const each of opened) each.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
}
