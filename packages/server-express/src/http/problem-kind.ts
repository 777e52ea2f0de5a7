import type { BuiltInRefusal, RefusalCode } from '@shop/core'

/** Refusals of the server itself: raised before or around a command of the shop. */
export type ServerCode =
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'SHOP_NOT_FOUND'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'RATE_LIMITED'
  | 'IDEMPOTENCY_IN_PROGRESS'
  | 'INTERNAL'
  | 'UNAVAILABLE'

/** The codes that every server knows. */
export type BuiltInCode = BuiltInRefusal['code'] | ServerCode

/** A code that a server knows, or one of the host's. */
export type ProblemCode = RefusalCode | ServerCode

export interface ProblemKind {
  readonly status: number
  readonly title: string
  /** The `detail` text, by language. */
  readonly en: string
  readonly ko: string
}
