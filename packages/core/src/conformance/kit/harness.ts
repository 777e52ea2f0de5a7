import type { EventStatus } from '../../model/event.js'
import type { OrderStatus } from '../../model/order.js'
import type { Clock } from '../../shared/instant.js'
import type { Store } from '../../store/store.js'

/** What lies in a store's data, by whatever way does not lead through the store: SQL of one's own, the file, a second client. */
export interface Peeked {
  /** The balance, by user. */
  readonly balances: Readonly<Record<string, number>>
  /** Units on the shelf that nobody holds, by product. */
  readonly available: Readonly<Record<string, number>>
  /** One text per copy: `couponId userId`. */
  readonly issuedCoupons: readonly string[]
  /** The stored status, by order. */
  readonly orders: Readonly<Record<string, OrderStatus>>
  /** The stored status, by event. */
  readonly events: Readonly<Record<string, EventStatus>>
}

/** A store on trial, with what the kit needs around it. */
export interface Subject<Tx = never> {
  /** The store under test. */
  readonly store: Store<Tx>
  /** Looks at the data past the store. */
  peek(): Promise<Peeked>
  /** Opens one more store on the same data, as another process would. Exactly where the store supports `sharing`. */
  another?(): Promise<Store<Tx>>
  /** Drops everything that is in memory, and opens the data anew. Exactly where the store supports `durability`. */
  reopen?(): Promise<Store<Tx>>
  /**
   * Runs `work` in a transaction of the caller's: commits when it resolves, rolls back when it rejects. Exactly where the
   * store supports `within`.
   */
  transaction?<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Called once per subject, also after a failure. */
  close(): Promise<void>
}

/** How the kit gets at the stores of one adapter. */
export interface StoreHarness<Tx = never> {
  /** For titles. */
  readonly name: string
  /** An empty store whose time is `clock`; what one subject does must not be seen by the next. */
  create(options: { readonly clock: Clock }): Promise<Subject<Tx>>
}

/** What the kit needs of a test runner: vitest's, or that of `node:test`. */
export interface Runner {
  /** Groups tests. */
  describe(name: string, define: () => void): unknown
  /** Defines a test. */
  it(name: string, options: { readonly timeout: number }, run: () => Promise<void>): unknown
}
