import { type RedisAway, type RedisConnection, refusalOf } from '@shop/adapter-redis'
import { singleFlight } from '@shop/core/store'
import type { Logger } from 'pino'

const retryMs = 1_000

const details: Readonly<Record<string, string>> = {
  READONLY: 'read-only replica',
  OOM: 'full',
  NOPERM: 'no permission',
  NOAUTH: 'no permission',
  NOREPLICAS: 'too few replicas',
  MISCONF: 'cannot save',
  MASTERDOWN: 'a master is missing',
  CLUSTERDOWN: 'cluster is down',
  MOVED: 'moving slots',
  ASK: 'moving slots',
  TRYAGAIN: 'moving slots',
  LOADING: 'loading',
  BUSY: 'busy',
}

const detailOf = (trouble: RedisAway): string =>
  details[refusalOf(trouble) ?? ''] ?? (trouble.reason === 'refused' ? 'refuses' : 'no answer')

/**
 * Tracks whether a Redis node serves. Logs once when it stops serving and once when it recovers. Only a script
 * that writes proves that it serves; a reply alone does not.
 */
export class RedisHealth {
  readonly #connection: Pick<RedisConnection, 'trouble' | 'state'>
  readonly #logger: Logger
  #detail: string | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  #next: NodeJS.Timeout | undefined
  #isClosed = false
  /** Troubles in a row. */
  #troubles = 0

  constructor(connection: Pick<RedisConnection, 'trouble' | 'state'>, logger: Logger) {
    this.#connection = connection
    this.#logger = logger
  }

  /** Why the node does not serve. Undefined if it does. Concurrent calls share one request. */
  readonly ask = singleFlight((): Promise<string | undefined> => this.#ask())

  /** Checks soon, and then repeatedly until the node serves. Call it after a state change or a refused command. */
  suspect(): void {
    if (this.#next || this.#isClosed) return
    const waitMs = Math.max(0, this.#askedAt + retryMs - performance.now())
    this.#next = setTimeout(() => {
      this.#next = undefined
      void this.ask()
    }, waitMs).unref()
  }

  /** Reports that there is no connection yet. */
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
    this.#troubles += 1
    // One late reply is not an outage. The breaker stays closed while only some masters of a cluster fail.
    if (trouble.reason === 'refused' || this.#troubles > 1 || this.#connection.state !== 'up') this.#fails(detail)
    else this.suspect()
    return detail
  }

  /**
   * Whether the earlier detail still applies: the circuit breaker is open, or the client left a replica to find
   * the primary.
   */
  #isKnown({ reason }: RedisAway): boolean {
    return reason === 'open' || (reason === 'connection' && this.#detail === details['READONLY'])
  }

  #fails(detail: string): void {
    if (this.#detail === undefined && !this.#isClosed) {
      this.#logger.warn({ detail }, 'Redis is unavailable: the server continues without it')
    }
    this.#detail = detail
    this.suspect()
  }

  #serves(): void {
    this.#troubles = 0
    if (this.#detail === undefined) return
    this.#detail = undefined
    this.#logger.info('Redis is available again')
  }
}
