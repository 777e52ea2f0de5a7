import type { Drive } from '../figures/drive.js'

/** What is written at its limit, named like the workload of the library that it is compared with. */
export type LimitOperation = 'issue' | 'issue-keyed' | 'charge' | 'checkout' | 'pair'

export interface LimitOptions {
  readonly url: string
  readonly operation: LimitOperation
  /** Number of users with a wallet. */
  readonly users: number
}

/** Writes batches for `ms` milliseconds. */
export interface LimitQuestion {
  readonly ms: number
}

/** `count` and `perSecond` are commands. */
export type LimitRun = Pick<Drive, 'count' | 'perSecond'>
