import {
  createShop,
  defaultRelayOptions,
  type EventSender,
  type Instant,
  type Locks,
  type NewId,
  type Policies,
  type RelayDeps,
  type RelayOptions,
  resolvePolicies,
  type Shop,
  type Store,
  timeOrderedIds,
} from '@shop/core'
import 'reflect-metadata'
import { EventEmitter } from 'node:events'
import { Container } from 'inversify'
import { type Logger, pino } from 'pino'
import { defaultTimeoutMs } from '../data-platform/timeout.js'
import type { Demo } from '../demo/demo.js'
import type { PolicyAgreement } from '../health/policy-agreement.js'
import { type ReadinessCheck, ServerReadiness } from '../health/readiness.js'
import { type HttpInterface, httpInterface } from '../http/app.js'
import { assetFolder } from '../http/files.js'
import type { Authenticator } from '../http/http-deps.js'
import { Metrics } from '../observability/metrics.js'
import type { DataPlatformOptions, ServerOptions } from '../options.js'
import type { SharedRedis } from '../redis/open-redis.js'
import { checkSchedule } from '../scheduler/check-schedule.js'
import { Scheduler } from '../scheduler/scheduler.js'
import { authenticatorOf } from './authenticator.js'
import { bindDemo } from './demo.js'
import { NotMigrated } from './not-migrated.js'
import { executorObserver, jobObserver } from './observers.js'
import { bindRedis } from './redis.js'
import { bindStorage, defaultSchema, poolOf } from './storage.js'
import { tokens as T } from './tokens.js'

/** A composed server. Nothing runs yet, and the database was not accessed. */
export interface Composition {
  readonly http: HttpInterface
  readonly shop: Shop
  readonly logger: Logger
  readonly readiness: ServerReadiness
  /** Undefined if other servers run the jobs. */
  readonly scheduler: Scheduler | undefined
  readonly agreement: PolicyAgreement | undefined
  /**
   * Checks the database and migrates the tables of the shop, if the store uses them. Throws NotMigrated if
   * migration is off and the tables are not up to date.
   */
  migrate(): Promise<void>
  /** Waits briefly for Redis, if it is configured, so that the first requests can use it. Never rejects. */
  waitForRedis(): Promise<void>
  /** Closes everything that was opened for this server. */
  dispose(): Promise<void>
}

const nowOf = (options: ServerOptions): (() => Instant) => {
  const clock = 'store' in options ? undefined : options.clock
  return () => clock?.now() ?? Date.now()
}

const isRunningJobs = (options: ServerOptions): boolean => options.scheduler ?? true

/** An attempt that outlives its lease would be made by another server, too. */
const checkLease = (timeoutMs: number, relay: Partial<RelayOptions> | undefined): void => {
  const { leaseMs } = { ...defaultRelayOptions, ...relay }
  if (timeoutMs >= leaseMs) throw new RangeError(`timeoutMs (${timeoutMs}) must be below relay.leaseMs (${leaseMs})`)
}

const senderOf = async (dataPlatform: DataPlatformOptions): Promise<EventSender> => {
  if (dataPlatform.sender) return dataPlatform.sender
  checkLease(dataPlatform.timeoutMs ?? defaultTimeoutMs, dataPlatform.relay)
  const { httpSender } = await import('../data-platform/http-sender.js')
  return httpSender(dataPlatform)
}

const bindShop = (container: Container, options: ServerOptions, newId: NewId): void => {
  const { limits, logger, dataPlatform, middleware = [] } = options
  container.bind(T.logger).toConstantValue(logger ?? pino({ level: 'silent' }))
  container.bind(T.commits).toConstantValue(new EventEmitter())
  container
    .bind(T.metrics)
    .toResolvedValue(() => new Metrics())
    .inSingletonScope()
  container
    .bind(T.shop)
    .toResolvedValue(
      (
        storage: Store,
        redis: SharedRedis | undefined,
        policies: Policies,
        metrics: Metrics,
        commits: EventEmitter,
      ): Shop => {
        const observer = executorObserver(metrics, commits, options.observer)
        const store = redis?.cached(storage) ?? storage
        const layers = [...middleware, ...(redis?.middleware(storage) ?? [])]
        return createShop({ store, policies, newId, observer, middleware: layers, ...(limits && { limits }) })
      },
      [T.store, T.redis, T.policies, T.metrics, T.commits],
    )
    .inSingletonScope()
    .onDeactivation((shop) => shop.close())
  container
    .bind(T.relay)
    .toResolvedValue(
      async (store: Store, metrics: Metrics): Promise<RelayDeps | undefined> => {
        if (!dataPlatform) return undefined
        return {
          store: store.outbox,
          sender: await senderOf(dataPlatform),
          newId,
          random: Math.random,
          onAttempt: (event, sent) => metrics.onAttempt(event, sent),
          ...(dataPlatform.relay && { options: dataPlatform.relay }),
        }
      },
      [T.store, T.metrics],
    )
    .inSingletonScope()
}

