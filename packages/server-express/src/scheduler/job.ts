import type { Timing } from './occurrences.js'

export interface JobDefinition {
  readonly name: string
  readonly timing: Timing
  /** Maximum number of concurrent runs. @default 1 */
  readonly concurrency?: number
  /** Resolves when the work is done, or soon after `signal` is aborted. */
  run(signal: AbortSignal): Promise<void>
}

/** What the jobs log with: a pino logger, or anything with its methods. */
export interface JobLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Observes each run. Must not throw. */
export interface JobObserver {
  onRun(run: { readonly job: string; readonly ms: number; readonly error?: unknown }): void
}

/** Runs one job in this process, within its concurrency. Errors of the job go to the observer only. */
export class Job {
  readonly #definition: JobDefinition
  readonly #observer: JobObserver
  readonly #signal: AbortSignal
  readonly #running = new Set<Promise<void>>()
  #isWakePending = false

  constructor(definition: JobDefinition, { observer, signal }: { observer: JobObserver; signal: AbortSignal }) {
    this.#definition = definition
    this.#observer = observer
    this.#signal = signal
  }

  /** Starts a run, unless the maximum number is in progress. */
  tick(): void {
    if (this.#signal.aborted || this.#running.size >= (this.#definition.concurrency ?? 1)) return
    const run = this.#run()
    this.#running.add(run)
    void run.then(() => {
      this.#running.delete(run)
      if (!this.#isWakePending) return
      this.#isWakePending = false
      this.tick()
    })
  }

  /** Starts a run now, or after a run in progress ends, because that one may have missed the new work. */
  wake(): void {
    if (this.#running.size >= (this.#definition.concurrency ?? 1)) this.#isWakePending = true
    else this.tick()
  }

  /** Resolves when no run is in progress. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async #run(): Promise<void> {
    const { name: job } = this.#definition
    const began = performance.now()
    try {
      await this.#definition.run(this.#signal)
      this.#observer.onRun({ job, ms: performance.now() - began })
    } catch (error) {
      this.#observer.onRun({ job, ms: performance.now() - began, error })
    }
  }
}
