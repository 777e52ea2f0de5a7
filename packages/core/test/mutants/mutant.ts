import type { IdempotencyKey, Locks, Shop, ShopOptions, Store } from '../../src/index.js'
import type { BreakDecide } from './breakers/decide.js'

export type Part = 'store' | 'relay' | 'decider' | 'executor' | 'locks'

/** What is broken, and where. Every breaker also works switched off: then it stands in the way and changes nothing. */
export interface Breaks {
  readonly store?: (store: Store, isOn: boolean) => Store
  /** By the name of the command. */
  readonly decide?: Readonly<Record<string, BreakDecide>>
  /** Changes the key that a caller gives. */
  readonly key?: (key: IdempotencyKey) => IdempotencyKey
  readonly open?: (options: ShopOptions<never>) => Shop<never>
  readonly locks?: (isOn: boolean) => Locks
}

/** A shop with one deliberate mistake. */
export interface Mutant {
  readonly id: string
  readonly title: string
  readonly part: Part
  /** Why this one stands for a mistake that the design leaves no room for. */
  readonly instead?: string
  /** The mistake in SQL is held against the store on Postgres, by the tests of this package. */
  readonly where?: 'adapter-knex'
  /** Modes and scenes in which it shows, tried in this order. */
  readonly fits: readonly string[]
  readonly breaks: Breaks
}
