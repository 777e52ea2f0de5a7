import { isRedisAway } from '@shop/adapter-redis'
import { isShopUnavailable, isStoreError } from '@shop/core'
import type { Logger } from 'pino'

/** What went wrong behind a caller's back. A Redis or a database that is away is told of elsewhere. */
export const troubleLog =
  (logger: Logger, part: string) =>
  (error: unknown): void => {
    const isKnown = isRedisAway(error) || isStoreError(error) || isShopUnavailable(error)
    logger[isKnown ? 'debug' : 'warn']({ err: error, part }, 'trouble with what Redis keeps')
  }
