import type { Policies } from '@shop/core'
import type { Coupon, Timer } from '@shop/core/store'
import type { DatabaseIdentity } from '../database-clock.js'
import type { RedisAccess } from '../script.js'

export interface GateSettings {
  /** How old a coupon's terms may be: a change that could not be told to Redis shows after this. */
  readonly termsMs: number
  /** After this a place that nobody has settled is free again: longer than an issue takes at the database. */
  readonly leaseMs: number
  /** How long a caller waits for undecided places before it goes to the database. */
  readonly waitMs: number
  /** How often those who wait look again. */
  readonly pollMs: number
  /** After this a change of a coupon that nobody has ended is given up: longer than a change takes at the database. */
  readonly changeMs: number
  /** How often the database is asked for its id and time. */
  readonly databaseMs: number
  /** So close to its end a coupon is the database's alone: what its clock may jump between two questions. */
  readonly clockSlackMs: number
  /** Callers in one call of Redis, at most. */
  readonly bundleSize: number
}

export const defaultGateSettings: GateSettings = {
  termsMs: 1_000,
  leaseMs: 15_000,
  waitMs: 2_000,
  pollMs: 10,
  changeMs: 30_000,
  databaseMs: 1_000,
  clockSlackMs: 1_000,
  bundleSize: 256,
}

/**
 * How a caller left the gate: turned away (`issued`, `sold-out`), with a place (`admitted`), to the database without one
 * (`passed`: undecided, unknown, or not the gate's to say; `keyed`: with an idempotency key; `away`: no Redis).
 */
export type GateVerdict = 'issued' | 'sold-out' | 'admitted' | 'passed' | 'keyed' | 'away'

export interface GateObserver {
  onVerdict?(verdict: GateVerdict): void
  /** What went wrong behind a caller's back: with Redis, or with a read of the terms. */
  onTrouble?(error: unknown): void
}

/** What the gate has to know of a coupon. `issued` never goes down. */
export type CouponState = Pick<Coupon, 'quantity' | 'issued' | 'validUntil'>

export interface GateOptions extends RedisAccess {
  /** Whose data it is, and what the time is there. */
  database(): Promise<DatabaseIdentity>
  /** The reads of a store will do. */
  readonly reads: {
    coupon(couponId: string): Promise<CouponState | undefined>
    /** Something, where the user exists. Needed where wallets open by registration. */
    wallet?(userId: string): Promise<object | undefined>
  }
  /** Users whose issued coupon has committed, by id, those behind `after`: what the gate fills itself from. */
  issuedUsers(query: {
    readonly couponId: string
    readonly after?: string | undefined
    readonly limit: number
  }): Promise<readonly string[]>
  /** Every user exists, where left out. */
  readonly policies?: Pick<Policies, 'wallet'>
  readonly settings?: Partial<GateSettings>
  readonly observer?: GateObserver
  readonly timer?: Pick<Timer, 'elapsedMs' | 'pause'>
}
