import type { Rows, SalesCandidate, SalesChange, TableName } from '@shop/core/commands'
import {
  boughtUnits,
  type Changes,
  type CouponCode,
  type Keys,
  keyText,
  type Loaded,
  type LockName,
  lockOrder,
  outlineOf,
  type Purchase,
  rowKey,
  StoreError,
  type Transactor,
  tableNames,
} from '@shop/core/store'
import { hasPassed, isOpen } from './rules.js'
import { all, among, type Database, find, type Run } from './transaction.js'

const byKey = <T extends TableName>(db: Database, table: T, keys: readonly string[]): Rows[T][] =>
  keys.length > 0 ? find(db, table, `where key ${among} order by key`, JSON.stringify(keys)) : []

const candidates = `
  select productId, name, price, createdAt, sum(sold) as sold,
    coalesce((select count from views where views.productId = sales.productId), 0) as views
  from sales join products on key = productId and listed
  where timeZone = ? and day between ? and ? group by productId`

/** What the buyers have of the products that have a limit. Without such a product, no order is read. */
const purchases = (db: Database, { lock, read }: Keys, now: number): readonly Purchase[] => {
  const limited = byKey(db, 'products', lock.products).filter(({ purchaseLimit }) => purchaseLimit !== null)
  if (limited.length === 0) return []
  const sums = new Map<string, Purchase>()
  for (const order of find(db, 'orders', `where userId ${among}`, JSON.stringify(read.buyers))) {
    const { userId } = order
    const bought = boughtUnits(order, now)
    for (const { productId } of limited) {
      const key = `${userId} ${productId}`
      const quantity = (sums.get(key)?.quantity ?? 0) + (bought.get(productId) ?? 0)
      sums.set(key, { userId, productId, quantity })
    }
  }
  return [...sums.values()]
}

const openOrders = `select userId, count(*) as count from orders where userId ${among} and ${isOpen} group by userId`

/** Codes are ASCII, as what SQLite's `lower` changes. */
const couponCodes = `select lower(code) as code, couponId from coupons where lower(code) ${among}`

const withCodes = (db: Database, codes: readonly string[]): readonly CouponCode[] =>
  codes.length > 0 ? all(db, couponCodes, JSON.stringify(codes)) : []

const load = (db: Database, keys: Keys, now: number): Loaded => {
  const { lock, read } = keys
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
    openings: byKey(
      db,
      'entries',
      read.openings.map((userId) => rowKey.entries({ userId, sequence: 1 })),
    ).filter(({ kind }) => kind === 'opening'),
    users: byKey(db, 'wallets', read.users).map(({ userId }) => userId),
    purchases: read.buyers.length > 0 ? purchases(db, keys, now) : [],
    openOrders: read.openOrders.length > 0 ? all(db, openOrders, JSON.stringify(read.openOrders), now) : [],
    couponCodes: withCodes(db, read.couponCodes),
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
  couponsWithCodes: (codes) => run((db) => withCodes(db, codes)),
})
