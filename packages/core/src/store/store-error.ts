/**
 * - `conflict`: a serialization failure, a deadlock, or a row that was inserted after this transaction looked for it.
 *   Nothing was written. The same group may be decided again.
 * - `busy`: timed out waiting for a lock. Nothing was written.
 * - `unavailable`: no connection, or it was lost before the commit was sent. Nothing was written.
 * - `ambiguous`: the connection was lost during the commit, or the commit may not be durable. It may have taken effect.
 * - `rejected`: the data violates a constraint or a type. Nothing was written. A retry does not help.
 */
export type StoreErrorKind = 'conflict' | 'busy' | 'unavailable' | 'ambiguous' | 'rejected'

/** A companion whose rows violate a constraint or a type. */
export interface FailedCompanion {
  /** The companion's name. */
  readonly name: string
  /** The database's code; null without one. */
  readonly code: string | null
}

/** A registered symbol, so that all copies of the package share it. */
const brand = Symbol.for('@shop/core/StoreError')

/** Why a store could not do its work. Recognise it by {@link isStoreError}: two copies of the package may be installed. */
export class StoreError extends Error {
  /** The same for every such error. */
  override readonly name = 'StoreError'
  /** Distinguishes it from other errors, also between two copies of the package. */
  readonly [brand] = true
  /** What went wrong, and whether anything was written. */
  readonly kind: StoreErrorKind
  /** The companion whose rows were not accepted, for an error of kind `rejected`. */
  readonly companion: FailedCompanion | undefined

  /** Makes an error of this kind; `options.cause` keeps the driver's own. */
  constructor(
    kind: StoreErrorKind,
    message: string,
    options: ErrorOptions & { readonly companion?: FailedCompanion } = {},
  ) {
    super(message, options)
    this.kind = kind
    this.companion = options.companion
  }

  /** Whether the same work can be retried safely: nothing was written. */
  get isRetryable(): boolean {
    return this.kind === 'conflict' || this.kind === 'busy' || this.kind === 'unavailable'
  }
}

/** Whether this error is a {@link StoreError} of any copy of the package. */
export const isStoreError = (error: unknown): error is StoreError =>
  typeof error === 'object' && error !== null && brand in error

/** A registered symbol, so that all copies of the package share it. */
const unavailableBrand = Symbol.for('@shop/core/ShopUnavailable')

/**
 * The shop cannot answer now: too many commands are queued, it is stopping, or the store is unavailable. The caller may
 * retry.
 */
export class ShopUnavailable extends Error {
  /** The same for every such error. */
  override readonly name = 'ShopUnavailable'
  /** Distinguishes it from other errors, also between two copies of the package. */
  readonly [unavailableBrand] = true
  /** Whether the command may have taken effect. Retry with the same idempotency key to find out. */
  readonly ambiguous: boolean

  /** Makes the error; `options.cause` keeps the store's own. */
  constructor(message: string, options: ErrorOptions & { readonly ambiguous?: boolean } = {}) {
    super(message, options)
    this.ambiguous = options.ambiguous ?? false
  }
}

/** Whether this error is a {@link ShopUnavailable} of any copy of the package. */
export const isShopUnavailable = (error: unknown): error is ShopUnavailable =>
  typeof error === 'object' && error !== null && unavailableBrand in error

/** A read whose store cannot be reached now rejects with ShopUnavailable. */
export const orUnavailable = async <T>(read: Promise<T>): Promise<T> => {
  try {
    return await read
  } catch (error) {
    throw isStoreError(error) && error.isRetryable
      ? new ShopUnavailable('the store did not answer', { cause: error })
      : error
  }
}
