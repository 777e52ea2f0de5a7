import type { OutboxEvent } from '../model/event.js'
import type { OrderOutline } from '../model/order.js'
import type { Instant } from '../shared/instant.js'
import type { AuditSnapshot } from './audit-snapshot.js'
import type { Keys } from './keys.js'
import type { Reads } from './reads.js'
import type { Changes, CouponCode, Loaded } from './rows.js'

/** The write side of a store: in its own transactions, or in the caller's (`within`). */
export interface Transactor {
  /**
   * Locks and loads the rows that `keys` names, passes them to `decide`, and writes the changes that it returns. Locks are
   * taken in `lockOrder`, each list in its given order.
   *
   * - Mutual exclusion: two calls that lock the same row never overlap between load and commit.
   * - `decide` sees every row as of the moment when all locks were held. It is called at most once.
   * - Atomicity: all changes commit, or none.
   * - Durability: when the promise resolves, the changes are durable, and so are the locked rows that `decide` saw. If
   *   commits wait for a standby, they are durable there, too.
   * - When it rejects with a StoreError, nothing was written, unless its kind is `ambiguous`.
   * - If another transaction inserts a row after this one looked for it, this one fails as `conflict`.
   * - When `decide` throws, nothing is written, and the promise rejects with that error.
   * - With a `groupId`, a transaction that writes something also writes a mark, for `committed`.
   * - Rows of companions are written with the other changes. If the store does not accept them, nothing is written, and the
   *   error is `rejected` and names the companion.
   */
  transact(keys: Keys, decide: (loaded: Loaded) => Changes, options?: { readonly groupId?: string }): Promise<void>
  /**
   * The rows that `keys` names, locked ones as well as read ones, as of one moment and without a lock. Nothing is written.
   * Inside `within`, it sees what the caller's transaction has written.
   */
  load(keys: Keys): Promise<Loaded>
  /** The immutable part of these orders, read without a lock. Unknown orders are omitted. */
  outlines(orderIds: readonly string[]): Promise<readonly OrderOutline[]>
  /** The coupons that have these folded codes, read without a lock. Unknown codes are omitted. */
  couponsWithCodes(codes: readonly string[]): Promise<readonly CouponCode[]>
}

/** The result of one attempt to send an event. `dead`: it is not retried. */
export type DeliveryResult = { readonly eventId: string; readonly lease: string } & (
  | { readonly status: 'sent' }
  | { readonly status: 'pending'; readonly retryInMs: number; readonly error: string }
  | { readonly status: 'dead'; readonly error: string }
)

/** An event that the caller may send until its lease ends. */
export interface Claimed {
  /** The event, with this attempt counted. */
  readonly event: OutboxEvent
  /** The lease under which it is sent. */
  readonly lease: string
}

/** The transactional outbox, as the relay uses it. */
export interface OutboxStore {
  /**
   * Claims pending events that are due, for `leaseMs`, and counts the attempt. Of each subject it claims only the pending
   * event with the lowest sequence, and only if no other lease holds it. Two calls never hold the same event at once. When
   * the promise resolves, the claim is durable, and so is the change that the event reports.
   */
  claimEvents(query: { limit: number; leaseMs: number; lease: string }): Promise<readonly Claimed[]>
  /** Records the results of attempts. A result whose lease another call has taken over is ignored. */
  recordDeliveries(results: readonly DeliveryResult[]): Promise<void>
}

/** Ages in milliseconds. Older rows are removed. */
export interface Retention {
  /** Outcomes of idempotency keys. */
  readonly outcomesMs: number
  /** Events that were sent: at least 24 hours. */
  readonly sentEventsMs: number
  /** Marks of committed groups: more than 10 minutes where a history is watched, which asks for the latest ones. */
  readonly groupsMs: number
}

/** Maintenance. Each function may run at any time, on any number of servers, any number of times. */
export interface Upkeep {
  /** Adds to the view counts: all of them, or none. Unknown products are ignored. Called with at most 500 products. */
  addViews(views: ReadonlyMap<string, number>): Promise<void>
  /** Removes at most `limit` rows of each kind. Resolves with how many were removed. */
  purge(retention: Retention, limit: number): Promise<number>
  /**
   * Ensures that the daily sums use the days of `timeZone`. If they do not, or with `rebuild`, rebuilds them from the units
   * in paid orders less the refunded ones, on their days of payment, while no payment or refund runs. Resolves with whether
   * it rebuilt them.
   */
  ensureSales(timeZone: string, options?: { readonly rebuild?: boolean | undefined }): Promise<boolean>
  /**
   * Called before each refresh of the ranking: a store that notes sales beside the daily sums adds them up. Rejects with
   * StoreError like a read; the notes then stay for the next time.
   */
  addUpSales?(): Promise<void>
}

