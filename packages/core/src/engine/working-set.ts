import type { CouponTerms } from '../model/coupon.js'
import type { Order } from '../model/order.js'
import type { SalesChange } from '../model/ranking.js'
import { hasPassed } from '../shared/instant.js'
import { InvariantViolated } from '../shared/invariant.js'
import { keyText } from '../store/key-lists.js'
import type { KeyName, Keys, OutcomeKey, SalesKey } from '../store/keys.js'
import type { Changes, Loaded, Rows, StoredOutcome, TableChanges, TableName } from '../store/rows.js'
import { isAppendOnly, rowKey, schema, tableNames } from '../store/schema.js'
import type { Change, OrderOutlines } from './command.js'
import type { Facts } from './facts.js'

/** Rows of one table as the group sees them: what was there, and what it has become. */
class Table<T extends TableName> {
  readonly #name: T
  readonly #key: (row: Rows[T]) => string
  readonly #constraint: ((row: Rows[T]) => string | undefined) | undefined
  readonly #isAppendOnly: boolean
  readonly #found = new Map<string, Rows[T]>()
  readonly #current = new Map<string, Rows[T]>()
  readonly #touched = new Set<string>()

  constructor(name: T, found: readonly Rows[T][] = []) {
    this.#name = name
    this.#key = rowKey[name]
    this.#constraint = schema[name].constraint
    this.#isAppendOnly = isAppendOnly(name)
    for (const row of found) {
      const key = this.#key(row)
      this.#found.set(key, row)
      this.#current.set(key, row)
    }
  }

  get(key: string): Rows[T] | undefined {
    return this.#current.get(key)
  }

  /** Throws for a row that a decider must not write. A database checks it, too, but fails the whole group. */
  check(row: Rows[T]): void {
    const broken = this.#constraint?.(row)
    if (broken !== undefined) throw new InvariantViolated(`${this.#name} ${this.#key(row)} with ${broken}`)
    if (this.#isAppendOnly && this.#current.has(this.#key(row)))
      throw new InvariantViolated(`${this.#name} ${this.#key(row)} is there, and rows of ${this.#name} never change`)
  }

  put(row: Rows[T]): void {
    const key = this.#key(row)
    this.#current.set(key, row)
    this.#touched.add(key)
  }

  remove(row: Rows[T]): void {
    const key = this.#key(row)
    this.#current.delete(key)
    this.#touched.add(key)
  }

  changes(): TableChanges<Rows[T]> {
    const inserted: Rows[T][] = []
    const updated: Rows[T][] = []
    const removed: Rows[T][] = []
    for (const key of this.#touched.size > 1 ? [...this.#touched].sort() : this.#touched) {
      const before = this.#found.get(key)
      const after = this.#current.get(key)
      if (after) (before ? updated : inserted).push(after)
      else if (before) removed.push(before)
    }
    return { inserted, updated, removed }
  }
}

type Tables = { readonly [T in TableName]: Table<T> }

type Texts<Name extends KeyName> = { readonly [N in Name]: ReadonlySet<string> }

const textsOf = <Name extends KeyName>(lists: { readonly [N in Name]: readonly unknown[] }): Texts<Name> =>
  Object.fromEntries(
    Object.entries<readonly unknown[]>(lists).map(([name, keys]) => [
      name,
      new Set(keys.map(keyText[name as Name] as (key: unknown) => string)),
    ]),
  ) as unknown as Texts<Name>

/**
 * What a group works on: the loaded rows, over which each accepted command lays its changes, so that the next one is
 * decided on the state its predecessors left. Holds whose deadline has passed are given back before the first decision.
 */
export class WorkingSet implements Facts {
  readonly #tables: Tables
  readonly #declared: Texts<KeyName>
  readonly #loaded: Loaded
  readonly #keys: Keys
  #outlines: OrderOutlines = { order: () => undefined }
  readonly #users: ReadonlySet<string>
  readonly #terms: ReadonlyMap<string, CouponTerms>
  readonly #sold = new Map<string, SalesChange>()

