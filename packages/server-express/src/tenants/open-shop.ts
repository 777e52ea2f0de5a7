import { EventEmitter } from 'node:events'
import type { WithinConnection } from '@shop/adapter-knex'
import { knexLocks, knexPolicyRegister, knexStore, migrate, pendingMigrations } from '@shop/adapter-knex'
import {
  type CommandMiddleware,
  createShop,
  type EventSender,
  type Locks,
  type NewId,
  type RelayDeps,
  resolvePolicies,
  type Shop,
  ShopUnavailable,
} from '@shop/core'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import { NotMigrated } from '../composition/not-migrated.js'
import { executorObserver } from '../composition/observers.js'
import { LostHistory } from '../health/lost-history.js'
import { PolicyAgreement } from '../health/policy-agreement.js'
import type { CodeAttempts } from '../http/code-attempts.js'
import { LiveProducts, liveConnectionsOf } from '../http/live/live-products.js'
import type { ShopParts } from '../http/tenants.js'
import type { Metrics } from '../observability/metrics.js'
import { checkSchedule } from '../scheduler/check-schedule.js'
import { Job, type JobObserver } from '../scheduler/job.js'
import { relayJob, viewsJob } from '../scheduler/jobs.js'
import { settlesWithin } from '../util/settles-within.js'
import type { DatabasePools, Pool } from './database-pools.js'
import type { LoadLog } from './load-log.js'
import { readableUntil } from './readable-until.js'
import type { ShopLocation } from './shop-location.js'
import type { ShopsOptions } from './shops-options.js'
import type { ShopsRedis } from './shops-redis.js'

/** A shop in Postgres: it joins transactions of knex and of other query builders. */
export type PostgresShop = Shop<Knex.Transaction | WithinConnection, Knex.Transaction>

/** What all shops of a server share. */
export interface SharedDeps {
  readonly options: ShopsOptions
  readonly pools: DatabasePools
  readonly metrics: Metrics
  readonly logger: Logger
  readonly newId: NewId
  readonly load: LoadLog
  readonly redis: ShopsRedis | undefined
  /** Makes the sender of a shop's events. Undefined if events stay in the outbox. */
  readonly senderOf: ((shopId: string) => EventSender) | undefined
  /** Observes the jobs of a shop. */
  readonly jobObserverOf: (shopId: string) => JobObserver
  /** Counts wrong codes, so that closing a shop forgets none. */
  readonly codeAttempts: Pick<CodeAttempts, 'attempt'>
  /** Live streams that are open in all shops. */
  readonly liveStreams: () => number
}

/** Reads of one shop that run at once, of the pool that it shares. */
const readConnections = 4

/**
 * While a shop is used, this server reads its losses this often, and tells other servers its policies. They forget
 * them after twice the time.
 */
const announceMs = 10_000

/** A shop that is open. */
export interface OpenShop {
  readonly shop: PostgresShop
  readonly locks: Locks
  readonly parts: ShopParts
  readonly live: { readonly size: number }
  /** Whether nothing is under way: no command, no stream, no delivery. */
  readonly isQuiet: boolean
  /** Whether other servers follow other policies. */
  readonly agreement: Pick<PolicyAgreement, 'check'>
  /** Whether losses of acknowledged commands are open. While it is true, it is read again every ten seconds. */
  readonly hasLosses: boolean
  /** Sends the events that are due, if this server relays events. Resolves when no delivery is under way. */
  relayAll(): Promise<void>
  /** Somebody asks for the shop: from now on, acknowledged commands that its database loses are noticed. */
  asked(): void
  /** Called every second: writes counted views, relays what failed, announces policies, reads losses. Never rejects. */
  tick(isAsked: boolean): Promise<void>
  /** Ends the streams and waits for deliveries, at most `graceMs`; then closes the shop. */
  close(graceMs: number): Promise<void>
}

const migrateSchema = async (
  pool: Pool,
  { migrate: migrates = true, databasePrepared }: ShopsOptions,
  schema: string,
) => {
  const pending = await pendingMigrations(pool.knex, { schema })
  if (pending.length === 0) return
  if (!migrates) throw new NotMigrated(schema, pending)
  await migrate(pool.knex, { schema, prepared: databasePrepared })
}

/** A shop that moves takes no write: one that came after its data was copied would be lost. */
const refusingWrites =
  (mayWrite: OpeningShop['mayWrite']): CommandMiddleware =>
  async (call, next) => {
    if (!(await mayWrite())) throw new ShopUnavailable('the shop takes no writes now: it moves')
    return next(call)
  }

export interface OpeningShop {
  readonly shopId: string
  readonly location: ShopLocation
  /** Whether its tables are known to be up to date. */
  readonly isMigrated: boolean
  /** Whether it takes no writes now, as far as is known. */
  readonly refusesWrites: () => boolean
  /** Finds out whether it takes writes where it was opened. */
  readonly mayWrite: () => Promise<boolean>
}

/** Opens a shop: its tables are up to date then, and its database answers. */
export const openShop = async (deps: SharedDeps, opening: OpeningShop): Promise<OpenShop> => {
  const { options, pools } = deps
  const { database, schema } = opening.location
  const pool = pools.take(database)
  try {
    await pool.checked()
    if (!opening.isMigrated) await migrateSchema(pool, options, schema)
    const policies = resolvePolicies(opening.location.preset, opening.location.policies)
    await checkSchedule(policies)
    const opened = assemble(deps, opening, { pool, policies })
    if (!opening.refusesWrites()) await opened.shop.upkeep.ensureSales()
    return opened
  } catch (error) {
    pools.release(database)
    throw error
  }
}

