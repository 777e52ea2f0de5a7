import { type Coupon, foldCode } from '../model/coupon.js'
import { boughtUnits, isOpen, outlineOf } from '../model/order.js'
import type { SalesCandidate, SalesChange } from '../model/ranking.js'
import type { EntryReferenceKey } from '../model/reference.js'
import type { WalletEntry } from '../model/wallet.js'
import { hasPassed, type Instant } from '../shared/instant.js'
import { keyText } from '../store/key-lists.js'
import type { Keys, LockName, SalesKey } from '../store/keys.js'
import type {
  Changes,
  CompanionRow,
  CompanionRows,
  CouponCode,
  Loaded,
  OpenOrders,
  Purchase,
  TableName,
} from '../store/rows.js'
import { lockOrder, rowKey, schema, tableNames } from '../store/schema.js'
import { StoreError } from '../store/store-error.js'
import type { Data } from './tables.js'

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

const carrierKey = ({ kind, reference }: WalletEntry): string | undefined =>
  reference === null ? undefined : keyText.referencedEntries({ kind, reference })

const carriers = ({ tables }: Data, keys: readonly EntryReferenceKey[]): readonly WalletEntry[] => {
  if (keys.length === 0) return []
  const wanted = new Set(keys.map(keyText.referencedEntries))
  return [...tables.entries.values()].filter((entry) => wanted.has(carrierKey(entry) ?? ''))
}

const purchases = ({ tables }: Data, { lock, read }: Keys, now: Instant): readonly Purchase[] => {
  if (read.buyers.length === 0) return []
  const limited = lock.products.filter((productId) => tables.products.get(productId)?.purchaseLimit != null)
  if (limited.length === 0) return []
  const sums = new Map<string, Purchase>()
  for (const order of tables.orders.values()) {
    const { userId } = order
    if (!read.buyers.includes(userId)) continue
    for (const [productId, units] of boughtUnits(order, now)) {
      if (!limited.includes(productId)) continue
      const key = `${userId} ${productId}`
      sums.set(key, { userId, productId, quantity: (sums.get(key)?.quantity ?? 0) + units })
    }
  }
  return [...sums.values()]
}

const openOrders = ({ tables }: Data, users: readonly string[], now: Instant): readonly OpenOrders[] => {
  if (users.length === 0) return []
  const open = [...tables.orders.values()].filter((order) => isOpen(order, now))
  return users.map((userId) => ({ userId, count: open.filter((order) => order.userId === userId).length }))
}

/** The id of the coupon that has this code in any case. */
export const couponIdOf = ({ tables }: Data, code: string): string | undefined => {
  const folded = foldCode(code)
  return [...tables.coupons.values()].find((coupon) => coupon.code !== null && foldCode(coupon.code) === folded)
    ?.couponId
}

/** The coupons that have these folded codes. */
export const couponsWithCodes = (data: Data, codes: readonly string[]): readonly CouponCode[] =>
  codes.flatMap((code) => {
    const couponId = couponIdOf(data, code)
    return couponId === undefined ? [] : [{ code, couponId }]
  })

export const load = (data: Data, { lock, read }: Keys, now: Instant): Loaded => {
  const { tables } = data
  const orders = new Set(lock.orders)
  const products = new Set(lock.products)
  const locked = lockOrder.map((name) => [
    name,
    found<never, unknown>(lock[name] as readonly never[], tables[name], keyText[name]),
  ])
  return {
    now,
    ...(Object.fromEntries(locked) as Pick<Loaded, LockName>),
    holds: [...tables.holds.values()].filter(
      ({ orderId, productId, expiresAt }) =>
        orders.has(orderId) || (products.has(productId) && hasPassed(expiresAt, now)),
    ),
    outcomes: found(read.outcomes, tables.outcomes, keyText.outcomes),
    references: found(read.references, tables.references, keyText.references),
    referencedEntries: carriers(data, read.referencedEntries),
    openings: read.openings.flatMap((userId) => {
      const first = tables.entries.get(rowKey.entries({ userId, sequence: 1 }))
      return first?.kind === 'opening' ? [first] : []
    }),
    users: read.users.filter((userId) => tables.wallets.has(userId)),
    purchases: purchases(data, { lock, read }, now),
    openOrders: openOrders(data, read.openOrders, now),
    couponCodes: couponsWithCodes(data, read.couponCodes),
    terms: found(read.terms, tables.coupons, keyText.terms),
    sales: read.sales.map((key) => candidates(data, key)),
  }
}

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) freeze(member)
  }
  return value
}

/** No two entries of a kind carry the same reference. */
const checkReferences = ({ tables }: Data, inserted: readonly WalletEntry[]): void => {
  const wanted = inserted.flatMap((entry) => carrierKey(entry) ?? [])
  if (wanted.length === 0) return
  const taken = new Set([...tables.entries.values()].map(carrierKey))
  const twice = wanted.find((key, index) => taken.has(key) || wanted.indexOf(key) !== index)
  if (twice !== undefined) throw new StoreError('conflict', `reference ${twice} is already there`)
}

