import { timeOrderedIds } from '@shop/core'
import { pino } from 'pino'
import { authenticatorOf } from '../composition/authenticator.js'
import { httpOptions } from '../composition/http.js'
import { checkLease } from '../composition/jobs.js'
import { jobObserver } from '../composition/observers.js'
import { knexLog } from '../composition/storage.js'
import { httpSender } from '../data-platform/http-sender.js'
import { defaultTimeoutMs } from '../data-platform/timeout.js'
import { ServerReadiness } from '../health/readiness.js'
import { httpInterface } from '../http/app.js'
import { CodeAttempts } from '../http/code-attempts.js'
import type { HttpDeps } from '../http/http-deps.js'
import { refuse } from '../http/problem.js'
import { defaultNames, nameInRequest, type TenantNaming } from '../http/tenant-naming.js'
import type { Tenants } from '../http/tenants.js'
import { Metrics } from '../observability/metrics.js'
import { DatabasePools } from '../tenants/database-pools.js'
import { FairTurns } from '../tenants/fair-turns.js'
import { listInTime, locateInTime, outdatedInTime } from '../tenants/in-time.js'
import { LoadLog } from '../tenants/load-log.js'
import { openShop, type SharedDeps } from '../tenants/open-shop.js'
import { ShopJobs } from '../tenants/shop-jobs.js'
import { ShopNotFound } from '../tenants/shop-not-found.js'
import { ShopRegistry } from '../tenants/shop-registry.js'
import type { ShopsOptions } from '../tenants/shops-options.js'
import { runningServer } from './running-server.js'
import type { ShopsServer } from './shops-server.js'

const tickMs = 1_000
const defaultPool = 10
const poolIdleMs = 60_000
const disposeGraceMs = 500
/** Several rushes, each of which may wait for its turn, must leave room for others. */
const maxUnderWay = 20_000

/** The parts of a server that only a shop has. Routes outside `/api/` use none of them. */
const noShop = new Proxy({} as HttpDeps['shop'], {
  get(_target, name) {
    throw new Error(`bug: a route about the process asks for ${String(name)} of a shop`)
  },
})

const senderOf = ({ dataPlatform }: ShopsOptions): SharedDeps['senderOf'] => {
  if (!dataPlatform) return undefined
  if (dataPlatform.senderOf) return (shopId) => dataPlatform.senderOf(shopId)
  checkLease(dataPlatform.timeoutMs ?? defaultTimeoutMs, dataPlatform.relay)
  const { source = 'urn:shop' } = dataPlatform
  return (shopId) => httpSender({ ...dataPlatform, source: `${source}/${shopId}` })
}

