import type { Timer } from '../shared/timer.js'

const stuckMs = 100

/** Sees when nothing of what is under way ends for a tenth of a second, while somebody waits for it. */
export class StallDetector {
  readonly #timer: Pick<Timer, 'pause'>
  readonly #look: (isStuck: boolean) => void
  #ended = 0
  #isWatching = false

  /** `look` is told whether nothing has ended since the watch began. */
  constructor(timer: Pick<Timer, 'pause'>, look: (isStuck: boolean) => void) {
    this.#timer = timer
    this.#look = look
  }

  /** Something that was under way has ended. */
  ended(): void {
    this.#ended += 1
  }

  /** Looks once, after 100 ms, however often it is asked to meanwhile. */
  watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    const before = this.#ended
    const pause = async () => this.#timer.pause(stuckMs)
    const look = () => {
      this.#isWatching = false
      this.#look(this.#ended === before)
    }
    // A host's timer that is broken lets nobody by, and takes nothing else away.
    pause().then(look, () => {})
  }
}
