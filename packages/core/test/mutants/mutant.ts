import type { IdempotencyKey, Locks, PlaceOrder, Shop, ShopOptions, Store } from '../../src/index.js'
import type { Execute } from '../../src/shop/calls.js'
import type { ReferenceKey } from '../../src/store.js'
import type { BreakDecide } from './breakers/decide.js'

export type Part = 'store' | 'relay' | 'decider' | 'executor' | 'locks'

/** What is broken, and where. Every breaker can be switched off: it is then installed but changes nothing. */
export interface Breaks {
  readonly store?: (store: Store, isOn: boolean) => Store
  /** By command name. */
  readonly decide?: Readonly<Record<string, BreakDecide>>
  /** Changes the idempotency key of a call. */
  readonly key?: (key: IdempotencyKey) => IdempotencyKey
  /** Changes the reference of a request. */
  readonly reference?: (key: ReferenceKey) => ReferenceKey
  /** Replaces the way in which each shop runs commands. */
  readonly execute?: (execute: Execute) => Execute
  /** Does something before each quote. */
  readonly beforeQuote?: (shop: Shop<never>, input: PlaceOrder) => Promise<unknown>
  readonly open?: (options: ShopOptions<never>) => Shop<never>
  readonly locks?: (isOn: boolean) => Locks
}

/** A shop with one deliberate mistake. */
export interface Mutant {
  readonly id: string
  readonly title: string
  readonly part: Part
  /** Why this mutant replaces a mistake that the design makes impossible. */
  readonly instead?: string
  /** The tests of this package try the same mistake in SQL on Postgres. */
  readonly where?: 'adapter-knex'
  /** Modes and scenarios that can catch it, tried in this order. */
  readonly fits: readonly string[]
  readonly breaks: Breaks
}
