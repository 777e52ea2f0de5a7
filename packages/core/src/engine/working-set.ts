import type { CouponTerms } from '../model/coupon.js'
import type { Order } from '../model/order.js'
import type { SalesChange } from '../model/ranking.js'
import { InvariantViolated, invariant } from '../shared/invariant.js'
import { type Keys, keyText, type OutcomeKey, type SalesKey } from '../store/keys.js'
import type { Changes, Loaded, Rows, StoredOutcome, TableChanges, TableName } from '../store/rows.js'
import type { Change, OrderOutlines } from './command.js'
import type { Facts } from './facts.js'

const keyOf: { [T in TableName]: (row: Rows[T]) => string } = {
  fences: ({ job }) => job,
  rankings: ({ name }) => name,
  events: ({ eventId }) => eventId,
  orders: ({ orderId }) => orderId,
  wallets: ({ userId }) => userId,
  entries: ({ entryId }) => entryId,
  coupons: ({ couponId }) => couponId,
  issuedCoupons: keyText.issuedCoupon,
  products: ({ productId }) => productId,
  holds: keyText.hold,
  payments: ({ paymentId }) => paymentId,
  outcomes: keyText.outcome,
}

/** The rows of one table as a group sees them: as loaded, and as changed. */
class Table<T extends TableName> {
  readonly #name: T
  readonly #found = new Map<string, Rows[T]>()
  readonly #current = new Map<string, Rows[T]>()
  readonly #touched = new Set<string>()

  constructor(name: T, found: readonly Rows[T][] = []) {
    this.#name = name
    for (const row of found) {
      this.#found.set(keyOf[name](row), row)
      this.#current.set(keyOf[name](row), row)
    }
  }

  get(key: string): Rows[T] | undefined {
    return this.#current.get(key)
  }

  put(row: Rows[T]): void {
    const key = keyOf[this.#name](row)
    this.#current.set(key, row)
    this.#touched.add(key)
  }

  remove(row: Rows[T]): void {
    const key = keyOf[this.#name](row)
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

/**
 * The loaded rows of a group and the changes of its accepted commands. Each command is decided on the state that the earlier
 * ones left. Overdue holds are released before the first decision.
 */
export class WorkingSet implements Facts {
  readonly #tables: { readonly [T in TableName]: Table<T> }
  readonly #declared: { readonly [N in keyof Keys]: ReadonlySet<string> }
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
    this.#tables = {
      fences: new Table('fences', loaded.fences),
      rankings: new Table('rankings', loaded.rankings),
      events: new Table('events', loaded.events),
      orders: new Table('orders', loaded.orders),
      wallets: new Table('wallets', loaded.wallets),
      entries: new Table('entries'),
      coupons: new Table('coupons', loaded.coupons),
      issuedCoupons: new Table('issuedCoupons', loaded.issuedCoupons),
      products: new Table('products', loaded.products),
      holds: new Table('holds', loaded.holds),
      payments: new Table('payments'),
      outcomes: new Table('outcomes', loaded.outcomes),
    }
    this.#declared = {
      fences: new Set(keys.fences),
      rankings: new Set(keys.rankings),
      events: new Set(keys.events),
      orders: new Set(keys.orders),
      wallets: new Set(keys.wallets),
      coupons: new Set(keys.coupons),
      issuedCoupons: new Set(keys.issuedCoupons.map(keyText.issuedCoupon)),
      products: new Set(keys.products),
      outcomes: new Set(keys.outcomes.map(keyText.outcome)),
      users: new Set(keys.users),
      terms: new Set(keys.terms),
      sales: new Set(keys.sales.map(keyText.sales)),
    }
    this.#releaseOverdueHolds()
  }

  #releaseOverdueHolds(): void {
    const { products, holds } = this.#tables
    for (const hold of this.#loaded.holds) {
      const product = hold.expiresAt <= this.#loaded.now ? products.get(hold.productId) : undefined
      if (!product) continue
      products.put({ ...product, held: product.held - hold.quantity })
      holds.remove(hold)
    }
  }

  #declare(name: keyof Keys, key: string): void {
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
    const key = keyText.issuedCoupon({ couponId, userId })
    this.#declare('issuedCoupons', key)
    return this.#tables.issuedCoupons.get(key)
  }

  /** Sets the orders that the next command can see: those that it prefetched. */
  showOrders(outlines: OrderOutlines): void {
    this.#outlines = outlines
  }

  /** Undefined for an order that the command's prefetch did not find: the call began before the order was placed. */
  order(orderId: string) {
    if (!this.#outlines.order(orderId)) return undefined
    this.#declare('orders', orderId)
    return this.#tables.orders.get(orderId)
  }

  holdsOf({ orderId, lines }: Order) {
    this.#declare('orders', orderId)
    return lines.flatMap(({ productId }) => this.#tables.holds.get(keyText.hold({ orderId, productId })) ?? [])
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
    const index = this.#keys.sales.findIndex((each) => keyText.sales(each) === text)
    return this.#loaded.sales[index] ?? []
  }

  outcome(key: OutcomeKey): StoredOutcome | undefined {
    const text = keyText.outcome(key)
    this.#declare('outcomes', text)
    return this.#tables.outcomes.get(text)
  }

  /** Applies the changes of one accepted command: all of them, or none if one breaks an invariant. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) this.#check(change)
    for (const change of changes) {
      if ('sold' in change) this.#addSales(change.sold)
      else if ('remove' in change) this.#tables.holds.remove(change.row)
      else (this.#tables[change.put] as Table<TableName>).put(change.row)
    }
  }

  /** Guards against bugs in deciders. The database has the same constraints, but there a violation fails the whole group. */
  #check(change: Change): void {
    if (!('put' in change)) return
    if (change.put === 'wallets') {
      const { userId, balance } = change.row
      invariant(Number.isSafeInteger(balance) && balance >= 0, `wallet ${userId} with balance ${balance}`)
    } else if (change.put === 'products') {
      const { productId, held, stock } = change.row
      invariant(held >= 0 && stock >= held, `product ${productId} with stock ${stock}, ${held} of it held`)
    } else if (change.put === 'coupons') {
      const { couponId, issued, quantity } = change.row
      invariant(issued >= 0 && issued <= quantity, `coupon ${couponId} with ${issued} of ${quantity} issued`)
    }
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
