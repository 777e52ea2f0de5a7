import { canonicalJson } from '../shared/canonical-json.js'
import type { Refusal } from '../shared/refusal.js'
import type { AnyCommand } from './command.js'

/** The result of a command, or its refusal. `replayed`: it is the stored outcome of an earlier call with the same idempotency key. */
export type Outcome<Result> =
  | { readonly ok: true; readonly result: Result; readonly replayed: boolean }
  | { readonly ok: false; readonly refusal: Refusal; readonly replayed: boolean }

/** Calls with the same scope and key have one effect and one outcome, however often they are sent. */
export interface IdempotencyKey {
  /** The owner of the key, usually the user. 1 to 255 visible ASCII characters, as is `key`. */
  readonly scope: string
  readonly key: string
  /** The request that the key stands for, compared as JSON. @default the command's input */
  readonly request?: unknown
}

/** One call of a command. */
export interface CommandCall {
  readonly command: AnyCommand
  readonly input: unknown
  readonly idempotency?: IdempotencyKey | undefined
}

/** Command and request in one text. Stored with the outcome, so that a key cannot answer a different request. */
export const fingerprint = ({ command, input, idempotency }: CommandCall): string =>
  `${command.name} ${canonicalJson(idempotency?.request ?? input)}`
