/** What a rush sells: units of one product, or copies of one coupon. */
export type RushKind = 'stock' | 'coupons'

/** A rush: many concurrent buyers, usually more than the quantity. */
export interface RushPlan {
  readonly kind: RushKind
  /** Units in stock, or copies of the coupon. */
  readonly quantity: number
  readonly buyers: number
  /** Maximum number of buyers with a request in flight. */
  readonly concurrency: number
  /** Whether to run it a second time, with one transaction per command. */
  readonly comparison: boolean
}

/**
 * `grouped`: on this shop, with group commit. `one-by-one`: on a second shop on the same store, with one
 * command per group.
 */
export type RushMode = 'grouped' | 'one-by-one'

/** One interval of a run. */
export interface RushSample {
  /** End of the interval, in milliseconds since the run began. */
  readonly atMs: number
  /** Buyers with a result since the run began. */
  readonly answered: number
  readonly remaining: number
  readonly answersPerSecond: number
}

/** The progress of one run of a rush. */
export interface RushRun {
  readonly mode: RushMode
  readonly state: 'waiting' | 'running' | 'done'
  /** Id of the product or the coupon. */
  readonly subjectId: string
  readonly elapsedMs: number
  /** Buyers who got a result. */
  readonly answered: number
  readonly won: number
  readonly refused: number
  /** Buyers whose request ended as UNAVAILABLE. */
  readonly unavailable: number
  readonly remaining: number
  readonly answersPerSecond: number
  /** From a buyer's first request to the last response, payment included. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
  /** Number of transactions, and commands per transaction. */
  readonly groups: { readonly count: number; readonly meanSize: number; readonly largest: number }
  readonly samples: readonly RushSample[]
}

/** A sum that must hold, with the numbers found in the store. */
export interface RushProof {
  readonly proof: 'nothing-oversold' | 'stock-conserved' | 'nothing-held' | 'one-each' | 'money-conserved'
  /** Null if the proof covers both runs. */
  readonly mode: RushMode | null
  readonly holds: boolean
  readonly numbers: Readonly<Record<string, number>>
}

/** A law of the shop, checked against all data in the store. */
export interface LawResult {
  readonly law: string
  readonly sentence: string
  readonly checked: number
  readonly broken: number
}

export interface Rush extends RushPlan {
  readonly rushId: string
  readonly state: 'preparing' | 'running' | 'checking' | 'done' | 'failed'
  /** Buyers whose wallets are ready. */
  readonly prepared: number
  readonly runs: readonly RushRun[]
  /** Empty until the runs have ended. */
  readonly proofs: readonly RushProof[]
  readonly laws: readonly LawResult[]
}

/** The mode of a run, and the id of its product or coupon. */
export interface RushSubject {
  readonly mode: RushMode
  readonly subjectId: string
}

/** The id of the buyer with this index. */
export const buyerId = (rushId: string, index: number): string => `rush-${rushId}-${index}`

export const isBuyerOf = (rushId: string, userId: string): boolean => userId.startsWith(`rush-${rushId}-`)
