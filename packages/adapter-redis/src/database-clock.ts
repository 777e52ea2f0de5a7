import type { Instant } from '@shop/core/store'

/** Whose data it is, and what the time is there. */
export interface DatabaseIdentity {
  /** Another one for every database, and for one that was restored: what Redis holds of another past must not be met. */
  readonly id: string
  readonly now: Instant
}

export interface DatabaseTime {
  readonly id: string
  /** The database's time is between the two. */
  readonly earliest: Instant
  readonly latest: Instant
}

interface DatedIdentity extends DatabaseIdentity {
  readonly askedAt: number
  readonly answeredAt: number
}

/** Milliseconds on a clock that never goes back. */
export type ElapsedMs = () => number

/** Knows the database's id and time without asking at every turn: what it tells is at most `everyMs` old. */
export class DatabaseClock {
  readonly #ask: () => Promise<DatabaseIdentity>
  readonly #everyMs: number
  readonly #elapsedMs: ElapsedMs
  #seen: DatedIdentity | undefined
  #asking: Promise<DatedIdentity> | undefined

  constructor(ask: () => Promise<DatabaseIdentity>, { everyMs, elapsedMs }: { everyMs: number; elapsedMs: ElapsedMs }) {
    this.#ask = ask
    this.#everyMs = everyMs
    this.#elapsedMs = elapsedMs
  }

  /** Rejects where the database cannot be asked. */
  async read(): Promise<DatabaseTime> {
    const age = this.#seen ? this.#elapsedMs() - this.#seen.askedAt : Number.POSITIVE_INFINITY
    if (this.#seen && age < this.#everyMs) {
      // Asked anew before it is too old, so that nobody waits.
      if (age > this.#everyMs / 2) this.#askOnce().catch(() => undefined)
      return this.#sighting(this.#seen)
    }
    return this.#sighting(await this.#askOnce())
  }

  #askOnce(): Promise<DatedIdentity> {
    this.#asking ??= this.#askNow().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #askNow(): Promise<DatedIdentity> {
    const askedAt = this.#elapsedMs()
    const { id, now } = await this.#ask()
    this.#seen = { id, now, askedAt, answeredAt: this.#elapsedMs() }
    return this.#seen
  }

  #sighting({ id, now, askedAt, answeredAt }: DatedIdentity): DatabaseTime {
    const at = this.#elapsedMs()
    return { id, earliest: now + Math.floor(at - answeredAt), latest: now + Math.ceil(at - askedAt) }
  }
}
