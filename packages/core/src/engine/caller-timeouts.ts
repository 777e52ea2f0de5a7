import type { Timer } from '../shared/timer.js'
import { ShopUnavailable } from '../store/store-error.js'

/** A caller that waits for the outcome of a command. */
export interface Caller {
  /** When the command was submitted, on the executor's timer. */
  readonly since: number
  /** Whether a transaction with the command is running. Until it ends, the command's effect is unknown. */
  isRunning: boolean
  /** Rejects the caller's promise. Ignored if the caller has its answer. */
  readonly timeOut: (error: ShopUnavailable) => void
}

/** The longest delay that `setTimeout` accepts. */
const maxDelayMs = 2 ** 31 - 1

/**
 * Times out callers, no matter what their commands wait for. One timer serves all callers: it is set to the earliest
 * deadline. The work continues without the caller, so a group still treats all its commands alike.
 */
export class CallerTimeouts {
  readonly #timer: Pick<Timer, 'elapsedMs' | 'after'>
  readonly #timeoutMs: number
  /** In the order of their deadlines. */
  readonly #callers = new Set<Caller>()
  #isTimerSet = false

  constructor(timer: Pick<Timer, 'elapsedMs' | 'after'>, timeoutMs: number) {
    this.#timer = timer
    this.#timeoutMs = timeoutMs
  }

  begin(timeOut: Caller['timeOut']): Caller {
    const caller = { since: this.#timer.elapsedMs(), isRunning: false, timeOut }
    this.#callers.add(caller)
    if (!this.#isTimerSet) this.#setTimer(this.#timeoutMs)
    return caller
  }

  end(caller: Caller): void {
    this.#callers.delete(caller)
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
    for (const caller of this.#callers) {
      const error = this.timeoutError(caller, now)
      if (!error) {
        this.#setTimer(caller.since + this.#timeoutMs - now)
        return
      }
      this.#callers.delete(caller)
      caller.timeOut(error)
    }
  }
}
