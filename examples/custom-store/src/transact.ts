import type { Rows, SalesCandidate, SalesChange, TableName } from '@shop/core/commands'
import {
  type Changes,
  type Keys,
  keyText,
  type Loaded,
  type LockName,
  lockOrder,
  outlineOf,
  rowKey,
  StoreError,
  type Transactor,
  tableNames,
} from '@shop/core/store'
import { hasPassed } from './rules.js'
import { all, type Database, find, type Run } from './transaction.js'

const among = 'in (select value from json_each(?))'

const byKey = <T extends TableName>(db: Database, table: T, keys: readonly string[]): Rows[T][] =>
  keys.length > 0 ? find(db, table, `where key ${among} order by key`, JSON.stringify(keys)) : []

const candidates = `
  select productId, name, price, createdAt, sum(sold) as sold,
    coalesce((select count from views where views.productId = sales.productId), 0) as views
  from sales join products on key = productId and listed
  where timeZone = ? and day between ? and ? group by productId`

const load = (db: Database, { lock, read }: Keys, now: number): Loaded => {
  const locked = lockOrder.map((name) => {
    const keys: readonly unknown[] = lock[name]
    return [name, byKey(db, name, keys.map(keyText[name] as (key: unknown) => string))]
  })
  const ofKeys = `orderId ${among} or (productId ${among} and ${hasPassed('expiresAt')})`
  return {
    now,
    ...(Object.fromEntries(locked) as Pick<Loaded, LockName>),
    holds: find(db, 'holds', `where ${ofKeys}`, JSON.stringify(lock.orders), JSON.stringify(lock.products), now),
    outcomes: byKey(db, 'outcomes', read.outcomes.map(keyText.outcomes)),
    references: byKey(db, 'references', read.references.map(keyText.references)),
    referencedEntries: find(
      db,
      'entries',
      `where reference is not null and reference || ' ' || kind ${among}`,
      JSON.stringify(read.referencedEntries.map(keyText.referencedEntries)),
    ),
    users: byKey(db, 'wallets', read.users).map(({ userId }) => userId),
    terms: byKey(db, 'coupons', read.terms),
    sales: read.sales.map(({ timeZone, from, to }) => all<SalesCandidate>(db, candidates, timeZone, from, to)),
  }
}

export const addSales = (db: Database, { timeZone, day, productId, quantity }: SalesChange): void => {
  const sql = 'insert into sales values (?, ?, ?, ?) on conflict do update set sold = sold + excluded.sold'
  db.run(sql, [timeZone, day, productId, quantity])
}

const save = (db: Database, changes: Changes): void => {
  for (const name of tableNames) {
    const { inserted, updated, removed } = changes[name]
    const key = rowKey[name] as (row: unknown) => string
    const once = (sql: string, ...values: string[]) => {
      if (db.run(sql, values).changes !== 1) throw new StoreError('conflict', `a row of ${name} is gone`)
    }
    for (const row of removed) once(`delete from "${name}" where key = ?`, key(row))
    for (const row of updated) once(`update "${name}" set data = ? where key = ?`, JSON.stringify(row), key(row))
    for (const row of inserted) once(`insert into "${name}" (key, data) values (?, ?)`, key(row), JSON.stringify(row))
  }
  for (const change of changes.sales) addSales(db, change)
}

/** The whole file is locked from load to commit, so the lock order of rows does not matter. */
export const transactor = (run: Run): Transactor => ({
  transact: (keys, decide, { groupId } = {}) =>
    run((db, now) => {
      save(db, decide(load(db, keys, now)))
      if (groupId !== undefined) db.run('insert into groups values (?, 1, ?)', [groupId, now])
    }),
  load: (keys) => run((db, now) => load(db, keys, now)),
  outlines: (orderIds) => run((db) => byKey(db, 'orders', orderIds).map(outlineOf)),
})
