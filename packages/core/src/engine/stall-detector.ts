import type { Timer } from '../shared/timer.js'

const stallMs = 100

/** Detects that running work makes no progress for 100 ms while other work waits for it. */
export class StallDetector {
  readonly #timer: Pick<Timer, 'pause'>
  readonly #onCheck: (isStalled: boolean) => void
  #progress = 0
  #isWatching = false

  /** Calls `onCheck` at the end of each watch. Its argument is true if no work has ended since the start. */
  constructor(timer: Pick<Timer, 'pause'>, onCheck: (isStalled: boolean) => void) {
    this.#timer = timer
    this.#onCheck = onCheck
  }

  /** Some running work has ended. */
  progressed(): void {
    this.#progress += 1
  }

  /** Checks once, after 100 ms. Calls in between join that check. */
  watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    const before = this.#progress
    const check = () => {
      this.#isWatching = false
      this.#onCheck(this.#progress === before)
    }
    // If the host's timer fails, stalls go undetected; nothing else breaks.
    const pause = async () => this.#timer.pause(stallMs)
    pause().then(check, () => {})
  }
}
