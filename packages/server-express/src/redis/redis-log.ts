import { isRedisAway } from '@shop/adapter-redis'
import { isShopUnavailable, isStoreError } from '@shop/core'
import type { Logger } from 'pino'

/** Says once that a Redis is away, and once that it is back. */
export class RedisLog {
  readonly #logger: Logger
  #isAway = false

  constructor(logger: Logger, node: string) {
    this.#logger = logger.child({ redis: node })
  }

  away(): void {
    if (this.#isAway) return
    this.#isAway = true
    this.#logger.warn('Redis is away: everything is answered without it')
  }

  back(): void {
    if (!this.#isAway) return
    this.#isAway = false
    this.#logger.info('Redis is back')
  }

  connectionFailed(error: Error): void {
    this.#logger.debug({ err: error }, 'the connection to Redis failed')
  }
}

/** What went wrong behind a caller's back. A Redis or a database that is away is told of elsewhere. */
export const troubleLog =
  (logger: Logger, part: string) =>
  (error: unknown): void => {
    const isKnown = isRedisAway(error) || isStoreError(error) || isShopUnavailable(error)
    logger[isKnown ? 'debug' : 'warn']({ err: error, part }, 'trouble with what Redis keeps')
  }
