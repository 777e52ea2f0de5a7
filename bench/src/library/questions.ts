import type { ExecutorLimits } from '@shop/core'
import type { Drive, DriveOptions } from '../figures/drive.js'
import type { Crowd } from './crowd.js'
import type { Share, WorkloadName } from './workloads.js'

export interface LibraryOptions {
  readonly url: string
  /** Number of users to use. */
  readonly users: number
  /** Whether an order is paid by a separate command, or by the one that places it. */
  readonly pays?: 'later' | 'at-once' | undefined
  /** The most open orders of a user. @default that of the preset */
  readonly pendingPerUser?: number | null | undefined
  readonly limits?: Partial<ExecutorLimits> | undefined
}

/** A whole order; one line of an order; or one unit of the one order that all of them refund. */
export type RefundKind = 'whole' | 'line' | 'unit'

export type LibraryQuestion =
  | ({ readonly kind: 'run'; readonly workload: WorkloadName; readonly share?: Share | undefined } & DriveOptions)
  /** Charges during a rush for one coupon. */
  | { readonly kind: 'rush'; readonly charging: number; readonly issuing: number; readonly ms: number }
  | { readonly kind: 'crowd'; readonly callers: number }
  /** Buyers of one product, all at once, with a row of the host's each. Creates its table. */
  | { readonly kind: 'buyers'; readonly workload: WorkloadName; readonly callers: number }
  | { readonly kind: 'refresh' }
  /** Grants lots to the users who have bonus money. */
  | { readonly kind: 'grant'; readonly lots: number; readonly callers: number }
  /** Pays orders that the next `refund` refunds. */
  | { readonly kind: 'prepare-refunds'; readonly which: RefundKind; readonly count: number; readonly callers: number }
  | { readonly kind: 'refund'; readonly callers: number }
  | { readonly kind: 'statement'; readonly from: string; readonly to: string }
  | { readonly kind: 'audit' }

/** `maxGroupSize` is the median size of the committed groups. */
export type LibraryRun = Drive & { readonly maxGroupSize: number }

export type LibraryAnswer =
  | ({ readonly kind: 'run' } & LibraryRun)
  | { readonly kind: 'rush'; readonly charges: Drive; readonly issues: Drive }
  | ({ readonly kind: 'crowd' } & Crowd)
  | ({ readonly kind: 'buyers'; readonly ms: number } & Crowd)
  | { readonly kind: 'refresh'; readonly ms: number }
  | { readonly kind: 'grant' }
  | { readonly kind: 'prepare-refunds' }
  | { readonly kind: 'refund'; readonly count: number; readonly perSecond: number }
  | { readonly kind: 'statement'; readonly ms: number }
  | { readonly kind: 'audit'; readonly ms: number; readonly violations: readonly string[] }
