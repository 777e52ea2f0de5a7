import { canonicalJson } from '../shared/canonical-json.js'
import type { Refusal } from '../shared/refusal.js'
import type { AnyCommand } from './command.js'

/** The result of a command, or its refusal. `replayed` is true if an idempotency key or a reference replayed an earlier one. */
export type Outcome<Result> =
  | { readonly ok: true; readonly result: Result; readonly replayed: boolean }
  | { readonly ok: false; readonly refusal: Refusal; readonly replayed: boolean }

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
   * W3C trace context, stored with the events that the command makes. Middleware sets it. A malformed one is ignored.
   * @default none
   */
  readonly traceparent?: string | undefined
}

/** Version, trace id, parent id and flags. */
const traceparentPattern = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/

/** The trace context of a call, if it is well-formed: it becomes a header. */
export const traceparentOf = ({ traceparent }: CommandCall): string | undefined =>
  traceparent !== undefined && traceparentPattern.test(traceparent) ? traceparent : undefined

/** Command and input in one text. Stored with the result, so that a reference cannot answer a different request. */
export const requestOf = ({ command, input }: Pick<CommandCall, 'command' | 'input'>): string =>
  `${command.name} ${canonicalJson(input)}`

/** The same for an idempotency key, whose request may be another one than the input. */
export const fingerprint = ({ command, input, idempotency }: CommandCall): string =>
  `${command.name} ${canonicalJson(idempotency?.request ?? input)}`
