import { outlineOf } from '../model/order.js'
import type { SalesCandidate, SalesChange } from '../model/ranking.js'
import type { Instant } from '../shared/instant.js'
import { type Keys, keyText, type SalesKey } from '../store/keys.js'
import type { Changes, Loaded, Rows, TableName } from '../store/rows.js'
import { StoreError } from '../store/store-error.js'
import { type Data, rowKey, tableNames } from './tables.js'

const found = <Key, Row>(keys: readonly Key[], rows: ReadonlyMap<string, Row>, text: (key: Key) => string): Row[] =>
  keys.flatMap((key) => rows.get(text(key)) ?? [])

const candidates = ({ sales, views, tables }: Data, { timeZone, from, to }: SalesKey): SalesCandidate[] => {
  const sums = new Map<string, number>()
  for (const sale of sales.values()) {
    if (sale.timeZone !== timeZone || sale.day < from || sale.day > to) continue
    sums.set(sale.productId, (sums.get(sale.productId) ?? 0) + sale.sold)
  }
  return [...sums].flatMap(([productId, sold]) => {
    const product = tables.products.get(productId)
    if (!product?.listed) return []
    const { name, price, createdAt } = product
    return [{ productId, name, price, sold, views: views.get(productId) ?? 0, createdAt }]
  })
}

export const load = (data: Data, keys: Keys, now: Instant): Loaded => {
  const { tables } = data
  const orders = new Set(keys.orders)
  const products = new Set(keys.products)
  return {
    now,
    fences: found(keys.fences, tables.fences, keyText.id),
    rankings: found(keys.rankings, tables.rankings, keyText.id),
    events: found(keys.events, tables.events, keyText.id),
    orders: found(keys.orders, tables.orders, keyText.id),
    wallets: found(keys.wallets, tables.wallets, keyText.id),
    coupons: found(keys.coupons, tables.coupons, keyText.id),
    issuedCoupons: found(keys.issuedCoupons, tables.issuedCoupons, keyText.issuedCoupon),
    products: found(keys.products, tables.products, keyText.id),
    holds: [...tables.holds.values()].filter(
      ({ orderId, productId, expiresAt }) => orders.has(orderId) || (products.has(productId) && expiresAt <= now),
    ),
    outcomes: found(keys.outcomes, tables.outcomes, keyText.outcome),
    users: keys.users.filter((userId) => tables.wallets.has(userId)),
    terms: found(keys.terms, tables.coupons, keyText.id),
    sales: keys.sales.map((key) => candidates(data, key)),
  }
}

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) freeze(member)
  }
  return value
}

/** What a database would hold as constraints: the second line of defence. */
const constraints: { readonly [T in TableName]?: (row: Rows[T]) => boolean } = {
  wallets: ({ balance }) => balance >= 0 && Number.isSafeInteger(balance),
  products: ({ received, stock, held }) => held >= 0 && held <= stock && stock <= received,
  coupons: ({ quantity, issued }) => issued >= 0 && issued <= quantity,
  holds: ({ quantity }) => quantity > 0,
  orders: ({ totalAmount, discountAmount, finalAmount }) =>
    discountAmount >= 0 && discountAmount <= totalAmount && finalAmount === totalAmount - discountAmount,
}

const check = (data: Data, changes: Changes): void => {
  for (const name of tableNames) {
    const rows = data.tables[name] as ReadonlyMap<string, unknown>
    const key = rowKey[name] as (row: unknown) => string
    const holds = (constraints[name] ?? (() => true)) as (row: unknown) => boolean
    const { inserted, updated, removed } = changes[name]
    for (const row of inserted)
      if (rows.has(key(row))) throw new StoreError('conflict', `${name} ${key(row)} is already there`)
    for (const row of [...updated, ...removed]) {
      if (!rows.has(key(row))) throw new StoreError('conflict', `${name} ${key(row)} is not there any more`)
    }
    for (const row of [...inserted, ...updated]) {
      if (!holds(row)) throw new StoreError('rejected', `${name} ${key(row)} breaks a constraint`)
    }
  }
}

export const addSales = ({ sales }: Data, { timeZone, day, productId, quantity }: SalesChange): void => {
  const key = `${timeZone} ${day} ${productId}`
  sales.set(key, { timeZone, day, productId, sold: (sales.get(key)?.sold ?? 0) + quantity })
}

/** Writes all changes, or throws and writes none. */
export const save = (data: Data, changes: Changes): void => {
  check(data, changes)
  for (const name of tableNames) {
    const rows = data.tables[name] as Map<string, unknown>
    const key = rowKey[name] as (row: unknown) => string
    const { inserted, updated, removed } = changes[name]
    // A copy of an outcome, because its caller holds the original and may change it.
    for (const row of [...inserted, ...updated])
      rows.set(key(row), freeze(name === 'outcomes' ? structuredClone(row) : row))
    for (const row of removed) rows.delete(key(row))
  }
  for (const change of changes.sales) addSales(data, change)
}

export const outlines = ({ tables }: Data, orderIds: readonly string[]) =>
  found(orderIds, tables.orders, keyText.id).map(outlineOf)
