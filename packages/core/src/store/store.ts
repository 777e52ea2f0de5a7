import type { OutboxEvent } from '../model/event.js'
import type { OrderOutline } from '../model/order.js'
import type { AuditSnapshot } from './audit-snapshot.js'
import type { Keys } from './keys.js'
import type { Reads } from './reads.js'
import type { Changes, Loaded } from './rows.js'

/** The write side of a store, in a transaction of its own or in the caller's. */
export interface Transactor {
  /**
   * Loads and locks the rows that `keys` names (in `lockOrder`, each list in its given order), shows them to `decide`,
   * and writes what it answers.
   *
   * - Two calls that lock a row in common never overlap between load and commit.
   * - `decide` sees every row as of the moment when all locks were held, and is called once per call (or not at all).
   * - All changes commit, or none. When the promise resolves, they are durable, and so are the locked rows that \`decide\`
   *   was shown: on the standby, too, where commits wait for one.
   * - When it rejects with a StoreError, nothing was written, unless its kind is `ambiguous`.
   * - A row that was inserted by somebody else after it was looked for is a `conflict`.
   * - When `decide` throws, nothing is written and the error comes out as it is.
   */
  transact(keys: Keys, decide: (loaded: Loaded) => Changes, options?: { readonly groupId?: string }): Promise<void>
  /** What never changes of these orders: read at once, without a lock. Unknown ones are left out. */
  outlines(orderIds: readonly string[]): Promise<readonly OrderOutline[]>
}

/** How one attempt to send an event came out. */
export type DeliveryResult = { readonly eventId: string; readonly lease: string } & (
  | { readonly status: 'sent' }
  | { readonly status: 'pending'; readonly retryInMs: number; readonly error: string }
  | { readonly status: 'dead'; readonly error: string }
)

/** An event that a relay may send. */
export interface Claimed {
  /** The event, with this attempt counted. */
  readonly event: OutboxEvent
  /** The lease under which it is sent. */
  readonly lease: string
}

/** What the relay needs of a store. */
export interface OutboxStore {
  /**
   * Claims pending events that are due, for `leaseMs`: of every order only the one with the lowest sequence among its
   * pending events, and only if nobody holds it. Two calls never hold the same event at once. Counts the attempt. When
   * the promise resolves, the claim is durable, and with it the change that the event tells of.
   */
  claimEvents(query: { limit: number; leaseMs: number; lease: string }): Promise<readonly Claimed[]>
  /** Writes down how the attempts came out; whose lease has been taken over is passed over. */
  recordDeliveries(settlements: readonly DeliveryResult[]): Promise<void>
}

/** How long records are kept, in milliseconds; older ones are removed. */
export interface Retention {
  /** Outcomes of idempotency keys. */
  readonly outcomesMs: number
  /** Events that were sent: at least 24 hours. */
  readonly sentEventsMs: number
  /** Marks of committed groups. */
  readonly groupsMs: number
}

/** What keeps a store tidy and in step: each may run at any time, on any number of servers, as often as it likes. */
export interface Upkeep {
  /** Adds to the view counts, all or none; unknown products are passed over. Called with at most 500 products. */
  addViews(views: ReadonlyMap<string, number>): Promise<void>
  /** Removes at most `limit` rows of each kind; answers how many went. */
  purge(retention: Retention, limit: number): Promise<number>
  /**
   * Sees to it that the daily sums are kept by the days of `timeZone`: where they are not, makes them anew from the
   * paid orders, while no payment runs. Answers whether it had to.
   */
  ensureSales(timeZone: string): Promise<boolean>
}

/** What a store can do beyond the duties of every store. The kit holds it to its word, in what it can and what it cannot. */
export interface StoreSupports {
  /** Our commands inside a transaction of the caller's: `within`. */
  readonly within: boolean
  /** Several stores, in several processes, on the same data. */
  readonly sharing: boolean
  /** What was committed outlives the process. */
  readonly durability: boolean
}

/**
 * Where the shop keeps its data. `Tx` is the caller's own transaction, where the store can work inside one.
 * An adapter proves itself with `describeStore` of `@shop/core/conformance`.
 */
export interface Store<Tx = never> extends Transactor {
  /** What the store can do beyond the duties of every store. */
  readonly supports: StoreSupports
  /** Plain reads. */
  readonly reads: Reads
  /** What the relay needs. */
  readonly outbox: OutboxStore
  /** What scheduled jobs need. */
  readonly upkeep: Upkeep
  /**
   * Did the group commit? Waits for a commit that is still under way. After `false` it can never commit; after `true` it
   * is durable, which having read the group's rows would not prove.
   */
  committed(groupId: string): Promise<boolean>
  /**
   * Our commands inside the caller's transaction: they commit or vanish with it. Await each before the transaction does
   * anything else: a command that fails takes back what was done on the transaction since it began.
   */
  within?(tx: Tx): Transactor
  /** One consistent look at everything, for the laws. */
  audit(): Promise<AuditSnapshot>
  /** Rejects where the store cannot be reached, or takes no writes. */
  ping(): Promise<void>
}
