/**
 * - `conflict`: a serialization failure, a deadlock, or a row that was inserted after this transaction looked for it.
 *   Nothing was written. The same group may be decided again.
 * - `busy`: timed out waiting for a lock. Nothing was written.
 * - `unavailable`: no connection, or it was lost before the commit was sent. Nothing was written.
 * - `ambiguous`: the connection was lost during the commit, or the commit may not be durable. It may have taken effect.
 * - `rejected`: the data violates a constraint or a type. Nothing was written. A retry does not help.
 */
export type StoreErrorKind = 'conflict' | 'busy' | 'unavailable' | 'ambiguous' | 'rejected'

const brand = Symbol.for('@shop/core/StoreError')

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly [brand] = true
  readonly kind: StoreErrorKind

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }

  /** Whether the same work can be retried safely: nothing was written. */
  get isRetryable(): boolean {
    return this.kind === 'conflict' || this.kind === 'busy' || this.kind === 'unavailable'
  }
}

export const isStoreError = (error: unknown): error is StoreError =>
  typeof error === 'object' && error !== null && brand in error

const unavailableBrand = Symbol.for('@shop/core/ShopUnavailable')

/** The shop cannot answer now: too many commands are queued, it is stopping, or the store is away. The caller may retry. */
export class ShopUnavailable extends Error {
  override readonly name = 'ShopUnavailable'
  readonly [unavailableBrand] = true
  /** Whether the command may have taken effect. A retry with the same idempotency key tells. */
  readonly ambiguous: boolean

  constructor(message: string, options: ErrorOptions & { readonly ambiguous?: boolean } = {}) {
    super(message, options)
    this.ambiguous = options.ambiguous ?? false
  }
}

export const isShopUnavailable = (error: unknown): error is ShopUnavailable =>
  typeof error === 'object' && error !== null && unavailableBrand in error
