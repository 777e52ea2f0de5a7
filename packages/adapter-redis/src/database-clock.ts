import type { Instant } from '@shop/core'
import { singleFlight } from '@shop/core/store'

/** A database and its time. */
export interface DatabaseIdentity {
  /**
   * Names one history of the data, without spaces. It must change when a database is restored: Redis may hold copies of
   * data that the database no longer has. It is part of every key.
   */
  readonly id: string
  /** The database's time, in milliseconds since the epoch. */
  readonly now: Instant
}

/** A database and bounds of its time: `earliest` ≤ now ≤ `latest`. */
export interface DatabaseTime {
  readonly id: string
  readonly earliest: Instant
  readonly latest: Instant
}

interface TimedAnswer extends DatabaseIdentity {
  readonly askedAt: number
  readonly answeredAt: number
}

/** Milliseconds on a monotonic clock. */
export type ElapsedMs = () => number

/** The database's id and time, asked for at most every `everyMs` and computed in between. */
export class DatabaseClock {
  readonly #ask: () => Promise<DatabaseIdentity>
  readonly #everyMs: number
  readonly #elapsedMs: ElapsedMs
  #last: TimedAnswer | undefined
  /** Grows whenever the id is forgotten. */
  #era = 0

  constructor(ask: () => Promise<DatabaseIdentity>, { everyMs, elapsedMs }: { everyMs: number; elapsedMs: ElapsedMs }) {
    this.#ask = ask
    this.#everyMs = everyMs
    this.#elapsedMs = elapsedMs
  }

  /** Rejects if the database cannot be asked. */
  async read(): Promise<DatabaseTime> {
    const age = this.#last ? this.#elapsedMs() - this.#last.askedAt : Number.POSITIVE_INFINITY
    if (this.#last && age < this.#everyMs) {
      // Asks again before the answer is too old, so that callers do not wait.
      if (age > this.#everyMs / 2) this.#askOnce().catch(() => undefined)
      return this.#timeAt(this.#last)
    }
    return this.#timeAt(await this.#askOnce())
  }

  /** Forgets the id: the next read asks, and does not join a question that was asked before. */
  forget(): void {
    this.#last = undefined
    this.#era += 1
  }

  readonly #askInEra = singleFlight((era: number) => this.#askNow(era))

  #askOnce(): Promise<TimedAnswer> {
    return this.#askInEra(this.#era)
  }

  async #askNow(era: number): Promise<TimedAnswer> {
    const askedAt = this.#elapsedMs()
    const { id, now } = await this.#ask()
    const answer = { id, now, askedAt, answeredAt: this.#elapsedMs() }
    if (era === this.#era) this.#last = answer
    return answer
  }

  #timeAt({ id, now, askedAt, answeredAt }: TimedAnswer): DatabaseTime {
    const at = this.#elapsedMs()
    return { id, earliest: now + Math.floor(at - answeredAt), latest: now + Math.ceil(at - askedAt) }
  }
}
