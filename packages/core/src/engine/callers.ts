import { maxDelayMs, type Timer } from '../shared/timer.js'
import { ShopUnavailable } from '../store/store-error.js'
import type { Outcome } from './outcome.js'

/** A caller that waits for the outcome of a command. */
export interface Caller {
  /** When the command was submitted, on the executor's timer. */
  readonly since: number
  /** Whether a transaction with the command is running. Until it ends, the command's effect is unknown. */
  isRunning: boolean
  /** Whether the caller was rejected while its command ran. It gets no further answer. */
  hasTimedOut: boolean
  /** These settle the caller's promise. Ignored if the caller has its answer. */
  readonly resolve: (outcome: Outcome<unknown>) => void
  readonly reject: (error: unknown) => void
  /** Its neighbours among those that wait, in the order of their deadlines. */
  before: Caller | undefined
  after: Caller | undefined
}

/**
 * Answers callers, and times them out, no matter what their commands wait for. One timer serves all callers: it is set to
 * the earliest deadline. The work continues without the caller, so a group still treats all its commands alike.
 */
export class Callers {
  readonly #timer: Pick<Timer, 'elapsedMs' | 'after'>
  readonly #timeoutMs: number
  // Linked, not a `Set`: a `Set` that grows or shrinks gets a new table, and V8's old table points to it. Once the old
  // one has survived two collections, what the new ones held is collected only by a full collection.
  #first: Caller | undefined
  #last: Caller | undefined
  #commands = 0
  #isTimerSet = false
  readonly #onDrained: (() => void)[] = []

  constructor(timer: Pick<Timer, 'elapsedMs' | 'after'>, timeoutMs: number) {
    this.#timer = timer
    this.#timeoutMs = timeoutMs
  }

  /** Commands whose work has not ended, those of callers that timed out included. */
  get commands(): number {
    return this.#commands
  }

  begin(resolve: Caller['resolve'], reject: Caller['reject']): Caller {
    const since = this.#timer.elapsedMs()
    const before = this.#last
    const caller: Caller = { since, isRunning: false, hasTimedOut: false, resolve, reject, before, after: undefined }
    if (before) before.after = caller
    else this.#first = caller
    this.#last = caller
    this.#commands += 1
    if (!this.#isTimerSet) this.#setTimer(this.#timeoutMs)
    return caller
  }

  /** All work for the command has ended, with this outcome. */
  resolve(caller: Caller, outcome: Outcome<unknown>): void {
    this.#end(caller)
    caller.resolve(outcome)
  }

  /** All work for the command has ended, with this error. */
  reject(caller: Caller, error: unknown): void {
    this.#end(caller)
    caller.reject(error)
  }

  #end(caller: Caller): void {
    if (!caller.hasTimedOut) this.#leave(caller)
    this.#commands -= 1
    if (this.#commands === 0) for (const resolve of this.#onDrained.splice(0)) resolve()
  }

  #leave(caller: Caller): void {
    const { before, after } = caller
    if (!before && this.#first !== caller) return // It has left.
    if (before) before.after = after
    else this.#first = after
    if (after) after.before = before
    else this.#last = before
    caller.before = undefined
    caller.after = undefined
  }

  /** Resolves once the work for all commands has ended. */
  async drained(): Promise<void> {
    if (this.#commands > 0) await new Promise<void>((resolve) => this.#onDrained.push(resolve))
  }

  /** The latest deadline among these callers. */
  lastDeadline(callers: readonly Caller[]): number {
    return Math.max(...callers.map(({ since }) => since)) + this.#timeoutMs
  }

  /** The error for a caller whose deadline has passed, or undefined before it. */
  timeoutError({ since, isRunning }: Caller, now: number): ShopUnavailable | undefined {
    if (now - since < this.#timeoutMs) return undefined
    const effect = isRunning ? 'the command may still take effect' : 'nothing was changed'
    return new ShopUnavailable(`no answer within ${this.#timeoutMs} ms; ${effect}`, { ambiguous: isRunning })
  }

  #setTimer(ms: number): void {
    this.#isTimerSet = true
    this.#timer.after?.(Math.min(ms, maxDelayMs), () => this.#timeOutLate())
  }

  #timeOutLate(): void {
    this.#isTimerSet = false
    const now = this.#timer.elapsedMs()
    for (let caller = this.#first; caller; caller = this.#first) {
      const error = this.timeoutError(caller, now)
      if (!error) {
        this.#setTimer(caller.since + this.#timeoutMs - now)
        return
      }
      this.#leave(caller)
      caller.hasTimedOut = true
      caller.reject(error)
    }
  }
}
