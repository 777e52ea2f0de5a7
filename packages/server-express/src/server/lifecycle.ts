import { constants } from 'node:os'
import type { Logger } from 'pino'
import { settlesWithin } from '../util/settles-within.js'

type Cleanup = () => Promise<unknown>

type Signal = 'SIGTERM' | 'SIGINT'

/** The status of a process that a signal ends. */
export const statusOf = (signal: Signal): number => 128 + constants.signals[signal]

/** Maximum duration of a shutdown after the drain, even if something hangs. */
const shutdownTimeoutMs = 9_500
/** Maximum time to wait for the last log lines. */
const flushTimeoutMs = 500

/**
 * Ends the process: gracefully on the first signal, immediately on the second, and without graceful steps after
 * a bug.
 */
export class Lifecycle {
  readonly #logger: Logger
  readonly #flushLog: () => Promise<void>
  readonly #drainMs: number
  readonly #graceful: Cleanup[] = []
  readonly #always: Cleanup[] = []
  #isStopping = false
  #isInterrupted = false
  #interrupt: ((signal: Signal) => void) | undefined

  /** `drainMs`: time that the `onStop` cleanups may take for draining. */
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
    process.on('uncaughtException', (error) => this.fail(error, 'bug: uncaught exception'))
    process.on('unhandledRejection', (error) => this.fail(error, 'bug: unhandled promise rejection'))
  }

  /** Registers a cleanup for graceful shutdown. The latest one runs first. */
  onStop(cleanup: Cleanup): void {
    this.#graceful.unshift(cleanup)
  }

  /** Registers a cleanup that runs last, however the process ends. */
  onExit(cleanup: Cleanup): void {
    this.#always.unshift(cleanup)
  }

  /** The task ends by itself on the first signal: `interrupt` is called instead of a shutdown. */
  onInterrupt(interrupt: (signal: Signal) => void): void {
    this.#interrupt = interrupt
  }

  /** Ends the process gracefully. */
  async stop(status: number): Promise<void> {
    if (!this.#begin(status)) return
    await this.#end([...this.#graceful, ...this.#always], status)
  }

  /** Ends the process after a fatal error, without graceful shutdown. */
  fail(error: unknown, message: string): void {
    this.#logger.fatal({ err: error }, message)
    if (this.#begin(1)) void this.#end(this.#always, 1)
  }

  #onSignal(signal: Signal): void {
    if (this.#isStopping || this.#isInterrupted) process.exit(statusOf(signal))
    this.#logger.info({ signal }, 'stopping')
    if (!this.#interrupt) void this.stop(0)
    else {
      this.#isInterrupted = true
      this.#interrupt(signal)
    }
  }

  #begin(status: number): boolean {
    if (this.#isStopping) return false
    this.#isStopping = true
    setTimeout(() => {
      this.#logger.error('the shutdown timed out')
      process.exit(status)
    }, this.#drainMs + shutdownTimeoutMs)
    return true
  }

  async #end(cleanups: readonly Cleanup[], status: number): Promise<void> {
    for (const cleanup of cleanups) {
      await cleanup().catch((error: unknown) => this.#logger.error({ err: error }, 'a cleanup failed'))
    }
    this.#logger.info({ status }, 'stopped')
    await settlesWithin(flushTimeoutMs, this.#flushLog())
    process.exit(status)
  }
}
