import type { Writable } from 'node:stream'
import type { LiveState } from './live-state.js'

/** Node's timers may fire a millisecond early. */
const timerSlackMs = 2

/** A watcher that reads nothing for this long is disconnected: it occupies a place. */
const maxBlockedMs = 60_000

export interface LiveStreamOptions {
  /** Least time between two events, in milliseconds. */
  readonly intervalMs: number
  /** Milliseconds on a clock that never goes back. */
  now(): number
}

/**
 * The stream of one watcher. While the watcher reads more slowly than its product changes, nothing is written: it misses
 * states, but never the last one.
 */
export class LiveStream {
  readonly #sink: Writable
  readonly #options: LiveStreamOptions
  #state: LiveState | undefined
  #sentKey: string | undefined
  #sentAt = Number.NEGATIVE_INFINITY
  /** Undefined while the watcher keeps up. */
  #blockedAt: number | undefined

  constructor(sink: Writable, options: LiveStreamOptions) {
    this.#sink = sink
    this.#options = options
    sink.on('drain', () => {
      this.#blockedAt = undefined
      this.#send()
    })
    // The end of the connection is `close`; there is nobody to tell about its error.
    sink.on('error', () => undefined)
  }

  /** Sends the state if it differs from the one sent last: now, or as soon as the watcher may get another one. */
  show(state: LiveState): void {
    this.#state = state
    this.#send()
  }

  /** Shows that the connection is alive. */
  comment(): void {
    if (this.#blockedAt === undefined) this.#write(':\n\n')
    else if (this.#options.now() - this.#blockedAt >= maxBlockedMs) this.#sink.destroy()
  }

  /** Ends the stream, with a last text. A watcher that does not read is disconnected. */
  end(text = ''): void {
    if (this.#blockedAt === undefined) this.#sink.end(text)
    else this.#sink.destroy()
  }

  #send(): void {
    const state = this.#state
    if (state === undefined || state.key === this.#sentKey || this.#blockedAt !== undefined) return
    const now = this.#options.now()
    if (now - this.#sentAt < this.#options.intervalMs - timerSlackMs) return
    this.#sentKey = state.key
    this.#sentAt = now
    this.#write(state.text)
  }

  #write(text: string): void {
    if (!this.#sink.write(text)) this.#blockedAt = this.#options.now()
  }
}
