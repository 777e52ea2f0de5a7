import type { Container } from 'inversify'
import type { ServerOptions } from '../options.js'
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
      async (knex, policies, logger, metrics) => {
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
    .onDeactivation((opened) => opened?.close())
}
