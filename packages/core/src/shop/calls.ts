import type { Command } from '../engine/command.js'
import { type ExecutorObserver, notify } from '../engine/observer.js'
import type { IdempotencyKey, Outcome } from '../engine/outcome.js'
import { checkedElsewhere, checkFields } from '../shared/check.js'
import { type RefusalCode, ShopRefusal } from '../shared/refusal.js'
import { systemTimer, type Timer } from '../shared/timer.js'
import { isShopUnavailable } from '../store/store-error.js'

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

/** Tells an observer of each call. Without one, this is `execute` itself. */
export const observing = (
  execute: Execute,
  { observer, timer = systemTimer }: { readonly observer?: ExecutorObserver; readonly timer?: Timer },
): Execute => {
  if (!observer?.onCommand) return execute
  return async (command, input, options) => {
    const startedAt = timer.elapsedMs()
    const tell = (outcome: 'ok' | RefusalCode | 'unavailable' | 'error', replayed = false) =>
      notify(observer, 'onCommand', { command: command.name, ms: timer.elapsedMs() - startedAt, outcome, replayed })
    try {
      const outcome = await execute(command, input, options)
      tell(outcome.ok ? 'ok' : outcome.refusal.code, outcome.replayed)
      return outcome
    } catch (error) {
      tell(isShopUnavailable(error) ? 'unavailable' : 'error')
      throw error
    }
  }
}

/** Turns refusals into rejections with a ShopRefusal. */
export const throwingRefusals =
  (execute: Execute): Run =>
  async (command, input, options) => {
    const outcome = await execute(command, input, options)
    if (!outcome.ok) throw new ShopRefusal(outcome.refusal, outcome.replayed)
    return outcome.result
  }
