import type { Check } from '../shared/check.js'
import type { Instant } from '../shared/instant.js'

/** What a reference can name. A reference is unique per kind; for orders, per kind and user. */
export type ReferenceKind = 'charge' | 'grant' | 'withdrawal' | 'adjustment' | 'order' | 'refund'

/** Names a request for ever. */
export interface ReferenceKey {
  /** What the request does. */
  readonly kind: ReferenceKind
  /** The user, for an order; empty for every other kind. */
  readonly owner: string
  /** The caller's own text: 1 to 200 visible ASCII characters. */
  readonly reference: string
}

/** What a reference stands for. */
export interface Referenced {
  /** The user whose money or order it is. */
  readonly userId: string
  /** The entry, the order or the refund. */
  readonly subjectId: string
  /** The sequence of its entry in the user's history; null for an order. */
  readonly entry: number | null
}

/** The result of the first request with a reference. It is kept for ever. `result` is plain JSON. */
export interface StoredReference extends ReferenceKey, Referenced {
  /** Command and request in one text. The same reference with a different fingerprint is refused. */
  readonly fingerprint: string
  /** The result of the first request. */
  readonly result: unknown
  /** When it was stored. */
  readonly at: Instant
}

/** The name of the subject's id in the refusal of a reused reference. */
const subjectField = {
  charge: 'entryId',
  grant: 'entryId',
  withdrawal: 'entryId',
  adjustment: 'entryId',
  order: 'orderId',
  refund: 'refundId',
} as const satisfies Record<ReferenceKind, string>

/** The refusal of another request with a reference that is taken. */
export const reusedReference = ({ kind, reference, userId, subjectId }: StoredReference) =>
  ({ code: 'REFERENCE_REUSED', reference, userId, [subjectField[kind]]: subjectId }) as const

/** The pattern of a reference; schemas use it, too. */
export const referencePattern = /^[!-~]{1,200}$/

/** A reference: 1 to 200 visible ASCII characters. */
export const reference: Check = (value) =>
  typeof value === 'string' && referencePattern.test(value) ? undefined : 'must be 1 to 200 visible ASCII characters'
