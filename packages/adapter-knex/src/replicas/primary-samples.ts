import type { PrimaryPosition, ReplicaPosition } from './position.js'

interface Sample extends PrimaryPosition {
  /** When the primary was asked, and when it had replied: on this process's monotonic clock, in milliseconds. */
  readonly askedAt: number
  readonly answeredAt: number
}

/**
 * What the primary had written at moments of this process's clock. They tell how old the data of a replica is at most,
 * without trust in a clock or a claim of the replica: a replica that has replayed what the primary had written when it
 * was asked shows everything from before that moment.
 */
export class PrimarySamples {
  readonly #keepMs: number
  /** The oldest first, all of one log. */
  #samples: readonly Sample[] = []

  /** Older samples than `keepMs` prove nothing that a caller wants to know. */
  constructor({ keepMs }: { readonly keepMs: number }) {
    this.#keepMs = keepMs
  }

  add(sample: Sample): void {
    const last = this.#samples.at(-1)
    // Another log, or one that has lost its end: earlier positions mean nothing in it.
    const isContinued = last !== undefined && last.log === sample.log && last.written <= sample.written
    const kept = isContinued ? this.#samples.filter(({ askedAt }) => sample.askedAt - askedAt <= this.#keepMs) : []
    this.#samples = [...kept, sample]
  }

  /** The log that the primary writes; undefined before the first sample. */
  get log(): string | undefined {
    return this.#samples.at(-1)?.log
  }

  /** How long ago the primary was last asked with success, in milliseconds. */
  ageAt(now: number): number {
    return now - (this.#samples.at(-1)?.askedAt ?? Number.NEGATIVE_INFINITY)
  }

  /** Whether a replica had replayed more than the primary had written later. */
  disprove({ replayed, at }: { readonly replayed: bigint | undefined; readonly at: number }): boolean {
    const last = this.#samples.at(-1)
    return last !== undefined && replayed !== undefined && last.askedAt >= at && last.written < replayed
  }

  /** How old the data of a replica is at most, in milliseconds: infinite if nothing is known. */
  lagAt(now: number, { log, replayed }: Pick<ReplicaPosition, 'log' | 'replayed'>): number {
    if (replayed === undefined || log !== this.log) return Number.POSITIVE_INFINITY
    const newest = this.#samples.findLast(({ written }) => written <= replayed)
    return newest ? now - newest.askedAt : Number.POSITIVE_INFINITY
  }

  /** The primary's time, in milliseconds since the epoch. Late by at most the time that the primary took to tell it. */
  timeAt(now: number): number | undefined {
    const last = this.#samples.at(-1)
    return last && last.now + Math.floor(now - last.answeredAt)
  }
}
