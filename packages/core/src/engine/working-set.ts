import { type CouponTerms, foldCode } from '../model/coupon.js'
import type { Order } from '../model/order.js'
import type { SalesChange } from '../model/ranking.js'
import type { EntryReferenceKey, StoredReference, StoredReferenceKey } from '../model/reference.js'
import { expireLots, type WalletEntry } from '../model/wallet.js'
import type { NewId } from '../shared/id.js'
import { hasPassed } from '../shared/instant.js'
import { InvariantViolated } from '../shared/invariant.js'
import { keyText } from '../store/key-lists.js'
import type { KeyName, Keys, LockName, OutcomeKey, ReadName, SalesKey } from '../store/keys.js'
import type { Changes, CompanionRows, Loaded, Rows, StoredOutcome, TableName } from '../store/rows.js'
import { nothingChanged, rowKey, tableNames } from '../store/schema.js'
import { StoreError } from '../store/store-error.js'
import { type Change, noOutlines, type Outlines } from './command.js'
import { mergeCompanions } from './companions.js'
import type { Facts } from './facts.js'
import { type OrderTally, openOrderTally, purchaseKey, purchaseTally } from './order-tally.js'
import { Table } from './table.js'

const byReference = (entry: WalletEntry): readonly [string, WalletEntry][] =>
  entry.reference === null ? [] : [[keyText.referencedEntries({ kind: entry.kind, reference: entry.reference }), entry]]

type Tables = { [T in TableName]?: Table<T> }

type Texts = { [N in KeyName]?: ReadonlySet<string> }

/**
 * The loaded rows of a group and the changes of its accepted commands. Each command is decided on the state that the earlier
 * ones left. Before the first decision, overdue holds are released, and lots that have ended expire.
 */
export class WorkingSet implements Facts {
  /** Created on first use: most groups need only a few of them. */
  readonly #tables: Tables = {}
  readonly #declared: Texts = {}
  readonly #loaded: Loaded
  readonly #keys: Keys
  #outlines: Outlines = noOutlines
  readonly #users: ReadonlySet<string>
  readonly #terms: ReadonlyMap<string, CouponTerms>
  readonly #sold = new Map<string, SalesChange>()
  readonly #companions: CompanionRows[] = []
  #referenced: Map<string, WalletEntry> | undefined
  #openings: Map<string, WalletEntry> | undefined
  /** Created on first use, from then on kept up to date: most groups need none. */
  #purchases: OrderTally | undefined
  #openOrders: OrderTally | undefined

  constructor(keys: Keys, loaded: Loaded, newId: NewId) {
    this.#keys = keys
    this.#loaded = loaded
    this.#users = new Set(loaded.users)
    this.#terms = new Map(loaded.terms.map((terms) => [terms.couponId, terms]))
    this.#releaseOverdueHolds()
    this.#expireLots(newId)
  }

