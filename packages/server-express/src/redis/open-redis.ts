import type { KnexSources } from '@shop/adapter-knex'
import {
  type CouponGate,
  connectRedis,
  couponGate,
  parseRedisUrl,
  productCache,
  rateLimitPrefix,
  redisLocks,
  userLocks,
} from '@shop/adapter-redis'
import type { CommandMiddleware, Policies, Store } from '@shop/core'
import type { Store as CountStore } from 'express-rate-limit'
import type { Logger } from 'pino'
import type { HealthCheck } from '../http/http-deps.js'
import type { RedisMetrics } from '../observability/redis-metrics.js'
import type { RedisOptions } from '../options.js'
import { redisUrlsFault } from '../util/redis-urls.js'
import { RedisHealth } from './redis-health.js'
import { SharedCounts } from './shared-counts.js'
import { troubleLog } from './trouble-log.js'

export interface SharedRedisDeps {
  readonly options: RedisOptions
  readonly sources: KnexSources
  readonly policies: Policies
  readonly logger: Logger
  readonly metrics: RedisMetrics
}

/** The parts of a server that use Redis. Redis decides nothing; the database does. */
export interface SharedRedis {
  /** Wraps the store with a cache of its list pages. */
  cached<Tx>(store: Store<Tx>): Store<Tx>
  /** The coupon gate and, if the options say so, the locks of users. The gate comes first: callers it turns away take no lock. */
  middleware(store: Pick<Store, 'reads'>): readonly CommandMiddleware[]
  /** Rate limit counts, shared between servers. */
  readonly counts: CountStore
  /** Resolves when Redis responds, or after a short timeout. Never rejects. */
  ready(): Promise<void>
  /** Never `down`, because the server works without Redis. */
  check(): Promise<HealthCheck>
  /** Reports the results of all decided commands to Redis, then closes the connections. Never rejects. */
  close(): Promise<void>
}

/** A reachable Redis connects much faster than this. */
const readyMs = 500

/** Without user and password. */
const addressOf = (url: string): string => parseRedisUrl(url)?.address ?? 'redis'

const oddOf = <T>(nodes: readonly T[]): readonly T[] => (nodes.length % 2 === 0 ? nodes.slice(0, -1) : nodes)

/** Memoizes the first success. After a failure, the next call asks again. */
const memoizeSuccess = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let known: Promise<T> | undefined
  return () => {
    known ??= ask().catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
}

/** Connects in the background. Throws a TypeError for URLs that the server cannot use. */
export const openRedis = ({ options, sources, policies, logger, metrics }: SharedRedisDeps): SharedRedis => {
  const { userLocks: locksUsers = false } = options
  const fault = redisUrlsFault(options.urls, locksUsers)
  if (fault) throw new TypeError(`createServer: redis.${fault.option} ${fault.reason}`)
  const urls = locksUsers ? oddOf(options.urls) : options.urls.slice(0, 1)
  const nodes = urls.map((url) => {
    const connection = connectRedis(url, {
      name: 'shop',
      onCall(outcome, ms) {
        metrics.onCall(outcome, ms)
        if (outcome === 'refused') health.suspect()
      },
      onState: () => health.suspect(),
      onError: (error) => health.connectionFailed(error),
    })
    const health = new RedisHealth(connection, logger.child({ redis: addressOf(url) }))
    connection.redis.on('ready', () => health.suspect())
    return { connection, health }
  })
  const connections = nodes.map(({ connection }) => connection)
  const [first] = connections
  if (!first) throw new RangeError('redis.urls is empty')
  const troubles = () => Promise.all(nodes.map(({ health }) => health.ask()))
  metrics.watch(async () => (await troubles()).map((trouble) => trouble === undefined))

  const { redis, guard } = first
  const place = memoizeSuccess(async () => (await sources.database()).place)
  const cache = productCache({
    redis,
    guard,
    database: () => sources.database(),
    observer: { onPage: (finding) => metrics.onPage(finding), onTrouble: troubleLog(logger, 'product cache') },
  })
  const gates: CouponGate[] = []
  const counts = new SharedCounts({
    connection: first,
    prefix: async () => rateLimitPrefix(await place()),
    onCount: (where) => metrics.onCount(where),
  })
  const locks = locksUsers
    ? [userLocks(redisLocks(connections), { prefix: place, onResult: (result) => metrics.onUserLock(result) })]
    : []

  return {
    cached: (store) => cache.store(store),
    middleware(store) {
      const gate = couponGate({
        redis,
        guard,
        database: () => sources.database(),
        issuedUsers: (query) => sources.issuedUsers(query),
        reads: store.reads,
        policies,
        observer: { onVerdict: (verdict) => metrics.onVerdict(verdict), onTrouble: troubleLog(logger, 'coupon gate') },
      })
      gates.push(gate)
      return [gate, ...locks]
    },
    counts,
    async ready() {
      await Promise.all(
        nodes.map(async ({ connection, health }) => {
          if (await connection.ready(readyMs)) await health.ask()
          else health.isAway()
        }),
      )
    },
    async check() {
      const details = await troubles()
      const up = details.filter((detail) => detail === undefined).length
      if (up === details.length) return { status: 'up' }
      const [only] = details
      return {
        status: 'degraded',
        detail: details.length === 1 && only ? only : `${up} of ${details.length} nodes answer`,
      }
    },
    async close() {
      await Promise.allSettled(gates.map((gate) => gate.settled()))
      counts.shutdown()
      for (const { health } of nodes) health.close()
      await Promise.all(connections.map((connection) => connection.close()))
    },
  }
}
