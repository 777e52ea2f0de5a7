import { constants } from 'node:os'
import type { Logger } from 'pino'
import { settlesWithin } from '../util/settles-within.js'

type Cleanup = () => Promise<unknown>

/** Whatever hangs, a stop takes no longer than this, once it has served on for as long as it should. */
const stopWithinMs = 9_500
/** The last lines of the log are not waited for longer. */
const flushWithinMs = 500

/** How this process ends: by a signal gracefully, by a second one at once, and after a bug without trusting anything. */
export class Lifecycle {
  readonly #logger: Logger
  readonly #flushLog: () => Promise<void>
  readonly #drainMs: number
  readonly #graceful: Cleanup[] = []
  readonly #always: Cleanup[] = []
  #isStopping = false

  /** `drainMs`: how long what is done `onStop` may serve on first. */
  constructor(logger: Logger, flushLog: () => Promise<void>, drainMs = 0) {
    this.#logger = logger
    this.#flushLog = flushLog
    this.#drainMs = drainMs
  }

  get isStopping(): boolean {
    return this.#isStopping
  }

  watch(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#onSignal(signal))
    process.on('uncaughtException', (error) => this.fail(error, 'a bug: an exception that nobody caught'))
    process.on('unhandledRejection', (error) => this.fail(error, 'a bug: a rejection that nobody handled'))
  }

  /** To be done before a graceful end, the latest first. */
  onStop(cleanup: Cleanup): void {
    this.#graceful.unshift(cleanup)
  }

  /** To be done last, however the process ends. */
  onExit(cleanup: Cleanup): void {
    this.#always.unshift(cleanup)
  }

  /** Ends the process gracefully. */
  async stop(status: number): Promise<void> {
    if (!this.#begin(status)) return
    await this.#end([...this.#graceful, ...this.#always], status)
  }

  /** Ends the process because it cannot go on: nothing more is answered. */
  fail(error: unknown, message: string): void {
    this.#logger.fatal({ err: error }, message)
    if (this.#begin(1)) void this.#end(this.#always, 1)
  }

  #onSignal(signal: 'SIGTERM' | 'SIGINT'): void {
    if (this.#isStopping) process.exit(128 + constants.signals[signal])
    this.#logger.info({ signal }, 'stopping')
    void this.stop(0)
  }

  #begin(status: number): boolean {
    if (this.#isStopping) return false
    this.#isStopping = true
    setTimeout(() => {
      this.#logger.error('the stop took too long')
      process.exit(status)
    }, this.#drainMs + stopWithinMs)
    return true
  }

  async #end(cleanups: readonly Cleanup[], status: number): Promise<void> {
    for (const cleanup of cleanups) {
      await cleanup().catch((error: unknown) => this.#logger.error({ err: error }, 'something could not be stopped'))
    }
    this.#logger.info({ status }, 'stopped')
    await settlesWithin(flushWithinMs, this.#flushLog())
    process.exit(status)
  }
}