  #table<T extends TableName>(name: T): Table<T> {
    return this.#tables[name] ?? this.#openTable(name)
  }

  #openTable<T extends TableName>(name: T): Table<T> {
    const found = this.#loaded as { readonly [N in TableName]?: readonly Rows[N][] }
    const table = new Table<T>(name, found[name])
    this.#tables[name] = table as Tables[T]
    return table
  }

  #releaseOverdueHolds(): void {
    for (const hold of this.#loaded.holds) {
      if (!hasPassed(hold.expiresAt, this.#loaded.now)) continue
      const product = this.#table('products').get(hold.productId)
      if (!product) continue
      this.#table('products').put({ ...product, held: product.held - hold.quantity })
      this.#table('holds').remove(hold)
    }
  }

  #expireLots(newId: NewId): void {
    for (const wallet of this.#loaded.wallets) {
      if (wallet.lots === null) continue
      const expired = expireLots(wallet, { now: this.#loaded.now, newId })
      if (expired.wallet === wallet) continue
      this.#table('wallets').put(expired.wallet)
      for (const entry of expired.entries) this.#table('entries').put(entry)
    }
  }

  #isDeclared(name: KeyName, key: string): boolean {
    return (this.#declared[name] ?? this.#declaredIn(name)).has(key)
  }

  #declaredIn(name: KeyName): ReadonlySet<string> {
    const { lock, read } = this.#keys
    const keys: readonly unknown[] = name in lock ? lock[name as LockName] : read[name as ReadName]
    const texts = new Set(keys.map(keyText[name] as (key: unknown) => string))
    this.#declared[name] = texts
    return texts
  }

  #declare(name: KeyName, key: string): void {
    if (!this.#isDeclared(name, key))
      throw new InvariantViolated(`${name} ${key} was looked at but is not among the keys`)
  }

  /** A row that is there is among the keys, or was written by the group: only a missing one is looked up there. */
  #row<T extends TableName & KeyName>(name: T, key: string): Rows[T] | undefined {
    const row = this.#table(name).get(key)
    if (row === undefined) this.#declare(name, key)
    return row
  }

  wallet(userId: string) {
    return this.#row('wallets', userId)
  }

  opening(userId: string) {
    this.#declare('openings', userId)
    const first = this.#table('entries').get(rowKey.entries({ userId, sequence: 1 }))
    if (first) return first.kind === 'opening' ? first : undefined
    this.#openings ??= new Map(this.#loaded.openings.map((entry) => [entry.userId, entry]))
    return this.#openings.get(userId)
  }

  userExists(userId: string) {
    if (this.#isDeclared('wallets', userId)) return this.#table('wallets').get(userId) !== undefined
    this.#declare('users', userId)
    return this.#users.has(userId)
  }

  product(productId: string) {
    return this.#row('products', productId)
  }

  purchased(userId: string, productId: string) {
    this.#declare('buyers', userId)
    this.#declare('products', productId)
    if (this.#table('products').found(productId)?.purchaseLimit === null) this.#refusePurchases(productId)
    this.#purchases ??= this.#upToDate(purchaseTally(this.#loaded))
    return this.#purchases.of(purchaseKey(userId, productId))
  }

  /** The purchases of a product are loaded only if it has a limit. */
  #refusePurchases(productId: string): never {
    if (this.#table('products').get(productId)?.purchaseLimit === null)
      throw new InvariantViolated(`purchases of product ${productId} are not counted: it has no purchase limit`)
    throw new StoreError(
      'busy',
      `product ${productId} got its purchase limit in this group: its purchases are not loaded`,
    )
  }

  openOrders(userId: string) {
    this.#declare('openOrders', userId)
    this.#openOrders ??= this.#upToDate(openOrderTally(this.#loaded))
    return this.#openOrders.of(userId)
  }

  #upToDate(tally: OrderTally): OrderTally {
    for (const [before, after] of this.#table('orders').touched()) tally.replace(before, after)
    return tally
  }

  couponIdOf(code: string) {
    const folded = foldCode(code)
    this.#declare('couponCodes', folded)
    const added = this.#table('coupons').changes().inserted
    return [...this.#loaded.couponCodes, ...added].find((each) => each.code !== null && foldCode(each.code) === folded)
      ?.couponId
  }

  prefetchedCoupon(code: string) {
    return this.#outlines.couponIdOf(code)
  }

  coupon(couponId: string) {
    return this.#row('coupons', couponId)
  }

  couponTerms(couponId: string) {
    if (this.#isDeclared('coupons', couponId)) return this.#table('coupons').get(couponId)
    this.#declare('terms', couponId)
    return this.#terms.get(couponId)
  }

  issuedCoupon(couponId: string, userId: string) {
    return this.#row('issuedCoupons', rowKey.issuedCoupons({ couponId, userId }))
  }

  /** Sets the orders that the next command can see: those that it prefetched. */
  showOrders(outlines: Outlines): void {
    this.#outlines = outlines
  }

  /** Undefined for an order that the command's prefetch did not find: the call began before the order was placed. */
  order(orderId: string) {
    if (!this.#outlines.order(orderId)) return undefined
    return this.#row('orders', orderId)
  }

  orderExists(orderId: string) {
    return this.#row('orders', orderId) !== undefined
  }

  holdsOf({ orderId, lines }: Order) {
    this.#row('orders', orderId)
    return lines.flatMap(({ productId }) => this.#table('holds').get(rowKey.holds({ orderId, productId })) ?? [])
  }

  hold(orderId: string, productId: string) {
    this.#row('orders', orderId)
    return this.#table('holds').get(rowKey.holds({ orderId, productId }))
  }

  event(eventId: string) {
    return this.#row('events', eventId)
  }

  historyLoss(lossId: string) {
    return this.#row('historyLosses', lossId)
  }

  fence(job: string) {
    return this.#row('fences', job)
  }

  sales(key: SalesKey) {
    const text = keyText.sales(key)
    this.#declare('sales', text)
    const index = this.#keys.read.sales.findIndex((each) => keyText.sales(each) === text)
    return this.#loaded.sales[index] ?? []
  }

  outcome(key: OutcomeKey): StoredOutcome | undefined {
    return this.#row('outcomes', rowKey.outcomes(key))
  }

  reference(key: StoredReferenceKey): StoredReference | undefined {
    return this.#row('references', rowKey.references(key))
  }

  /** The entry that carries a reference: a stored one, or one that the group has written. */
  referencedEntry(key: EntryReferenceKey): WalletEntry | undefined {
    const text = keyText.referencedEntries(key)
    this.#declare('referencedEntries', text)
    this.#referenced ??= new Map(this.#loaded.referencedEntries.flatMap(byReference))
    return this.#referenced.get(text)
  }

  /** Applies the changes of one accepted command: all of them, or none if one breaks an invariant. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) if ('put' in change) this.#table<TableName>(change.put).check(change.row)
    for (const change of changes) {
      if ('sold' in change) this.#addSales(change.sold)
      else if ('remove' in change) this.#table('holds').remove(change.row)
      else {
        if (change.put === 'entries') this.#learnReference(change.row)
        if (change.put === 'orders') this.#tallyOrder(change.row)
        this.#table<TableName>(change.put).put(change.row)
      }
    }
  }

  #tallyOrder(order: Order): void {
    if (!this.#purchases && !this.#openOrders) return
    const before = this.#table('orders').get(order.orderId)
    this.#purchases?.replace(before, order)
    this.#openOrders?.replace(before, order)
  }

  #learnReference(entry: WalletEntry): void {
    if (entry.reference === null) return
    this.#referenced ??= new Map(this.#loaded.referencedEntries.flatMap(byReference))
    for (const [text, row] of byReference(entry)) this.#referenced.set(text, row)
  }

  #addSales(change: SalesChange): void {
    const key = `${change.timeZone} ${change.day} ${change.productId}`
    const before = this.#sold.get(key)
    this.#sold.set(key, before ? { ...before, quantity: before.quantity + change.quantity } : change)
  }

  /** Adds the rows that an accepted command brings along. */
  accompany(rows: readonly CompanionRows[]): void {
    this.#companions.push(...rows)
  }

  changes(): Changes {
    const changes: Record<string, unknown> = { ...nothingChanged }
    for (const name of tableNames) {
      const table = this.#tables[name]
      if (table) changes[name] = table.changes()
    }
    const sales = [...this.#sold.keys()].sort().map((key) => this.#sold.get(key) as SalesChange)
    return {
      ...(changes as unknown as Changes),
      sales: sales.filter(({ quantity }) => quantity !== 0),
      companions: mergeCompanions(this.#companions),
    }
  }
}
