import type { Lease, Locks } from '@shop/core'

export interface Fence {
  readonly job: string
  readonly token: number
}

export interface LeadershipOptions {
  readonly locks: Locks
  /**
   * Whether fencing tokens grow for as long as the data lives. If not, work carries no token: the store would
   * refuse it after a restart.
   */
  readonly isFenced: boolean
  readonly leaseMs?: number | undefined
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Leader election: one of the servers on a database runs the jobs that must not run once per server. */
export class Leadership {
  readonly #locks: Locks
  readonly #leaseMs: number
  #lease: Lease | undefined
  #resign = new AbortController()
  readonly #working = new Set<Promise<unknown>>()

  readonly #isFenced: boolean

  constructor({ locks, isFenced, leaseMs = 15_000 }: LeadershipOptions) {
    this.#locks = locks
    this.#isFenced = isFenced
    this.#leaseMs = leaseMs
  }

  get isLeader(): boolean {
    return this.#lease !== undefined
  }

  /**
   * Tries to become the leader once. Leads until the lease is lost, this server resigns, or `signal` is
   * aborted. Then waits for its work to finish.
   */
  async seek(signal: AbortSignal, onElected: () => void): Promise<void> {
    await this.#locks.withLock(
      'scheduler',
      async (lease) => {
        this.#lease = lease
        this.#resign = new AbortController()
        onElected()
        await Promise.race([signal, lease.signal, this.#resign.signal].map(aborted))
        this.#lease = undefined
        await Promise.allSettled(this.#working)
      },
      { leaseMs: this.#leaseMs },
    )
  }

  /**
   * Does the work if this server is the leader. The fence identifies the lease, so that a replaced leader
   * cannot write.
   */
  async lead(job: string, work: (fence: Fence | undefined) => Promise<void>): Promise<void> {
    if (!this.#lease) return
    const working = work(this.#isFenced ? { job, token: this.#lease.token } : undefined)
    this.#working.add(working)
    try {
      await working
    } finally {
      this.#working.delete(working)
    }
  }

  /** Ends the leadership, after a fencing token showed that another server leads. */
  resign(): void {
    this.#resign.abort()
  }
}
