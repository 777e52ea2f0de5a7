import type { Policies } from '@shop/core'
import type { Container } from 'inversify'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import type { Metrics } from '../observability/metrics.js'
import type { ServerOptions } from '../options.js'
import type { SharedRedis } from '../redis/open-redis.js'
import { defaultSchema } from './storage.js'
import { tokens as T } from './tokens.js'

/** Binds Redis, if it is configured. Its modules are loaded only then. */
export const bindRedis = (container: Container, options: ServerOptions): void => {
  const { redis, schema = defaultSchema, clock } = 'store' in options ? {} : options
  if (!redis) {
    container.bind(T.redis).toConstantValue(undefined)
    return
  }
  container
    .bind(T.redis)
    .toResolvedValue(
      async (knex: Knex, policies: Policies, logger: Logger, metrics: Metrics): Promise<SharedRedis> => {
        const [{ openRedis }, { knexSources }, { RedisMetrics }] = await Promise.all([
          import('../redis/open-redis.js'),
          import('@shop/adapter-knex'),
          import('../observability/redis-metrics.js'),
        ])
        return openRedis({
          options: redis,
          sources: knexSources(knex, { schema, ...(clock && { clock }) }),
          policies,
          logger,
          metrics: new RedisMetrics(metrics.registry),
        })
      },
      [T.knex, T.policies, T.logger, T.metrics],
    )
    .inSingletonScope()
    .onDeactivation((opened) => opened?.close())
}
