/** What decides whether waiting callers may try again. */
export interface Progress {
  /** Nothing is left to wait for: every caller gets a final decision. */
  readonly isFinal: boolean
  /** How many callers can get a reservation now. */
  readonly free: number
}

export interface WaitersDeps {
  poll(name: string): Promise<Progress>
  elapsedMs(): number
  pause(ms: number): Promise<void>
  readonly pollMs: number
}

interface Waiter {
  readonly until: number
  readonly resolve: (mayRetry: boolean) => void
}

/**
 * Callers that wait because every remaining unit is reserved, or because the terms are being read.
 * One poll of Redis serves all callers that wait for the same name.
 */
export class Waiters {
  readonly #deps: WaitersDeps
  readonly #queues = new Map<string, Waiter[]>()

  constructor(deps: WaitersDeps) {
    this.#deps = deps
  }

  /**
   * Resolves with true when a retry is worthwhile, first come, first served. Resolves with false at `until`
   * (by `elapsedMs`), or if a poll fails.
   */
  wait(name: string, until: number): Promise<boolean> {
    return new Promise((resolve) => {
      const queue = this.#queues.get(name)
      if (queue) queue.push({ until, resolve })
      else {
        const created = [{ until, resolve }]
        this.#queues.set(name, created)
        void this.#poll(name, created)
      }
    })
  }

  async #poll(name: string, queue: Waiter[]): Promise<void> {
    const { poll, elapsedMs, pause, pollMs } = this.#deps
    while (queue.length > 0) {
      await pause(pollMs)
      const now = elapsedMs()
      const late = queue.filter(({ until }) => until <= now)
      queue.splice(0, queue.length, ...queue.filter(({ until }) => until > now))
      for (const { resolve } of late) resolve(false)
      if (queue.length === 0) break
      try {
        const { isFinal, free } = await poll(name)
        for (const { resolve } of queue.splice(0, isFinal ? queue.length : Math.max(0, free))) resolve(true)
      } catch {
        for (const { resolve } of queue.splice(0)) resolve(false)
      }
    }
    this.#queues.delete(name)
  }
}
