import type { BuyerOutcome } from '../meter.js'

/** Where the buyers of one run buy. */
export interface Seller {
  /** One buyer's attempt, from the first request to the last response. `index`: of the buyer. */
  attempt(index: number): Promise<BuyerOutcome>
  /** What was sold, counted after the run. Undefined if an audit of the shop counts it. */
  countSold?(): Promise<number>
  /** Releases what the seller opened. */
  close(): Promise<void>
}
