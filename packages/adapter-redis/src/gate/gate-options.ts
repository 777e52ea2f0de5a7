import type { Policies } from '@shop/core'
import type { Coupon, Timer } from '@shop/core/store'
import type { DatabaseIdentity } from '../database-clock.js'
import type { RedisAccess } from '../lua-script.js'

/** Times in milliseconds, and sizes. The defaults are `defaultGateSettings`. */
export interface GateSettings {
  /** How old a coupon's terms in Redis may be. A change that Redis was not told of takes effect after this. */
  readonly termsMs: number
  /** How long a reservation lasts. Must be longer than an issue takes at the database. */
  readonly leaseMs: number
  /** How long a caller waits for reservations of others before it goes to the database. */
  readonly waitMs: number
  /** How often a server polls Redis for its waiting callers. */
  readonly pollMs: number
  /** How long a change of a coupon may take. Must be longer than a change takes at the database. */
  readonly changeMs: number
  /** How often a server asks the database for its id and time. */
  readonly databaseMs: number
  /** So long before a coupon's end the gate stops refusing: the database's clock may jump between two questions. */
  readonly clockSlackMs: number
  /** How many callers may share one call of Redis. */
  readonly maxBatchSize: number
}

/** The settings of a gate, unless `settings` says otherwise. */
export const defaultGateSettings: GateSettings = {
  termsMs: 1_000,
  leaseMs: 15_000,
  waitMs: 2_000,
  pollMs: 10,
  changeMs: 30_000,
  databaseMs: 1_000,
  clockSlackMs: 1_000,
  maxBatchSize: 256,
}

/**
 * How a caller left the gate:
 * - `issued`: refused, because the user has the coupon;
 * - `sold-out`: refused, because every unit is issued;
 * - `admitted`: to the database, with a reservation;
 * - `undecided`: to the database without one, because the gate cannot tell;
 * - `keyed`: to the database, because the call has an idempotency key;
 * - `away`: to the database, because Redis is away.
 */
export type GateVerdict = 'issued' | 'sold-out' | 'admitted' | 'undecided' | 'keyed' | 'away'

/** For logs and metrics. Errors thrown here are ignored. */
export interface GateObserver {
  /** After each decision of the gate. */
  onVerdict?(verdict: GateVerdict): void
  /** An error that no caller sees, for instance of Redis, or of a read of the terms. */
  onTrouble?(error: unknown): void
}

/** What the gate must know of a coupon. `issued` never decreases, `code` never changes; it may be absent without a code. */
export type CouponState = Pick<Coupon, 'quantity' | 'issued' | 'validUntil'> & Partial<Pick<Coupon, 'code'>>

/** What `couponGate` needs: Redis, the database's identity, and reads of committed data. */
export interface GateOptions extends RedisAccess {
  /** The database's id and time: `knexSources(knex).database` of `@shop/adapter-knex`, for instance. */
  database(): Promise<DatabaseIdentity>
  /** Reads of committed data: the `reads` of a store, for instance. */
  readonly reads: {
    /** Resolves with undefined if there is no such coupon. */
    coupon(couponId: string): Promise<CouponState | undefined>
    /** `found` is undefined if the user does not exist. Required if wallets open by registration. */
    wallet?(userId: string): Promise<{ readonly found: object | undefined }>
  }
  /**
   * Users whose copy of the coupon has committed: at most `limit` ids, ascending, each greater than `after`.
   * The gate copies them to Redis.
   */
  issuedUsers(query: {
    readonly couponId: string
    readonly after?: string | undefined
    readonly limit: number
  }): Promise<readonly string[]>
  /** The shop's policies. @default Every user exists. */
  readonly policies?: Pick<Policies, 'wallet'>
  /** Overrides some of `defaultGateSettings`. */
  readonly settings?: Partial<GateSettings>
  /** For logs and metrics. */
  readonly observer?: GateObserver
  /** Replaces time in tests. @default `systemTimer` */
  readonly timer?: Pick<Timer, 'elapsedMs' | 'pause'>
}
