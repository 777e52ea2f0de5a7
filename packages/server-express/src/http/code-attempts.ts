import type { Outcome } from '@shop/core'
import { LRUCache } from 'lru-cache'
import { refuse } from './problem.js'

const windowMs = 60_000
const maxWrong = 20
/** Beyond this number, the subject that tried a code least recently is forgotten. */
const maxSubjects = 10_000

/** The attempts of one subject. Those under way may all turn out to be wrong, so they count until they are decided. */
interface Attempts {
  /** When the last wrong codes were refused, oldest first. */
  readonly wrongAt: number[]
  underWay: number
  readonly waiting: (() => void)[]
}

const isWrong = (outcome: Outcome<unknown>): boolean =>
  !outcome.ok && !outcome.replayed && outcome.refusal.code === 'COUPON_NOT_FOUND'

/**
 * Limits how many wrong coupon codes a subject may try: 20 in any minute, however many requests it sends at once.
 * While the attempts under way could exceed that, further ones wait for their outcome. A right code and a replay do not
 * count.
 */
export class CodeAttempts {
  readonly #now: () => number
  readonly #subjects = new LRUCache<string, Attempts>({ max: maxSubjects })

  /** `now`: milliseconds on a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * Runs the work that claims a coupon by its code.
   * @throws RequestRefused RATE_LIMITED, with the seconds until the next attempt
   */
  async attempt<Result>(subject: string, work: () => Promise<Outcome<Result>>): Promise<Outcome<Result>> {
    const attempts = this.#subjects.get(subject) ?? { wrongAt: [], underWay: 0, waiting: [] }
    this.#subjects.set(subject, attempts)
    try {
      await this.#begin(attempts)
      try {
        const outcome = await work()
        if (isWrong(outcome)) attempts.wrongAt.push(this.#now())
        return outcome
      } finally {
        attempts.underWay -= 1
      }
    } finally {
      // One that is refused wakes the next one in turn.
      attempts.waiting.shift()?.()
    }
  }

  async #begin(attempts: Attempts): Promise<void> {
    for (;;) {
      const wrong = this.#recentlyWrong(attempts)
      if (wrong.length >= maxWrong) throw refuse('RATE_LIMITED', { 'retry-after': this.#secondsLeft(wrong) })
      if (wrong.length + attempts.underWay < maxWrong) {
        attempts.underWay += 1
        return
      }
      await new Promise<void>((resolve) => attempts.waiting.push(resolve))
    }
  }

  #recentlyWrong({ wrongAt }: Attempts): readonly number[] {
    const from = this.#now() - windowMs
    while (wrongAt[0] !== undefined && wrongAt[0] <= from) wrongAt.shift()
    return wrongAt
  }

  #secondsLeft([oldest = 0]: readonly number[]): string {
    return String(Math.max(1, Math.ceil((oldest + windowMs - this.#now()) / 1_000)))
  }
}
