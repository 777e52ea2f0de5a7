/** What a process that runs one release is started with. */
export interface ReleaseOptions {
  /** A built checkout of the release. */
  readonly checkout: string
  readonly url: string
  /** The `application_name` of its connections. */
  readonly name: string
}

export interface LoadOptions {
  readonly callers: number
  readonly users: number
  readonly products: number
}

export type ReleaseQuestion =
  | { readonly kind: 'migrate' }
  | ({ readonly kind: 'start' } & LoadOptions)
  | { readonly kind: 'stop' }
  | { readonly kind: 'audit' }

/** A statement of a migration, with milliseconds since the epoch. */
export interface Sent {
  readonly text: string
  readonly hasFailed: boolean
  readonly began: number
  readonly ended: number
}

/** A call of the shop, with milliseconds since the epoch. */
export interface Call {
  readonly what: string
  readonly began: number
  readonly ended: number
}

export interface FailedCall extends Call {
  readonly error: string
}

/** What an order must be in the end. `unknown`: a call failed, and may have taken effect. */
export type KnownStatus = 'pending' | 'paid' | 'cancelled' | 'refunded' | 'unknown'

export interface LoadReport {
  /** When each call began. */
  readonly began: readonly number[]
  /** Of each short slot of time, the call that took longest. */
  readonly slowest: readonly Call[]
  readonly failed: readonly FailedCall[]
  readonly orders: Readonly<Record<string, KnownStatus>>
  /** How many charges each user was told of. */
  readonly charges: Readonly<Record<string, number>>
  /** The users who were told that they have the coupon. */
  readonly issues: readonly string[]
}

export type ReleaseAnswer =
  | { readonly kind: 'migrated'; readonly statements: readonly Sent[]; readonly pending: readonly string[] }
  | { readonly kind: 'started' }
  | ({ readonly kind: 'stopped' } & LoadReport)
  | { readonly kind: 'audited'; readonly violations: readonly string[] }
