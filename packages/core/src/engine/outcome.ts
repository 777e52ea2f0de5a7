import { canonicalJson } from '../shared/canonical-json.js'
import type { Refusal } from '../shared/refusal.js'
import type { AnyCommand } from './command.js'

/** What a command came to. `replayed`: an idempotency key brought back what the first such request had come to. */
export type Outcome<Result> =
  | { readonly ok: true; readonly result: Result; readonly replayed: boolean }
  | { readonly ok: false; readonly refusal: Refusal; readonly replayed: boolean }

/** The same key from the same caller has one effect and one answer, however often it is sent. */
export interface IdempotencyKey {
  /** Whose key it is. */
  readonly scope: string
  readonly key: string
  /** What was asked for, where that is not the command's input itself. Compared as JSON. */
  readonly request?: unknown
}

export interface CommandCall {
  readonly command: AnyCommand
  readonly input: unknown
  readonly idempotency?: IdempotencyKey | undefined
}

/** Operation and input, in one text: kept beside the outcome, so that a key cannot answer for another request. */
export const fingerprint = ({ command, input, idempotency }: CommandCall): string =>
  `${command.name} ${canonicalJson(idempotency?.request ?? input)}`
