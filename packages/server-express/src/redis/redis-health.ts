import { type RedisAway, type RedisConnection, refusalOf } from '@shop/adapter-redis'
import { singleFlight } from '@shop/core'
import type { Logger } from 'pino'

const askAgainMs = 1_000

const words: Readonly<Record<string, string>> = {
  READONLY: 'read-only replica',
  OOM: 'full',
  NOPERM: 'no permission',
  NOAUTH: 'no permission',
  NOREPLICAS: 'too few replicas',
  MISCONF: 'cannot save',
  LOADING: 'loading',
  BUSY: 'busy',
}

const detailOf = (trouble: RedisAway): string =>
  trouble.reason === 'refused' ? (words[refusalOf(trouble) ?? ''] ?? 'refuses') : 'no answer'

/**
 * Knows whether a Redis serves. The log says once that it does not, and once that it does again: only a script that has
 * written tells, not that something was answered.
 */
export class RedisHealth {
  readonly #connection: Pick<RedisConnection, 'trouble' | 'state'>
  readonly #logger: Logger
  #detail: string | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  #next: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(connection: Pick<RedisConnection, 'trouble' | 'state'>, logger: Logger) {
    this.#connection = connection
    this.#logger = logger
  }

  /** Why it does not serve, or undefined if it serves. Calls that overlap share one answer. */
  readonly ask = singleFlight((): Promise<string | undefined> => this.#ask())

  /** Something has changed, or was refused: finds out soon, and goes on asking until it serves. */
  suspect(): void {
    if (this.#next || this.#isClosed) return
    const waitMs = Math.max(0, this.#askedAt + askAgainMs - performance.now())
    this.#next = setTimeout(() => {
      this.#next = undefined
      void this.ask()
    }, waitMs).unref()
  }

  /** There is no connection yet. */
  isAway(): void {
    this.#fails('no answer')
  }

  connectionFailed(error: Error): void {
    this.#logger.debug({ err: error }, 'the connection to Redis failed')
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#next)
  }

  async #ask(): Promise<string | undefined> {
    this.#askedAt = performance.now()
    const trouble = await this.#connection.trouble()
    if (!trouble) {
      this.#serves()
      return undefined
    }
    const detail = this.#isKnown(trouble) && this.#detail ? this.#detail : detailOf(trouble)
    // One answer that is late is no outage yet.
    if (trouble.reason === 'refused' || this.#connection.state !== 'up') this.#fails(detail)
    else this.suspect()
    return detail
  }

  /** It was not asked, because it failed lately; or the client has left a replica, to come back to a primary. */
  #isKnown({ reason }: RedisAway): boolean {
    return reason === 'open' || (reason === 'connection' && this.#detail === words['READONLY'])
  }

  #fails(detail: string): void {
    if (this.#detail === undefined && !this.#isClosed) {
      this.#logger.warn({ detail }, 'Redis is away: everything is answered without it')
    }
    this.#detail = detail
    this.suspect()
  }

  #serves(): void {
    if (this.#detail === undefined) return
    this.#detail = undefined
    this.#logger.info('Redis is back')
  }
}
