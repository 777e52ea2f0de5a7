import type { EventStatus } from '../../model/event.js'
import type { OrderStatus } from '../../model/order.js'
import type { Clock } from '../../shared/instant.js'
import type { CompanionRow } from '../../store/rows.js'
import type { Store } from '../../store/store.js'

/** The stored data, read without the store: by direct SQL, from the file, or by a second client. */
export interface Peeked {
  /** Balances, by user. */
  readonly balances: Readonly<Record<string, number>>
  /** Units in stock that are not held, by product. */
  readonly available: Readonly<Record<string, number>>
  /** One text per copy: `couponId userId`. */
  readonly issuedCoupons: readonly string[]
  /** The stored status of orders, by order. */
  readonly orders: Readonly<Record<string, OrderStatus>>
  /** The stored status of events, by event. */
  readonly events: Readonly<Record<string, EventStatus>>
}

/** A companion of a store under test. Its rows have the texts `command`, `subject` and `note`; a note `fails` is not accepted. */
export interface KitCompanion {
  /** The name by which the store knows it. */
  readonly name: string
  /** Reads its rows without the store. */
  rows(): Promise<readonly CompanionRow[]>
}

/** A store under test, with what the kit needs around it. */
export interface Subject<Tx = never> {
  /** The store under test. */
  readonly store: Store<Tx>
  /** Reads the data without the store. */
  peek(): Promise<Peeked>
  /** Opens another store on the same data, as another process would. Required if and only if the store supports `sharing`. */
  another?(): Promise<Store<Tx>>
  /** Discards all memory and reopens the data. Required if and only if the store supports `durability`. */
  reopen?(): Promise<Store<Tx>>
  /**
   * Runs `work` in a transaction that the caller owns: commits when it resolves, rolls back when it rejects. Required if
   * and only if the store supports `within`.
   */
  transaction?<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** A companion. Required if and only if the store has companions. */
  readonly companion?: KitCompanion | undefined
  /** Called once per subject, even after a failure. */
  close(): Promise<void>
}

/** How the kit opens the stores of one adapter. */
export interface StoreHarness<Tx = never> {
  /** For titles. */
  readonly name: string
  /** An empty store whose time is `clock`. Subjects must not share data. */
  create(options: { readonly clock: Clock }): Promise<Subject<Tx>>
}

/** What the kit needs from a test runner, such as vitest or `node:test`. */
export interface Runner {
  /** Groups tests. */
  describe(name: string, define: () => void): unknown
  /** Defines a test. */
  it(name: string, options: { readonly timeout: number }, run: () => Promise<void>): unknown
}
