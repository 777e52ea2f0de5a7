/**
 * - `conflict`: a serialisation failure, a deadlock, or a row that appeared after it was looked for. Nothing was
 *   written; the same group may be decided again.
 * - `busy`: a lock was not to be had in time. Nothing was written.
 * - `unavailable`: no connection, or it was lost before the commit was sent. Nothing was written.
 * - `ambiguous`: the connection was lost while the commit was under way, or the commit was answered but may not be
 *   durable: it may have happened.
 * - `rejected`: the data did not fit (a constraint, a type). Nothing was written; trying again will not help.
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

  /** May the same work be tried again without harm? */
  get isRetryable(): boolean {
    return this.kind === 'conflict' || this.kind === 'busy' || this.kind === 'unavailable'
  }
}

export const isStoreError = (error: unknown): error is StoreError =>
  typeof error === 'object' && error !== null && brand in error

const unavailableBrand = Symbol.for('@shop/core/ShopUnavailable')

/** The shop cannot answer now: too many are waiting, it is stopping, or the store is away. The caller may try again. */
export class ShopUnavailable extends Error {
  override readonly name = 'ShopUnavailable'
  readonly [unavailableBrand] = true
  /** True where the store could not say whether the command took effect; with an idempotency key, a retry tells. */
  readonly ambiguous: boolean

  constructor(message: string, options: ErrorOptions & { readonly ambiguous?: boolean } = {}) {
    super(message, options)
    this.ambiguous = options.ambiguous ?? false
  }
}

export const isShopUnavailable = (error: unknown): error is ShopUnavailable =>
  typeof error === 'object' && error !== null && unavailableBrand in error
