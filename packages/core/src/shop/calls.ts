import type { Command } from '../engine/command.js'
import type { Companions } from '../engine/companions.js'
import { type ExecutorObserver, notify } from '../engine/observer.js'
import { type IdempotencyKey, type Outcome, refused } from '../engine/outcome.js'
import { checkedElsewhere, checkFields } from '../shared/check.js'
import type { CallContext } from '../shared/json.js'
import { isShopRefusal, type RefusalCode, ShopRefusal } from '../shared/refusal.js'
import { systemTimer, type Timer } from '../shared/timer.js'
import { isShopUnavailable } from '../store/store-error.js'

/** Options of a command with this result. */
export interface CallOptions<Result = unknown> {
  /**
   * With a key, the command has one effect and one answer, however often it is called. The same key with another input is
   * refused: IDEMPOTENCY_KEY_REUSED.
   * @default no key: each call is a new command
   */
  readonly idempotency?: IdempotencyKey | undefined
  /**
   * What guards and deciders see as `context`: plain JSON of at most 4,096 characters. A part of the request of an
   * idempotency key.
   * @default an empty object
   */
  readonly context?: CallContext | undefined
  /**
   * Rows of your own that commit with the command, by the name of the companion: a row, several, or a function that makes
   * them from the result. They are written exactly if the command is accepted. If the database does not accept them, the
   * command is refused: COMPANION_FAILED.
   * @default none
   */
  readonly with?: Companions<Result> | undefined
}

/** The options of a quote. */
export type QuoteOptions = Pick<CallOptions, 'context'>

/** Runs a command and resolves with its outcome; a refusal is a value. */
export type Execute = <Input, Result>(
  command: Command<Input, Result>,
  input: Input,
  options?: CallOptions<Result>,
) => Promise<Outcome<Result>>

/** Runs a command and resolves with its result; rejects with a ShopRefusal. */
export type Run = <Input, Result>(
  command: Command<Input, Result>,
  input: Input,
  options?: CallOptions<Result>,
) => Promise<Result>

const optionFields = { idempotency: checkedElsewhere, context: checkedElsewhere, with: checkedElsewhere }

/**
 * The same, but refuses options with an unknown field: a misspelt `idempotency` would charge twice. It rejects if reading
 * the options throws.
 */
export const checkingOptions =
  (execute: Execute): Execute =>
  (command, input, options = {}) => {
    try {
      const errors = checkFields(options, optionFields, 'options.')
      return errors.length > 0
        ? Promise.resolve(refused({ code: 'INVALID_REQUEST', errors }))
        : execute(command, input, options)
    } catch (error) {
      return Promise.reject(error)
    }
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

const resultOf = <Result>(outcome: Outcome<Result>): Result => {
  if (!outcome.ok) throw new ShopRefusal(outcome.refusal, outcome.replayed)
  return outcome.result
}

/** Turns refusals into rejections with a ShopRefusal. */
export const throwingRefusals =
  (execute: Execute): Run =>
  (command, input, options) =>
    execute(command, input, options).then(resultOf)

/** Runs nothing: the reads of a face need no commands. */
export const never: Run = () => Promise.reject(new Error('this face only reads'))

/** A read in a transaction of the caller's: a refusal is a value, because throwing it would roll back the caller's work. */
export const asOutcome =
  <Query extends readonly unknown[], Result>(read: (...query: Query) => Promise<Result>) =>
  async (...query: Query): Promise<Outcome<Result>> => {
    try {
      return { ok: true, result: await read(...query), replayed: false }
    } catch (error) {
      if (!isShopRefusal(error)) throw error
      return { ok: false, refusal: error.refusal, replayed: error.replayed }
    }
  }
