/** What a rush is for: units of one product, or copies of one coupon. */
export type RushKind = 'stock' | 'coupons'

/** More buyers than there is to have, all at once. */
export interface RushPlan {
  readonly kind: RushKind
  /** Units or coupons there are. */
  readonly quantity: number
  readonly buyers: number
  /** Buyers waiting for an answer at any time, at most. */
  readonly concurrency: number
  /** Run it a second time with every command in a transaction of its own? */
  readonly comparison: boolean
}

/** `grouped`: by this shop as it is. `one-by-one`: by a second shop on the same store that groups nothing. */
export type RushMode = 'grouped' | 'one-by-one'

/** A stretch of a run. */
export interface RushSample {
  /** Its end, since the run began. */
  readonly atMs: number
  /** Since the run began. */
  readonly answered: number
  readonly remaining: number
  readonly answersPerSecond: number
}

/** One run of a rush, so far. */
export interface RushRun {
  readonly mode: RushMode
  readonly state: 'waiting' | 'running' | 'done'
  /** The product or the coupon. */
  readonly subjectId: string
  readonly elapsedMs: number
  /** Buyers who know how it ended for them. */
  readonly answered: number
  readonly won: number
  readonly refused: number
  /** Buyers who were told to come back later. */
  readonly unavailable: number
  readonly remaining: number
  readonly answersPerSecond: number
  /** From a buyer's click to the last answer, payment included. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
  /** Transactions, and commands in one of them. */
  readonly groups: { readonly count: number; readonly meanSize: number; readonly largest: number }
  readonly samples: readonly RushSample[]
}

/** A sum that has to come out, with the numbers that are in the store. */
export interface RushProof {
  readonly proof: 'nothing-oversold' | 'stock-conserved' | 'nothing-held' | 'one-each' | 'money-conserved'
  /** Nothing, where it is about both runs. */
  readonly mode: RushMode | null
  readonly holds: boolean
  readonly numbers: Readonly<Record<string, number>>
}

/** A law of the shop, held against everything that is in the store. */
export interface LawResult {
  readonly law: string
  readonly sentence: string
  readonly checked: number
  readonly broken: number
}

export interface Rush extends RushPlan {
  readonly rushId: string
  readonly state: 'preparing' | 'running' | 'checking' | 'done' | 'failed'
  /** Buyers who are there with their money. */
  readonly prepared: number
  readonly runs: readonly RushRun[]
  /** Empty, until the runs have ended. */
  readonly proofs: readonly RushProof[]
  readonly laws: readonly LawResult[]
}

/** What one run of a rush is about. */
export interface RushSubject {
  readonly mode: RushMode
  readonly subjectId: string
}

/** The buyers of a rush, in order. */
export const buyerId = (rushId: string, index: number): string => `rush-${rushId}-${index}`

export const isBuyerOf = (rushId: string, userId: string): boolean => userId.startsWith(`rush-${rushId}-`)