/** A read that may be of an earlier moment, if the store declares that: public lists, and what live streams show. */
export type StaleList = 'products' | 'drops' | 'ranking' | 'claimableCoupons' | 'productsWithIds'

/** Lists that may be of an earlier moment, because copies of the data answer them. */
export interface StaleLists {
  /** How much earlier, in milliseconds: a list shows everything committed this long before it was asked for. */
  readonly maxAgeMs: number
  /** Which ones. All other reads are current, and so is each of these with `mustBeCurrent` or `includeUnlisted`. */
  readonly reads: readonly StaleList[]
}

/** Optional capabilities of a store. The kit checks the declared and the undeclared ones. */
export interface StoreSupports {
  /** Commands inside the caller's transaction: `within`. */
  readonly within: boolean
  /** Several processes can use the same data. */
  readonly sharing: boolean
  /** Committed data survives the process. */
  readonly durability: boolean
  /**
   * Lists that may be of an earlier moment.
   * @default none: every read sees everything committed before it began
   */
  readonly staleLists?: StaleLists | undefined
}

/** Groups that a history does not have. */
export interface MissingGroups {
  /** The identity of the history that was asked. */
  readonly history: string
  /** Those of the asked groups that have no mark of a commit, in any order. */
  readonly groupIds: readonly string[]
  /** The store's time of the answer. */
  readonly now: Instant
  /** The time of the oldest mark of a group, since older ones may be purged; null without marks. */
  readonly oldestMarkAt: Instant | null
}

/**
 * Tells whether the data still has its whole history. A database that failed over asynchronously, or was restored, can lack
 * commits that were acknowledged.
 */
export interface HistoryStore {
  /**
   * Names one history of the data, 1 to 200 characters. It changes whenever the data may have lost commits: another server or
   * timeline took over, files were restored, or the server was started again. A change alone does not mean a loss. Rejects
   * if the store accepts no writes.
   */
  identity(): Promise<string>
  /**
   * Those of the groups that did not commit, as far as the current history knows. Decides nothing and waits for nothing: a
   * group that is still running is missing. Called with any number of ids, only for groups that were acknowledged. The
   * identity in the result is that of the server that answered: connections may reach different ones.
   */
  missing(groupIds: readonly string[]): Promise<MissingGroups>
}

/** Opens transactions for the host. */
export interface TransactionOpener<Tx> {
  /** How many may be open at once, so that commands and reads keep a connection: at least 1. */
  readonly atOnce: number
  /** Opens a transaction, runs `work`, and commits; rolls back if `work` rejects, and rejects with the same error. */
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
}

/**
 * Where the shop keeps its data. `Tx` is the type of the caller's own transaction, if the store can join one. `Opened` is
 * the type of the transactions that the store itself opens for the host.
 * An adapter proves itself with `describeStore` of `@shop/core/conformance`.
 */
export interface Store<Tx = never, Opened = unknown> extends Transactor {
  /** What the store can do beyond the duties of every store. */
  readonly supports: StoreSupports
  /**
   * The names of the companions: tables of the host's that it can write.
   * @default none
   */
  readonly companions?: readonly string[] | undefined
  /** Plain reads. */
  readonly reads: Reads
  /** What the relay needs. */
  readonly outbox: OutboxStore
  /** What scheduled jobs need. */
  readonly upkeep: Upkeep
  /**
   * Whether the group committed. Waits for a commit that is still running. After `false` the group can never commit. After
   * `true` it is durable, which reading its rows would not prove.
   */
  committed(groupId: string): Promise<boolean>
  /**
   * Commands and reads inside the caller's transaction: they commit or roll back with it. Await each command before the
   * transaction does anything else: a command that fails rolls back everything done since that command began.
   */
  within?(tx: Tx): Transactor & { readonly reads: Reads }
  /** Transactions that the store opens for the host. Absent if the store cannot. */
  readonly transactions?: TransactionOpener<Opened> | undefined
  /** Whether commits were lost. Absent if the store cannot lose any while the process lives. */
  readonly history?: HistoryStore | undefined
  /** One consistent snapshot of all data, for the laws. */
  audit(): Promise<AuditSnapshot>
  /** Rejects if the store cannot be reached, or accepts no writes. */
  ping(): Promise<void>
}
