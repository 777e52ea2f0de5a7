import { canonicalJson } from '../shared/canonical-json.js'
import type { CallContext } from '../shared/json.js'
import type { Refusal } from '../shared/refusal.js'
import { isStoreError } from '../store/store-error.js'
import type { AnyCommand } from './command.js'
import type { Companions } from './companions.js'

/** The result of a command, or its refusal. `replayed` is true if an idempotency key or a reference replayed an earlier one. */
export type Outcome<Result> =
  | { readonly ok: true; readonly result: Result; readonly replayed: boolean }
  | { readonly ok: false; readonly refusal: Refusal; readonly replayed: boolean }

/** The outcome of a call that is refused. */
export const refused = (refusal: Refusal): Outcome<never> => ({ ok: false, refusal, replayed: false })

/** The same key in the same scope has one effect and one answer, however often it is sent. */
export interface IdempotencyKey {
  /** Who sends the key, for example the user's id: 1 to 255 visible ASCII characters. */
  readonly scope: string
  /** Names the request within its scope: 1 to 255 visible ASCII characters. */
  readonly key: string
  /**
   * The request of the key: the same key with another request is refused. Compared as JSON, in which a `Date` is its text.
   * @default the command's input
   */
  readonly request?: unknown
}

/** One call of a command. */
export interface CommandCall {
  /** What to run. */
  readonly command: AnyCommand
  /** Its input. */
  readonly input: unknown
  /** The key under which it has one effect. */
  readonly idempotency?: IdempotencyKey | undefined
  /**
   * What guards and deciders see as `context`: plain JSON of at most 4,096 characters. A part of the request of an
   * idempotency key.
   * @default an empty object
   */
  readonly context?: CallContext | undefined
  /**
   * Rows of the host's that commit with the command, by the name of the companion.
   * @default none
   */
  readonly with?: Companions<never> | undefined
  /**
   * W3C trace context, stored with the events that the command makes. Middleware sets it. A malformed one is ignored.
   * @default none
   */
  readonly traceparent?: string | undefined
}

/** The refusal of a command whose companion rows the store did not accept, or undefined for any other error. */
export const companionFailure = (error: unknown): Outcome<never> | undefined => {
  const failed = isStoreError(error) ? error.companion : undefined
  if (!failed) return undefined
  return refused({ code: 'COMPANION_FAILED', companion: failed.name, databaseCode: failed.code })
}

/** Version, trace id, parent id and flags. */
const traceparentPattern = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/

/** The trace context of a call, if it is well-formed: it becomes a header. */
export const traceparentOf = ({ traceparent }: CommandCall): string | undefined =>
  traceparent !== undefined && traceparentPattern.test(traceparent) ? traceparent : undefined

/** Command and input in one text. Stored with the result, so that a reference cannot answer a different request. */
export const requestOf = ({ command, input }: Pick<CommandCall, 'command' | 'input'>): string =>
  `${command.name} ${canonicalJson(input)}`

/** The same for an idempotency key, whose request may be another one than the input, and includes the context. */
export const fingerprint = ({ command, input, idempotency, context }: CommandCall): string => {
  const request = `${command.name} ${canonicalJson(idempotency?.request ?? input)}`
  return context === undefined ? request : `${request} ${canonicalJson(context)}`
}
