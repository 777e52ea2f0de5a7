import type { Timer } from '../shared/timer.js'
import { ShopUnavailable } from '../store/store-error.js'

/** Somebody who waits for the answer to a command. */
export interface Caller {
  /** When the command was submitted, on the executor's timer. */
  readonly since: number
  /** A transaction with the command runs: until it ends, nobody can say whether the command takes effect. */
  isUnderWay: boolean
  /** Answers a caller who has none yet. */
  readonly giveUp: (error: ShopUnavailable) => void
}

/** The longest time that `setTimeout` takes. */
const longestMs = 2 ** 31 - 1

/**
 * Answers callers whose time is up, whatever their commands are waiting for. One timer serves all: it waits for the
 * earliest deadline. The work goes on without the caller, so it stays right what a group does with its commands.
 */
export class CallerTimeouts {
  readonly #timer: Pick<Timer, 'elapsedMs' | 'after'>
  readonly #ms: number
  /** In the order of their deadlines. */
  readonly #callers = new Set<Caller>()
  #isWatching = false

  constructor(timer: Pick<Timer, 'elapsedMs' | 'after'>, ms: number) {
    this.#timer = timer
    this.#ms = ms
  }

  begin(giveUp: Caller['giveUp']): Caller {
    const caller = { since: this.#timer.elapsedMs(), isUnderWay: false, giveUp }
    this.#callers.add(caller)
    if (!this.#isWatching) this.#watchFor(this.#ms)
    return caller
  }

  end(caller: Caller): void {
    this.#callers.delete(caller)
  }

  /** When the last of these deadlines is. */
  untilOf(callers: readonly Caller[]): number {
    return Math.max(...callers.map(({ since }) => since)) + this.#ms
  }

  /** What a caller whose time is up is told; nothing where there is time left. */
  lateness({ since, isUnderWay }: Caller, now: number): ShopUnavailable | undefined {
    if (now - since < this.#ms) return undefined
    const effect = isUnderWay ? 'the command may still take effect' : 'nothing was changed'
    return new ShopUnavailable(`no answer within ${this.#ms} ms; ${effect}`, { ambiguous: isUnderWay })
  }

  #watchFor(ms: number): void {
    this.#isWatching = true
    this.#timer.after?.(Math.min(ms, longestMs), () => this.#look())
  }

  #look(): void {
    this.#isWatching = false
    const now = this.#timer.elapsedMs()
    for (const caller of this.#callers) {
      const late = this.lateness(caller, now)
      if (!late) {
        this.#watchFor(caller.since + this.#ms - now)
        return
      }
      this.#callers.delete(caller)
      caller.giveUp(late)
    }
  }
}