const paidOrdersIn = (inserted: readonly WalletEntry[]): readonly string[] =>
  inserted.flatMap(({ kind, orderId }) => (kind === 'payment' && orderId !== null ? [orderId] : []))

/** No order is paid twice. */
const checkPayments = ({ paidOrders }: Data, inserted: readonly WalletEntry[]): void => {
  const paid = paidOrdersIn(inserted)
  const twice = paid.find((orderId, index) => paidOrders.has(orderId) || paid.indexOf(orderId) !== index)
  if (twice !== undefined) throw new StoreError('conflict', `the payment of order ${twice} is already there`)
}

/** No two coupons have the same code. */
const checkCodes = (data: Data, inserted: readonly Coupon[]): void => {
  const codes = inserted.flatMap(({ code }) => (code === null ? [] : [foldCode(code)]))
  const twice = codes.find((code, index) => couponIdOf(data, code) !== undefined || codes.indexOf(code) !== index)
  if (twice !== undefined) throw new StoreError('conflict', `code ${twice} is already there`)
}

/** A copy, because the caller holds the original. What cannot be copied is not accepted. */
const copyOf = ({ companion, rows }: CompanionRows): readonly CompanionRow[] => {
  try {
    return structuredClone(rows)
  } catch (cause) {
    const failed = { name: companion, code: null }
    throw new StoreError('rejected', `companion ${companion}: ${String(cause)}`, { cause, companion: failed })
  }
}

/** The rows of companions as they are stored. Throws if one is not accepted. */
const accompanying = ({ companions }: Data, changes: Changes): readonly CompanionRows[] =>
  changes.companions.map(({ companion, rows }) => {
    const known = companions.get(companion)
    if (!known) throw new StoreError('rejected', `companion ${companion} is not known`)
    const copies = copyOf({ companion, rows })
    const all = [...known.rows]
    for (const row of copies) {
      const code = known.table.problem?.(row, all)
      if (code !== undefined)
        throw new StoreError('rejected', `companion ${companion}: ${code}`, { companion: { name: companion, code } })
      all.push(freeze(row))
    }
    return { companion, rows: copies }
  })

const check = (data: Data, changes: Changes): void => {
  checkReferences(data, changes.entries.inserted)
  checkPayments(data, changes.entries.inserted)
  checkCodes(data, changes.coupons.inserted)
  for (const name of tableNames) {
    const rows = data.tables[name] as ReadonlyMap<string, unknown>
    const key = rowKey[name] as (row: unknown) => string
    const constraint = schema[name].constraint as ((row: unknown) => string | undefined) | undefined
    const { inserted, updated, removed } = changes[name]
    for (const row of inserted)
      if (rows.has(key(row))) throw new StoreError('conflict', `${name} ${key(row)} is already there`)
    for (const row of [...updated, ...removed]) {
      if (!rows.has(key(row))) throw new StoreError('conflict', `${name} ${key(row)} is not there any more`)
    }
    for (const row of [...inserted, ...updated]) {
      const broken = constraint?.(row)
      if (broken !== undefined) throw new StoreError('rejected', `${name} ${key(row)} breaks a constraint: ${broken}`)
    }
  }
}

export const addSales = ({ sales }: Data, { timeZone, day, productId, quantity }: SalesChange): void => {
  const key = `${timeZone} ${day} ${productId}`
  sales.set(key, { timeZone, day, productId, sold: (sales.get(key)?.sold ?? 0) + quantity })
}

const keepsResults: ReadonlySet<TableName> = new Set<TableName>(['outcomes', 'references'])

/** Writes all changes, or throws and writes none. */
export const save = (data: Data, changes: Changes): void => {
  const companions = accompanying(data, changes)
  check(data, changes)
  for (const name of tableNames) {
    const rows = data.tables[name] as Map<string, unknown>
    const key = rowKey[name] as (row: unknown) => string
    const { inserted, updated, removed } = changes[name]
    // A copy of a result, because its caller holds the original and may change it.
    for (const row of [...inserted, ...updated])
      rows.set(key(row), freeze(keepsResults.has(name) ? structuredClone(row) : row))
    for (const row of removed) rows.delete(key(row))
  }
  for (const orderId of paidOrdersIn(changes.entries.inserted)) data.paidOrders.add(orderId)
  for (const change of changes.sales) addSales(data, change)
  for (const { companion, rows } of companions) data.companions.get(companion)?.rows.push(...rows)
}

export const outlines = ({ tables }: Data, orderIds: readonly string[]) =>
  found(orderIds, tables.orders, keyText.orders).map(outlineOf)
