import type { Writable } from 'node:stream'
import type { CancellableTimer } from '../../util/cancellable-timer.js'
import type { LiveState } from './live-state.js'

/** Node's timers may fire a millisecond early. */
const timerSlackMs = 2

/** A watcher that reads nothing for this long is disconnected, because it occupies a place. */
const maxBlockedMs = 60_000

/** How long the end of a stream may wait in memory. */
const lastReadMs = 500

export interface LiveStreamOptions {
  /** Least time between two events, in milliseconds. */
  readonly intervalMs: number
  readonly timer: CancellableTimer
}

/**
 * The stream of one watcher. Nothing is written before everything earlier has left this process: a slow watcher misses
 * states, but never the last one, and occupies the memory of one event.
 */
export class LiveStream {
  readonly #sink: Writable
  readonly #options: LiveStreamOptions
  #sentKey: string | undefined
  #sentAt = Number.NEGATIVE_INFINITY
  /** Since when comments find earlier bytes unread. */
  #blockedAt: number | undefined

  constructor(sink: Writable, options: LiveStreamOptions) {
    this.#sink = sink
    this.#options = options
    // The end of the connection is `close`; there is nobody to tell about its error.
    sink.on('error', () => undefined)
  }

  /** Sends the state if it differs from the one sent last. If the watcher may not get it yet, the next call sends its own. */
  show(state: LiveState): void {
    const now = this.#options.timer.now()
    const isTooSoon = now - this.#sentAt < this.#options.intervalMs - timerSlackMs
    if (state.key === this.#sentKey || isTooSoon || this.#isBlocked()) return
    this.#sentKey = state.key
    this.#sentAt = now
    this.#sink.write(state.text)
  }

  /** Shows that the connection is alive. Disconnects a watcher that has read nothing for a minute. */
  comment(): void {
    if (!this.#isBlocked()) {
      this.#blockedAt = undefined
      this.#sink.write(':\n\n')
      return
    }
    this.#blockedAt ??= this.#options.timer.now()
    if (this.#options.timer.now() - this.#blockedAt >= maxBlockedMs) this.#sink.destroy()
  }

  /** Ends the stream, with a last text. A watcher that does not read it soon is disconnected. */
  end(text = ''): void {
    const isBlocked = this.#isBlocked()
    this.#sink.end(text)
    if (isBlocked) this.#options.timer.after(lastReadMs, () => this.#sink.closed || this.#sink.destroy())
  }

  #isBlocked(): boolean {
    return this.#sink.writableLength > 0
  }
}
