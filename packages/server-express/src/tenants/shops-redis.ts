import { type KnexSourcesOptions, knexSources } from '@shop/adapter-knex'
import { rateLimitPrefix } from '@shop/adapter-redis'
import type { CommandMiddleware, Policies, Store } from '@shop/core'
import type { Store as CountStore } from 'express-rate-limit'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import type { Metrics } from '../observability/metrics.js'
import { RedisMetrics } from '../observability/redis-metrics.js'
import type { RedisOptions } from '../options.js'
import { openRedisNodes, type SharedRedis } from '../redis/open-redis.js'

export interface RedisShop<Tx, Opened> extends KnexSourcesOptions {
  readonly knex: Knex
  readonly policies: Policies
  readonly store: Store<Tx, Opened>
}

/** Redis as the shops of a server use it. */
export interface ShopsRedis extends Pick<SharedRedis, 'ready' | 'check' | 'close'> {
  /** Counts of all shops. Their keys name the shop. */
  readonly counts: CountStore
  /** The store of a shop with a cache, and what wraps its commands, until `close`. */
  open<Tx, Opened>(
    shop: RedisShop<Tx, Opened>,
  ): {
    readonly store: Store<Tx, Opened>
    readonly middleware: readonly CommandMiddleware[]
    /** The database may have another history. */
    forgetDatabase(): void
    close(): Promise<void>
  }
}

/** Connects in the background: one connection for all shops. */
export const openShopsRedis = (deps: {
  readonly options: RedisOptions
  readonly logger: Logger
  readonly metrics: Metrics
}): ShopsRedis => {
  const nodes = openRedisNodes({ ...deps, metrics: new RedisMetrics(deps.metrics.registry) })
  return {
    counts: nodes.counts(async () => rateLimitPrefix('shops')),
    ready: () => nodes.ready(),
    check: () => nodes.check(),
    close: () => nodes.close(),
    open<Tx, Opened>({ knex, policies, store, ...place }: RedisShop<Tx, Opened>) {
      const parts = nodes.ofShop({ sources: knexSources(knex, place), policies })
      return {
        store: parts.cached(store as Store<Tx>) as Store<Tx, Opened>,
        middleware: parts.middleware(store),
        forgetDatabase: () => parts.forgetDatabase(),
        close: () => parts.settled(),
      }
    },
  }
}
