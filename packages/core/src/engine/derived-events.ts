import { type IssuedCoupon, issuedCouponView } from '../model/coupon.js'
import { type EventFacts, type OutboxEvent, pendingEvent } from '../model/event.js'
import { historyLostView } from '../model/history-loss.js'
import { adminProductView, available, type Product } from '../model/product.js'
import type { ViewContext } from '../model/view-context.js'
import { type EntryKind, userEntryView, type WalletEntry } from '../model/wallet.js'
import { type EventType, isOfOrder } from '../policies/event-types.js'
import type { Policies } from '../policies/policies.js'
import { canonicalJson } from '../shared/canonical-json.js'
import type { NewId } from '../shared/id.js'
import type { Instant } from '../shared/instant.js'
import type { Changes, Loaded } from '../store/rows.js'
import { type Change, put } from './command.js'
import type { Facts } from './facts.js'

/** Payments and refunds are events of their order. An opening balance is not news. */
const typeOfEntry: Readonly<Partial<Record<EntryKind, EventType>>> = {
  charge: 'wallet.charged',
  grant: 'wallet.granted',
  withdrawal: 'wallet.withdrawn',
  adjustment: 'wallet.adjusted',
  expiry: 'wallet.expired',
}

const byId = (events: readonly OutboxEvent[]): readonly OutboxEvent[] =>
  [...events].sort((a, b) => (a.eventId < b.eventId ? -1 : 1))

const termsOf = ({ name, price, listed, opensAt, closesAt, sale, purchaseLimit, metadata }: Product): string =>
  canonicalJson([name, price, listed, opensAt, closesAt, sale, purchaseLimit, metadata])

/** What has happened to a product in a group, in order. */
const happenedTo = (before: Product | undefined, after: Product): readonly EventType[] => {
  if (!before) return ['product.changed']
  const types: EventType[] = termsOf(before) === termsOf(after) ? [] : ['product.changed']
  const [from, to] = [available(before), available(after)]
  if (from !== to) types.push('stock.changed')
  if (from > 0 && to === 0) types.push('stock.sold-out')
  if (from === 0 && to > 0) types.push('stock.back')
  return types
}

interface UnderOptions extends Pick<ViewContext, 'currency'> {
  readonly policies: Policies
  readonly newId: NewId
}

/**
 * The changes with the event of each recorded loss of history. It is written whatever policy `events` says: a receiver that is
 * not told keeps orders that the shop no longer has.
 */
export const withLostHistory = (
  changes: Changes,
  { newId, currency }: Pick<UnderOptions, 'newId' | 'currency'>,
  now: Instant,
): Changes => {
  const made = changes.historyLosses.inserted.map((loss) =>
    pendingEvent(
      { type: 'history.lost', subject: 'history', subjectId: loss.lossId, sequence: 1 },
      historyLostView(loss),
      { now, currency, newId },
    ),
  )
  return { ...changes, events: { ...changes.events, inserted: byId([...changes.events.inserted, ...made]) } }
}

const derivedByPolicy = new WeakMap<readonly EventType[], ReadonlySet<EventType>>()

const derivedTypes = (events: readonly EventType[]): ReadonlySet<EventType> => {
  const known = derivedByPolicy.get(events)
  if (known) return known
  const types = new Set(events.filter((type) => !isOfOrder(type)))
  derivedByPolicy.set(events, types)
  return types
}

/**
 * The events of wallets, coupons and products of one group. They follow from the rows that are written, whatever command
 * writes them. Events of orders are made by the commands themselves.
 */
export class DerivedEvents {
  readonly #types: ReadonlySet<EventType>
  readonly #shown: ViewContext
  readonly #newId: NewId

  private constructor(types: ReadonlySet<EventType>, shown: ViewContext, newId: NewId) {
    this.#types = types
    this.#shown = shown
    this.#newId = newId
  }

  /** Undefined if policy `events` names none of these types. Then they cost nothing. */
  static under({ policies, newId, currency }: UnderOptions, now: Instant): DerivedEvents | undefined {
    const types = derivedTypes(policies.events)
    return types.size === 0 ? undefined : new DerivedEvents(types, { now, currency }, newId)
  }

