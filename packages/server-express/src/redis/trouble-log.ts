import { isRedisAway } from '@shop/adapter-redis'
import { isShopUnavailable, isStoreError } from '@shop/core'
import type { Logger } from 'pino'

/**
 * Logs background errors, which no caller sees. An unavailable Redis or database is reported elsewhere, so it
 * is logged at debug level only.
 */
export const troubleLog =
  (logger: Logger, part: string) =>
  (error: unknown): void => {
    const isKnown = isRedisAway(error) || isStoreError(error) || isShopUnavailable(error)
    logger[isKnown ? 'debug' : 'warn']({ err: error, part }, 'background work with Redis failed')
  }
