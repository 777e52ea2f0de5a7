import type { Lease, Locks } from '@shop/core'

export interface Fence {
  readonly job: string
  readonly token: number
}

export interface LeadershipOptions {
  readonly locks: Locks
  /** Do tokens only grow for as long as the data lives? Otherwise no work carries one: it would be refused after a restart. */
  readonly isFenced: boolean
  readonly leaseMs?: number | undefined
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Of all servers on one database, one leads: it alone runs the jobs that need to run once, not once per server. */
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

  /** Asks for leadership, once; leads until the lease is lost, or until `signal` asks for it back, and its work is done. */
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

  /** Does the work if this server leads. The fence says under which grant, so that a leader replaced meanwhile writes nothing. */
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

  /** Somebody else leads already: this server found out by a fence. */
  resign(): void {
    this.#resign.abort()
  }
}
