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
  /** The runs, in this order: each sells the whole quantity to all buyers. No mode twice. */
  readonly modes: readonly RushMode[]
}

/**
 * - `grouped`: on this shop, with group commit, called inside the server.
 * - `one-by-one`: on a second shop on the same store, with one command per group.
 * - `naive`: on tables of its own, by reading the stock, checking it and writing it back. It sells too much.
 * - `http`: on this shop, by requests of this server to its own address.
 * - `two-servers`: on two shops that share nothing but the database. Buyers go to them in turn.
 */
export const rushModes = ['grouped', 'one-by-one', 'naive', 'http', 'two-servers'] as const

export type RushMode = (typeof rushModes)[number]

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
  /** The quantity less what buyers were told that they got. Negative if the run sold too much. */
  readonly remaining: number
  /** What was sold or issued, counted in the store after the run. Null until then. */
  readonly sold: number | null
  /** What each server of the run told buyers that they got. One number, or two for `two-servers`. */
  readonly wonByServer: readonly number[]
  /** Connections that the run opened for itself: to the database, or for `http` to the server. */
  readonly connections: number
  readonly answersPerSecond: number
  /** From a buyer's first request to the last response, payment included. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
  /** Number of transactions, and commands per transaction. */
  readonly groups: { readonly count: number; readonly meanSize: number; readonly largest: number }
  readonly samples: readonly RushSample[]
}

/** A sum that must hold, with the numbers found in the store. */
export interface RushProof {
  readonly proof:
    | 'nothing-oversold'
    | 'stock-conserved'
    | 'nothing-held'
    | 'one-each'
    | 'servers-add-up'
    | 'money-conserved'
  /** Null if the proof covers all runs. */
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
  /** Of the runs on the shop, not of `naive`. Empty until the runs have ended. */
  readonly proofs: readonly RushProof[]
  readonly laws: readonly LawResult[]
}

/** The mode of a run, and the id of its product or coupon. */
export interface RushSubject {
  readonly mode: RushMode
  readonly subjectId: string
}

/** A mode that sells what the shop keeps. */
export type ShopMode = Exclude<RushMode, 'naive'>

export interface ShopSubject extends RushSubject {
  readonly mode: ShopMode
}

export const isOfShop = (subject: RushSubject): subject is ShopSubject => subject.mode !== 'naive'

/** The id of the buyer with this index. */
export const buyerId = (rushId: string, index: number): string => `rush-${rushId}-${index}`

export const isBuyerOf = (rushId: string, userId: string): boolean => userId.startsWith(`rush-${rushId}-`)