/** Opens the server of many shops. Nothing was asked of a database yet. */
export const composeShops = async (options: ShopsOptions): Promise<ShopsServer> => {
  const { auth, authOffIsSafe = false, clock, jobs } = options
  const locate = locateInTime(options.locate)
  const list = listInTime(options.list)
  const runsJobs = options.scheduler !== false
  const naming: TenantNaming = options.tenants ?? { from: 'claim' }
  const logger = options.logger ?? pino({ level: 'silent' })
  const metrics = new Metrics({ perShop: true })
  const now = () => clock?.now() ?? Date.now()
  const load = new LoadLog(logger)
  const turns = new FairTurns()
  const pools = new DatabasePools({
    size: options.databasePool ?? defaultPool,
    prepared: options.databasePrepared,
    idleMs: poolIdleMs,
    log: knexLog(logger),
  })
  const redis =
    options.redis &&
    (await import('../tenants/shops-redis.js')).openShopsRedis({ options: options.redis, logger, metrics })

  const shared: SharedDeps = {
    options,
    pools,
    metrics,
    logger,
    newId: options.newId ?? timeOrderedIds(),
    codeAttempts: new CodeAttempts(),
    load,
    redis,
    senderOf: senderOf(options),
    jobObserverOf: (shopId) => shopJobs.observerOf(shopId),
    liveStreams: () => liveStreams(),
  }
  const registry = new ShopRegistry({
    locate,
    open: (opening) => openShop(shared, opening),
    idleMs: options.idleMs ?? 600_000,
    maxOpen: options.maxOpen ?? 1_000,
    logger,
  })
  const shopJobs = new ShopJobs({
    registry,
    locate,
    list,
    logger,
    observer: jobObserver(metrics, options.observer),
    now,
    enabled: jobs,
    runsJobs,
    closedMs: options.closedJobsMs ?? 60_000,
  })
  const liveStreams = () => registry.open.reduce((sum, { live }) => sum + live.size, 0)

  const tenants: Tenants = {
    areNamedByToken: naming.from === 'claim',
    nameIn: nameInRequest(naming),
    async visit(shopId) {
      const entry = await registry.enter(shopId).catch((error: unknown) => {
        throw error instanceof ShopNotFound ? refuse('SHOP_NOT_FOUND') : error
      })
      load.asked(shopId)
      return {
        shopId,
        parts: entry.open.parts,
        inTurn: (work) => turns.run(shopId, entry.location?.database ?? '', work),
        leave: () => entry.leave(),
      }
    },
  }
  const disagreements = async () => {
    const checks = await Promise.all(registry.open.map(({ agreement }) => agreement.check()))
    const count = checks.filter((check) => check !== undefined).length
    return count === 0
      ? undefined
      : ({ status: 'degraded', detail: `other servers have other policies for ${count} shops` } as const)
  }
  const hasOutdatedSource = outdatedInTime(options.isOutdated ?? (async () => false))
  const isOutdated = async () => shopJobs.cannotList || (await hasOutdatedSource())
  const listed = async () =>
    (await isOutdated())
      ? ({ status: 'degraded', detail: 'the list of shops cannot be read: the last known one is used' } as const)
      : undefined
  const losses = async () => {
    const { length } = registry.open.filter(({ hasLosses }) => hasLosses)
    if (length === 0) return undefined
    return { status: 'degraded', detail: `open shops that lost acknowledged commands: ${length}` } as const
  }
  const readiness = new ServerReadiness({
    databases: () => pools.check(),
    policies: disagreements,
    history: losses,
    shops: listed,
    ...(redis && { redis: () => redis.check() }),
  })
  const http = httpInterface({
    ...httpOptions(options),
    shop: noShop,
    tenants,
    authenticator: authenticatorOf(options, logger, naming.claim ?? defaultNames.claim),
    logger,
    metrics,
    readiness,
    maxUnderWay,
    counts: redis?.counts,
    companions: options.companions !== undefined && (options.middleware ?? []).length > 0,
  })
  metrics.watch({
    waiting: () => registry.open.reduce((sum, { shop }) => sum + shop.queued, 0),
    liveStreams,
    isLeader: () => runsJobs,
    pool: () => pools.state,
    openShops: () => registry.open.length,
    isOutdated,
    now,
  })

  const tick = () => {
    load.tick()
    void registry.tick()
    shopJobs.tick()
    pools.sweep()
  }
  const ticking = setInterval(tick, tickMs).unref()
  tick()
  await redis?.ready()

  const server = runningServer({
    http,
    logger,
    readiness,
    jobs: {
      quiesce: (ms) => shopJobs.stop(ms),
      stop: ({ graceMs }) => shopJobs.stop(graceMs),
    },
    isOpen: auth === 'off' && !authOffIsSafe,
    async dispose() {
      clearInterval(ticking)
      await registry.close(disposeGraceMs)
      await redis?.close()
      await pools.close()
    },
  })
  return {
    ...server,
    async shop(shopId) {
      const entry = await registry.enter(shopId)
      entry.leave()
      return entry.open.shop
    },
    withShop: (shopId, work) => registry.hold(shopId, ({ shop }) => work(shop)),
  }
}
