import type { ExecutorLimits } from '@shop/core'
import type { Drive, DriveOptions } from '../figures/drive.js'
import type { Crowd } from './crowd.js'
import type { WorkloadName } from './workloads.js'

export interface LibraryOptions {
  readonly url: string
  /** Number of users to use. */
  readonly users: number
  /** Whether an order is paid by a separate command, or by the one that places it. */
  readonly pays?: 'later' | 'at-once' | undefined
  readonly limits?: Partial<ExecutorLimits> | undefined
}

export type LibraryQuestion =
  | ({ readonly kind: 'run'; readonly workload: WorkloadName } & DriveOptions)
  /** Charges during a rush for one coupon. */
  | { readonly kind: 'rush'; readonly charging: number; readonly issuing: number; readonly ms: number }
  | { readonly kind: 'crowd'; readonly callers: number }
  | { readonly kind: 'refresh' }
  | { readonly kind: 'audit' }

/** `maxGroupSize` is the median size of the committed groups. */
export type LibraryRun = Drive & { readonly maxGroupSize: number }

export type LibraryAnswer =
  | ({ readonly kind: 'run' } & LibraryRun)
  | { readonly kind: 'rush'; readonly charges: Drive; readonly issues: Drive }
  | ({ readonly kind: 'crowd' } & Crowd)
  | { readonly kind: 'refresh'; readonly ms: number }
  | { readonly kind: 'audit'; readonly violations: readonly string[] }
