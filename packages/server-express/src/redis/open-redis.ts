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

/** What all shops of a server share. */
export interface RedisNodesDeps {
  readonly options: RedisOptions
  readonly logger: Logger
  readonly metrics: RedisMetrics
}

/** What belongs to one shop. */
export interface ShopOfRedis {
  readonly sources: KnexSources
  readonly policies: Policies
}

export interface SharedRedisDeps extends RedisNodesDeps, ShopOfRedis {}

/** The parts of one shop that use Redis. */
export interface RedisOfShop extends Pick<SharedRedis, 'cached' | 'middleware' | 'forgetDatabase'> {
  /** Resolves when the results of all decided commands were reported to Redis. Never rejects. */
  settled(): Promise<void>
}

/** The connections to Redis that the shops of a server share. Redis decides nothing; the databases do. */
export interface RedisNodes extends Pick<SharedRedis, 'ready' | 'check' | 'close'> {
  /** The parts of a shop: their keys carry the id of its database and its schema. */
  ofShop(shop: ShopOfRedis): RedisOfShop
  /** Rate limit counts, shared between servers. */
  counts(prefix: () => Promise<string>): CountStore
}

/** The parts of a server that use Redis. Redis decides nothing; the database does. */
export interface SharedRedis {
  /** Wraps the store with a cache of its list pages. */
  cached<Tx>(store: Store<Tx>): Store<Tx>
  /** The coupon gate and, if the options say so, the locks of users. The gate comes first: callers it turns away take no lock. */
  middleware(store: Pick<Store, 'reads'>): readonly CommandMiddleware[]
  /** Rate limit counts, shared between servers. */
  readonly counts: CountStore
  /** The database may have another history: the gate and the cache start afresh on new keys. */
  forgetDatabase(): void
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

const placeOf = (sources: KnexSources): (() => Promise<string>) =>
  memoizeSuccess(async () => (await sources.database()).place)

/** Connects in the background. Throws a TypeError for URLs that the server cannot use. */
export const openRedisNodes = ({ options, logger, metrics }: RedisNodesDeps): RedisNodes => {
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
  const opened: SharedCounts[] = []

  const ofShop = ({ sources, policies }: ShopOfRedis): RedisOfShop => {
    const cache = productCache({
      redis,
      guard,
      database: () => sources.database(),
      observer: { onPage: (finding) => metrics.onPage(finding), onTrouble: troubleLog(logger, 'product cache') },
    })
    const gates: CouponGate[] = []
    const prefix = placeOf(sources)
    const locks = locksUsers
      ? [userLocks(redisLocks(connections), { prefix, onResult: (result) => metrics.onUserLock(result) })]
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
          observer: {
            onVerdict: (verdict) => metrics.onVerdict(verdict),
            onTrouble: troubleLog(logger, 'coupon gate'),
          },
        })
        gates.push(gate)
        return [gate, ...locks]
      },
      forgetDatabase() {
        cache.forgetDatabase()
        for (const gate of gates) gate.forgetDatabase()
      },
      async settled() {
        await Promise.allSettled(gates.map((gate) => gate.settled()))
      },
    }
  }

  return {
    ofShop,
    counts(prefix) {
      const counts = new SharedCounts({ connection: first, prefix, onCount: (where) => metrics.onCount(where) })
      opened.push(counts)
      return counts
    },
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
      for (const counts of opened) counts.shutdown()
      for (const { health } of nodes) health.close()
      await Promise.all(connections.map((connection) => connection.close()))
    },
  }
}

/** Redis for a server of one shop. Connects in the background. */
export const openRedis = ({ sources, policies, ...deps }: SharedRedisDeps): SharedRedis => {
  const nodes = openRedisNodes(deps)
  const { settled, ...parts } = nodes.ofShop({ sources, policies })
  const place = placeOf(sources)
  return {
    ...parts,
    counts: nodes.counts(async () => rateLimitPrefix(await place())),
    ready: () => nodes.ready(),
    check: () => nodes.check(),
    async close() {
      await settled()
      await nodes.close()
    },
  }
}
