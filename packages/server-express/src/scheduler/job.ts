import type { Timing } from './occurrences.js'

export interface JobDefinition {
  readonly name: string
  readonly timing: Timing
  /** Runs under way at once, at most; 1 where left out. */
  readonly concurrency?: number
  /** Runs to its end, or soon after `signal` is aborted. */
  run(signal: AbortSignal): Promise<void>
}

/** What the jobs log with: a pino logger, or anything with its methods. */
export interface JobLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What is told about each run; must not throw. */
export interface JobObserver {
  onRun(run: { readonly job: string; readonly ms: number; readonly error?: unknown }): void
}

/** Runs of one job in this process: never more than it allows at once, and no error ever leaves it. */
export class Job {
  readonly #definition: JobDefinition
  readonly #observer: JobObserver
  readonly #signal: AbortSignal
  readonly #running = new Set<Promise<void>>()
  #again = false

  constructor(definition: JobDefinition, { observer, signal }: { observer: JobObserver; signal: AbortSignal }) {
    this.#definition = definition
    this.#observer = observer
    this.#signal = signal
  }

  /** It is time: a run begins, unless as many as are allowed are under way. */
  tick(): void {
    if (this.#signal.aborted || this.#running.size >= (this.#definition.concurrency ?? 1)) return
    const run = this.#run()
    this.#running.add(run)
    void run.then(() => {
      this.#running.delete(run)
      if (!this.#again) return
      this.#again = false
      this.tick()
    })
  }

  /** There is something to do: a run begins now, or when one that is under way ends, for that one may have missed it. */
  wake(): void {
    if (this.#running.size >= (this.#definition.concurrency ?? 1)) this.#again = true
    else this.tick()
  }

  /** Resolves when nothing runs. */
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