interface Ground {
  readonly pool: Pool
  readonly policies: ReturnType<typeof resolvePolicies>
}

const assemble = (deps: SharedDeps, opening: OpeningShop, { pool, policies }: Ground): OpenShop => {
  const { knex } = pool
  const { options, metrics, logger, newId, load, senderOf } = deps
  const { shopId, location, refusesWrites, mayWrite } = opening
  const { schema, currency } = location
  const { limits, guards = [], middleware = [], clock, companions, databaseWaitMs, scheduler = true, jobs } = options
  // Named statements would stay in the memory of every connection, for every shop: docs/decisions/0038-many-shops.md
  const place = { schema, prepared: false }
  const storage = knexStore(knex, { ...place, companions, databaseWaitMs, readConnections, ...(clock && { clock }) })
  const redis = deps.redis?.open({ knex, ...place, policies, store: storage })

  const commits = new EventEmitter()
  const layers = [refusingWrites(mayWrite), ...middleware, ...(redis?.middleware ?? [])]
  const executing = { guards, middleware: layers, ...(limits && { limits }) }
  const observer = executorObserver(metrics, commits, options.observer)
  const stopping = new AbortController()
  const store = readableUntil(stopping.signal, redis?.store ?? storage)
  const shop = createShop({ store, policies, currency, newId, observer, ...executing })
  const agreement = new PolicyAgreement({ register: knexPolicyRegister(knex, place), policies, logger })

  const closing = new AbortController()
  const live = new LiveProducts({
    states: (productIds) => shop.products.states({ productIds }),
    // One shop gets at most half of the places, the next one half of the rest, and so on.
    hasRoom: (streams) => streams < liveConnectionsOf(options) - deps.liveStreams(),
    logger,
    closing: closing.signal,
  })

  const jobObserver = deps.jobObserverOf(shopId)
  let hasFailedDeliveries = false
  let deliveries = 0
  const relays = senderOf !== undefined && scheduler && jobs?.relay !== false
  const relay: RelayDeps | undefined = relays
    ? {
        store: storage.outbox,
        sender: senderOf(shopId),
        newId,
        random: Math.random,
        ...(options.dataPlatform?.relay && { options: options.dataPlatform.relay }),
        onAttempt(event, sent) {
          metrics.onAttempt(event, sent)
          if (sent.kind === 'failed') hasFailedDeliveries = true
        },
      }
    : undefined
  const relaying = relay && relayJob(relay)
  const relayRuns =
    relaying &&
    new Job(
      {
        ...relaying,
        async run(signal) {
          deliveries += 1
          try {
            await relaying.run(signal)
          } finally {
            deliveries -= 1
          }
        },
      },
      { observer: jobObserver, signal: stopping.signal },
    )
  const wakeRelay = () => {
    if (!refusesWrites()) relayRuns?.wake()
  }
  commits.on('events', wakeRelay)
  commits.on('group', ({ size }: { readonly size: number }) => load.ran(shopId, size))

  let announcedAt = Number.NEGATIVE_INFINITY
  let readLossesAt = Number.NEGATIVE_INFINITY
  const flushes = scheduler && jobs?.views !== false
  const views = new Job(viewsJob(shop), { observer: jobObserver, signal: stopping.signal })
  const flushViews = () => {
    views.tick()
    return views.idle()
  }

  let history: LostHistory | undefined
  const watchHistory = (): LostHistory => {
    const watching = new LostHistory({
      shop,
      logger: logger.child({ shop: shopId }),
      metrics: { onLost: (lost) => metrics.onLost(lost, shopId) },
      identity: () => pool.history(),
      onChange: () => redis?.forgetDatabase(),
    })
    watching.start()
    return watching
  }

  return {
    shop,
    locks: knexLocks(knex, place),
    parts: {
      shop,
      agreement,
      live,
      codeAttempts: { attempt: (subject, work) => deps.codeAttempts.attempt(`${shopId} ${subject}`, work) },
    },
    live,
    agreement,
    get hasLosses() {
      return history?.hasLosses ?? false
    },
    get isQuiet() {
      return shop.queued === 0 && live.size === 0 && deliveries === 0
    },
    asked() {
      history ??= watchHistory()
    },
    async relayAll() {
      wakeRelay()
      await relayRuns?.idle()
    },
    async tick(isAsked) {
      const now = performance.now()
      // Another server may acknowledge the losses.
      if (history && (isAsked || history.hasLosses) && now - readLossesAt >= announceMs) {
        readLossesAt = now
        await history.check()
      }
      if (refusesWrites()) return
      if (hasFailedDeliveries) {
        hasFailedDeliveries = false
        wakeRelay()
      }
      const isDue = isAsked && now - announcedAt >= announceMs
      if (isDue) announcedAt = now
      await Promise.allSettled([
        flushes && isAsked ? flushViews() : undefined,
        isDue ? agreement.violations() : undefined,
      ])
    },
    async close(graceMs) {
      closing.abort()
      await settlesWithin(graceMs, relayRuns?.idle() ?? Promise.resolve())
      stopping.abort()
      try {
        await shop.close()
      } finally {
        await Promise.allSettled([redis?.close(), announcedAt > 0 ? agreement.close() : undefined])
        deps.pools.release(location.database)
      }
    },
  }
}