  #event(
    what: Pick<OutboxEvent, 'type' | 'subject' | 'subjectId' | 'sequence'>,
    view: EventFacts,
    traceparent?: string | undefined,
  ): OutboxEvent {
    return pendingEvent(what, view, { ...this.#shown, newId: this.#newId, traceparent })
  }

  #ofEntry(entry: WalletEntry, traceparent?: string | undefined): readonly Change[] {
    const type = typeOfEntry[entry.kind]
    if (type === undefined || !this.#types.has(type)) return []
    const { userId: subjectId, sequence } = entry
    return [
      put(
        'events',
        this.#event({ type, subject: 'user', subjectId, sequence }, userEntryView(entry, this.#shown), traceparent),
      ),
    ]
  }

  /** A copy comes with its coupon, which counts it. */
  #ofCopy(issued: IssuedCoupon, written: readonly Change[], traceparent: string | undefined): readonly Change[] {
    const change = written.findLast(
      (each) => 'put' in each && each.put === 'coupons' && each.row.couponId === issued.couponId,
    )
    if (!change || !('put' in change) || change.put !== 'coupons') return []
    const sequence = (change.row.events ?? 0) + 1
    const coupon = { ...change.row, events: sequence }
    const what = { type: 'coupon.issued', subject: 'coupon', subjectId: coupon.couponId, sequence } as const
    return [
      put('coupons', coupon),
      put('events', this.#event(what, issuedCouponView(issued, coupon, this.#shown.now), traceparent)),
    ]
  }

  /** The events of lots that expired when their wallets were locked, before the first decision of the group. */
  ofExpiredLots({ entries }: Changes): readonly Change[] {
    return entries.inserted.flatMap((entry) => this.#ofEntry(entry))
  }

  /** The changes of one command with the events of its entries and issued copies. `facts` are those before the changes. */
  with(facts: Facts, changes: readonly Change[], traceparent: string | undefined): readonly Change[] {
    const written = [...changes]
    for (const change of changes) {
      if (!('put' in change)) continue
      if (change.put === 'entries') written.push(...this.#ofEntry(change.row, traceparent))
      if (change.put !== 'issuedCoupons' || !this.#types.has('coupon.issued')) continue
      const { couponId, userId } = change.row
      if (!facts.issuedCoupon(couponId, userId)) written.push(...this.#ofCopy(change.row, written, traceparent))
    }
    return written
  }

  #ofProduct(before: Product | undefined, after: Product): readonly [Product, readonly OutboxEvent[]] {
    const types = happenedTo(before, after).filter((type) => this.#types.has(type))
    if (types.length === 0) return [after, []]
    const { productId, events: last } = after
    const events = types.map((type, index) => {
      const what = { type, subject: 'product', subjectId: productId, sequence: (last ?? 0) + 1 + index } as const
      const view =
        type === 'product.changed' ? adminProductView(after, this.#shown) : { productId, stock: available(after) }
      return this.#event(what, view)
    })
    return [{ ...after, events: (last ?? 0) + events.length }, events]
  }

  /**
   * The changes of the whole group with the events of its products: for each product at most one of each type, from the row
   * that was loaded to the row that is written. No single command makes them, so they carry no trace context.
   */
  ofProducts(changes: Changes, loaded: Loaded): Changes {
    const { inserted, updated } = changes.products
    const before = new Map(loaded.products.map((product) => [product.productId, product]))
    const events: OutboxEvent[] = []
    const counted = (product: Product): Product => {
      const [after, made] = this.#ofProduct(before.get(product.productId), product)
      events.push(...made)
      return after
    }
    const products = { ...changes.products, inserted: inserted.map(counted), updated: updated.map(counted) }
    if (events.length === 0) return changes
    const all = byId([...changes.events.inserted, ...events])
    return { ...changes, products, events: { ...changes.events, inserted: all } }
  }
}
