import type { Check } from '../shared/check.js'
import type { Instant } from '../shared/instant.js'
import type { WalletEntry } from './wallet.js'

/** Kinds of references that an entry carries: the entry is their record. */
export type EntryReferenceKind = 'charge' | 'grant' | 'withdrawal' | 'adjustment' | 'opening'

/** Kinds of references whose first result is stored. */
export type StoredReferenceKind = 'order' | 'refund'

/** Names an entry by the reference that it carries. */
export interface EntryReferenceKey {
  /** The kind of the entry. */
  readonly kind: WalletEntry['kind']
  /** The caller's own text: 1 to 200 visible ASCII characters. */
  readonly reference: string
}

/** Names a stored reference. */
export interface StoredReferenceKey {
  /** What the request does. */
  readonly kind: StoredReferenceKind
  /** The user, for an order; empty for a refund. */
  readonly owner: string
  /** The caller's own text: 1 to 200 visible ASCII characters. */
  readonly reference: string
}

/** Names a request for ever. A reference is unique per kind; for orders, per kind and user. */
export type ReferenceKey =
  | StoredReferenceKey
  | {
      /** What the request does. */
      readonly kind: EntryReferenceKind
      /** Empty: such a reference is unique over all users. */
      readonly owner: ''
      /** The caller's own text: 1 to 200 visible ASCII characters. */
      readonly reference: string
    }

/** What a stored reference stands for. */
export interface Referenced {
  /** The user whose order it is. */
  readonly userId: string
  /** The order or the refund. */
  readonly subjectId: string
  /** The sequence of the refund's entry in the user's history; null for an order. */
  readonly entry: number | null
}

/** The result of the first request with a reference. It is kept for ever. `result` is plain JSON. */
export interface StoredReference extends StoredReferenceKey, Referenced {
  /** Command and request in one text. The same reference with a different fingerprint is refused. */
  readonly fingerprint: string
  /** The result of the first request. */
  readonly result: unknown
  /** When it was stored. */
  readonly at: Instant
}

/** Whether the first result of such a request is stored. Otherwise its entry carries the reference. */
export const isStored = (key: ReferenceKey): key is StoredReferenceKey => key.kind === 'order' || key.kind === 'refund'

/** The refusal of another request with a reference that an entry carries. */
export const reusedByEntry = (reference: string, { userId, entryId }: WalletEntry) =>
  ({ code: 'REFERENCE_REUSED', reference, userId, entryId }) as const

/** The refusal of another request with a stored reference. */
export const reusedReference = ({ kind, reference, userId, subjectId }: StoredReference) =>
  ({
    code: 'REFERENCE_REUSED',
    reference,
    userId,
    ...(kind === 'order' ? { orderId: subjectId } : { refundId: subjectId }),
  }) as const

/** The pattern of a reference; schemas use it, too. */
export const referencePattern = /^[!-~]{1,200}$/

/** A reference: 1 to 200 visible ASCII characters. */
export const reference: Check = (value) =>
  typeof value === 'string' && referencePattern.test(value) ? undefined : 'must be 1 to 200 visible ASCII characters'
