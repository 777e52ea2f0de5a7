import type { Command } from '../engine/command.js'
import type { IdempotencyKey, Outcome } from '../engine/outcome.js'
import { checkedElsewhere, checkFields } from '../shared/check.js'
import { ShopRefusal } from '../shared/refusal.js'

/** Options of a command. */
export interface CallOptions {
  /**
   * With a key, the command has one effect and one answer, however often it is called. The same key with another input is
   * refused: IDEMPOTENCY_KEY_REUSED.
   * @default no key: each call is a new command
   */
  readonly idempotency?: IdempotencyKey | undefined
}

/** Runs a command and resolves with its outcome; a refusal is a value. */
export type Execute = <Input, Result>(
  command: Command<Input, Result>,
  input: Input,
  options?: CallOptions,
) => Promise<Outcome<Result>>

/** Runs a command and resolves with its result; rejects with a ShopRefusal. */
export type Run = <Input, Result>(
  command: Command<Input, Result>,
  input: Input,
  options?: CallOptions,
) => Promise<Result>

/** The same, but refuses options with an unknown field: a misspelt `idempotency` would charge twice. */
export const checkingOptions =
  (execute: Execute): Execute =>
  (command, input, options = {}) => {
    const errors = checkFields(options, { idempotency: checkedElsewhere }, 'options.')
    return errors.length > 0
      ? Promise.resolve({ ok: false, refusal: { code: 'INVALID_REQUEST', errors }, replayed: false })
      : execute(command, input, options)
  }

/** Turns refusals into rejections with a ShopRefusal. */
export const throwingRefusals =
  (execute: Execute): Run =>
  async (command, input, options) => {
    const outcome = await execute(command, input, options)
    if (!outcome.ok) throw new ShopRefusal(outcome.refusal, outcome.replayed)
    return outcome.result
  }
