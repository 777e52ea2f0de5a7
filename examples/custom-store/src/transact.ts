import type { Changes, Keys, Loaded, Rows, SalesCandidate, SalesChange, TableName, Transactor } from '@shop/core/store'
import { keyText, lockOrder, outlineOf, StoreError } from '@shop/core/store'
import { tableNames, tables } from './tables.js'
import { all, type Database, find, type Run } from './transaction.js'

const among = 'in (select value from json_each(?))'

const byKey = <T extends TableName>(db: Database, table: T, keys: readonly string[]): Rows[T][] =>
  keys.length > 0 ? find(db, table, `where key ${among} order by key`, JSON.stringify(keys)) : []

const candidates = `
  select productId, name, price, createdAt, sum(sold) as sold,
    coalesce((select count from views where views.productId = sales.productId), 0) as views
  from sales join products on key = productId and listed
  where timeZone = ? and day between ? and ? group by productId`

const load = (db: Database, keys: Keys, now: number): Loaded => {
  const locked = lockOrder.map((name) => {
    const texts = keys[name].map((key) => (typeof key === 'string' ? key : keyText.issuedCoupon(key)))
    return [name, byKey(db, name, texts)]
  })
  const ofKeys = `orderId ${among} or (productId ${among} and expiresAt <= ?)`
  return {
    now,
    ...(Object.fromEntries(locked) as Pick<Loaded, (typeof lockOrder)[number]>),
    holds: find(db, 'holds', `where ${ofKeys}`, JSON.stringify(keys.orders), JSON.stringify(keys.products), now),
    outcomes: byKey(db, 'outcomes', keys.outcomes.map(keyText.outcome)),
    users: byKey(db, 'wallets', keys.users).map(({ userId }) => userId),
    terms: byKey(db, 'coupons', keys.terms),
    sales: keys.sales.map(({ timeZone, from, to }) => all<SalesCandidate>(db, candidates, timeZone, from, to)),
  }
}

export const addSales = (db: Database, { timeZone, day, productId, quantity }: SalesChange): void => {
  const sql = 'insert into sales values (?, ?, ?, ?) on conflict do update set sold = sold + excluded.sold'
  db.run(sql, [timeZone, day, productId, quantity])
}

const save = (db: Database, changes: Changes): void => {
  for (const name of tableNames) {
    const { inserted, updated, removed } = changes[name]
    const key = tables[name].key as (row: unknown) => string
    const once = (sql: string, ...values: string[]) => {
      if (db.run(sql, values).changes !== 1) throw new StoreError('conflict', `a row of ${name} is gone`)
    }
    for (const row of removed) once(`delete from ${name} where key = ?`, key(row))
    for (const row of updated) once(`update ${name} set data = ? where key = ?`, JSON.stringify(row), key(row))
    for (const row of inserted) once(`insert into ${name} (key, data) values (?, ?)`, key(row), JSON.stringify(row))
  }
  for (const change of changes.sales) addSales(db, change)
}

/** The whole file is locked from the load to the commit: in which order rows would be locked does not matter here. */
export const transactor = (run: Run): Transactor => ({
  transact: (keys, decide, { groupId } = {}) =>
    run((db, now) => {
      save(db, decide(load(db, keys, now)))
      if (groupId !== undefined) db.run('insert into groups values (?, 1, ?)', [groupId, now])
    }),
  outlines: (orderIds) => run((db) => byKey(db, 'orders', orderIds).map(outlineOf)),
})