const bindScheduler = (container: Container, options: ServerOptions): void => {
  const isFenced = !('store' in options) || options.locks !== undefined
  const now = nowOf(options)
  container
    .bind(T.scheduler)
    .toResolvedValue(
      (shop: Shop, locks: Locks, relay: RelayDeps | undefined, logger: Logger, metrics: Metrics) => {
        const observer = jobObserver(metrics, options.observer)
        return new Scheduler({ shop, locks, isFenced, relay, logger, observer, now, enabled: options.jobs })
      },
      [T.shop, T.locks, T.relay, T.logger, T.metrics],
    )
    .inSingletonScope()
    .onDeactivation((scheduler) => scheduler.stop())
}

const bindHttp = (container: Container, options: ServerOptions): void => {
  const { auth, authOffIsSafe = false, problemStatus, trustProxy = 0, rateLimit = 0 } = options
  const { demoData = false, demoPage = true } = options
  container
    .bind(T.authenticator)
    .toResolvedValue((logger: Logger) => authenticatorOf(options, logger), [T.logger])
    .inSingletonScope()
  container
    .bind(T.readiness)
    .toResolvedValue(
      (database: ReadinessCheck, redis: SharedRedis | undefined, agreement: PolicyAgreement | undefined) =>
        new ServerReadiness({
          database,
          ...(redis && { redis: () => redis.check() }),
          ...(agreement && { policies: () => agreement.check() }),
        }),
      [T.storeCheck, T.redis, T.agreement],
    )
    .inSingletonScope()
  container
    .bind(T.http)
    .toResolvedValue(
      (
        shop: Shop,
        authenticator: Authenticator,
        logger: Logger,
        metrics: Metrics,
        readiness: ServerReadiness,
        redis: SharedRedis | undefined,
        agreement: PolicyAgreement | undefined,
        demo?: Demo,
      ): HttpInterface =>
        httpInterface({
          shop,
          authenticator,
          auth: auth === 'off' ? 'off' : 'jwt',
          localOnly: auth === 'off' && !authOffIsSafe && trustProxy === 0,
          logger,
          metrics,
          readiness,
          agreement,
          trustProxy,
          rateLimit,
          counts: redis?.counts,
          problemStatus,
          corsOrigins: options.corsOrigins,
          publicUrl: options.publicUrl?.replace(/\/$/, ''),
          host: options.routes,
          demo,
          page: demoData && demoPage ? assetFolder('page') : undefined,
        }),
      [
        T.shop,
        T.authenticator,
        T.logger,
        T.metrics,
        T.readiness,
        T.redis,
        T.agreement,
        { optional: true, serviceIdentifier: T.demo },
      ],
    )
    .inSingletonScope()
}

/** Composes a server from its options. */
export const compose = async (options: ServerOptions): Promise<Composition> => {
  const policies = resolvePolicies(options.preset, options.policies)
  await checkSchedule(policies)
  const container = new Container()
  container.bind(T.policies).toConstantValue(policies)
  bindStorage(container, options)
  bindRedis(container, options)
  const newId = options.newId ?? timeOrderedIds()
  bindShop(container, options, newId)
  bindDemo(container, options, newId)
  bindScheduler(container, options)
  bindHttp(container, options)

  const http = await container.getAsync(T.http)
  const shop = await container.getAsync(T.shop)
  const store = await container.getAsync(T.store)
  const metrics = await container.getAsync(T.metrics)
  const redis = await container.getAsync(T.redis)
  const knex = container.isBound(T.knex) ? await container.getAsync(T.knex) : undefined
  const scheduler = isRunningJobs(options) ? await container.getAsync(T.scheduler) : undefined
  const commits = await container.getAsync(T.commits)
  commits.on('events', () => scheduler?.run('relay'))
  const demo = container.isBound(T.demo) ? await container.getAsync(T.demo) : undefined
  if (demo) commits.on('group', (group) => demo.rushes.onGroup(group))
  metrics.watch({
    eventCounts: () => store.reads.eventCounts(),
    waiting: () => shop.queued,
    isLeader: () => scheduler?.isLeader ?? false,
    pool: poolOf(knex),
    now: nowOf(options),
  })

  return {
    http,
    shop,
    logger: await container.getAsync(T.logger),
    readiness: await container.getAsync(T.readiness),
    scheduler,
    agreement: await container.getAsync(T.agreement),
    async migrate() {
      if (!knex || 'store' in options) return
      const { schema = defaultSchema, databasePrepared: prepared } = options
      const { checkDatabase, migrate, pendingMigrations } = await import('@shop/adapter-knex')
      if (options.migrate ?? true) return migrate(knex, { schema, prepared })
      await checkDatabase(knex, { prepared })
      const pending = await pendingMigrations(knex, { schema })
      if (pending.length > 0) throw new NotMigrated(schema, pending)
    },
    async waitForRedis() {
      await redis?.ready()
    },
    async dispose() {
      // The order matters: jobs use the shop, the shop reports its results to Redis, and all of them use the pool.
      try {
        if (demo) await container.unbindAsync(T.demo)
        if (scheduler) await container.unbindAsync(T.scheduler)
        await container.unbindAsync(T.shop)
        await container.unbindAsync(T.redis)
        await container.unbindAsync(T.agreement)
      } finally {
        await container.unbindAllAsync()
      }
    },
  }
}