  constructor(keys: Keys, loaded: Loaded) {
    this.#keys = keys
    this.#loaded = loaded
    this.#users = new Set(loaded.users)
    this.#terms = new Map(loaded.terms.map((terms) => [terms.couponId, terms]))
    const found = loaded as Partial<Record<TableName, readonly Rows[TableName][]>>
    this.#tables = Object.fromEntries(
      tableNames.map((name) => [name, new Table(name, found[name])]),
    ) as unknown as Tables
    this.#declared = { ...textsOf(keys.lock), ...textsOf(keys.read) }
    this.#giveBackOverdueHolds()
  }

  #giveBackOverdueHolds(): void {
    const { products, holds } = this.#tables
    for (const hold of this.#loaded.holds) {
      const product = hasPassed(hold.expiresAt, this.#loaded.now) ? products.get(hold.productId) : undefined
      if (!product) continue
      products.put({ ...product, held: product.held - hold.quantity })
      holds.remove(hold)
    }
  }

  #declare(name: KeyName, key: string): void {
    if (!this.#declared[name].has(key))
      throw new InvariantViolated(`${name} ${key} was looked at but is not among the keys`)
  }

  wallet(userId: string) {
    this.#declare('wallets', userId)
    return this.#tables.wallets.get(userId)
  }

  userExists(userId: string) {
    if (this.#declared.wallets.has(userId)) return this.#tables.wallets.get(userId) !== undefined
    this.#declare('users', userId)
    return this.#users.has(userId)
  }

  product(productId: string) {
    this.#declare('products', productId)
    return this.#tables.products.get(productId)
  }

  coupon(couponId: string) {
    this.#declare('coupons', couponId)
    return this.#tables.coupons.get(couponId)
  }

  couponTerms(couponId: string) {
    if (this.#declared.coupons.has(couponId)) return this.#tables.coupons.get(couponId)
    this.#declare('terms', couponId)
    return this.#terms.get(couponId)
  }

  issuedCoupon(couponId: string, userId: string) {
    const key = rowKey.issuedCoupons({ couponId, userId })
    this.#declare('issuedCoupons', key)
    return this.#tables.issuedCoupons.get(key)
  }

  /** From here on, the orders that a command's own first look found are there, and no others. */
  showOrders(outlines: OrderOutlines): void {
    this.#outlines = outlines
  }

  /** An order that the first look did not find is not there: whoever asks began before it was placed. */
  order(orderId: string) {
    if (!this.#outlines.order(orderId)) return undefined
    this.#declare('orders', orderId)
    return this.#tables.orders.get(orderId)
  }

  holdsOf({ orderId, lines }: Order) {
    this.#declare('orders', orderId)
    return lines.flatMap(({ productId }) => this.#tables.holds.get(rowKey.holds({ orderId, productId })) ?? [])
  }

  event(eventId: string) {
    this.#declare('events', eventId)
    return this.#tables.events.get(eventId)
  }

  fence(job: string) {
    this.#declare('fences', job)
    return this.#tables.fences.get(job)
  }

  sales(key: SalesKey) {
    const text = keyText.sales(key)
    this.#declare('sales', text)
    const index = this.#keys.read.sales.findIndex((each) => keyText.sales(each) === text)
    return this.#loaded.sales[index] ?? []
  }

  outcome(key: OutcomeKey): StoredOutcome | undefined {
    const text = rowKey.outcomes(key)
    this.#declare('outcomes', text)
    return this.#tables.outcomes.get(text)
  }

  /** Lays the changes of one accepted command over the rows: all of them, or, where one is a bug, none. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) if ('put' in change) this.#tableOf(change.put).check(change.row)
    for (const change of changes) {
      if ('sold' in change) this.#addSales(change.sold)
      else if ('remove' in change) this.#tables.holds.remove(change.row)
      else this.#tableOf(change.put).put(change.row)
    }
  }

  #tableOf(name: TableName): Table<TableName> {
    return this.#tables[name] as Table<TableName>
  }

  #addSales(change: SalesChange): void {
    const key = `${change.timeZone} ${change.day} ${change.productId}`
    const before = this.#sold.get(key)
    this.#sold.set(key, before ? { ...before, quantity: before.quantity + change.quantity } : change)
  }

  changes(): Changes {
    const tables = Object.fromEntries(
      Object.entries(this.#tables).map(([name, table]) => [name, (table as Table<TableName>).changes()]),
    ) as { [T in TableName]: TableChanges<Rows[T]> }
    const sales = [...this.#sold.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change)
    return { ...tables, sales: sales.filter(({ quantity }) => quantity !== 0) }
  }
}
