import { resolvePolicies, type Shop, timeOrderedIds } from '@shop/core'
import type { Container } from 'inversify'
import type { Logger } from 'pino'
import type { Demo } from '../demo/demo.js'
import type { LostHistory } from '../health/lost-history.js'
import type { PolicyAgreement } from '../health/policy-agreement.js'
import type { ServerReadiness } from '../health/readiness.js'
import type { HttpInterfaceWithTable } from '../http/app.js'
import type { Listener } from '../http/listener.js'
import type { ServerOptions } from '../options.js'
import { checkSchedule } from '../scheduler/check-schedule.js'
import type { Scheduler } from '../scheduler/scheduler.js'
import { createContainer } from './container.js'
import { bindDemo } from './demo.js'
import { bindHttp } from './http.js'
import { bindJobs } from './jobs.js'
import { nowOf } from './now.js'
import { bindRedis } from './redis.js'
import { bindReplicas } from './replicas.js'
import { bindShop } from './shop.js'
import { bindStorage } from './storage.js'
import { tokens as T } from './tokens.js'
import { bindWorkers } from './workers.js'

/** A composed server. Nothing runs yet, and the database was not accessed. */
export interface Composition {
  readonly http: HttpInterfaceWithTable
  /** Undefined if this process answers HTTP itself. */
  readonly workers: Listener | undefined
  readonly shop: Shop
  readonly logger: Logger
  readonly readiness: ServerReadiness
  /** Undefined if other servers run the jobs. */
  readonly scheduler: Scheduler | undefined
  readonly agreement: PolicyAgreement | undefined
  /** Undefined if the store of the caller cannot tell. */
  readonly history: LostHistory | undefined
  /** Undefined if demo data is off. */
  readonly demo: Demo | undefined
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

/** Composes a server from its options. */
export const compose = async (options: ServerOptions): Promise<Composition> => {
  const policies = resolvePolicies(options.preset, options.policies)
  await checkSchedule(policies)
  const newId = options.newId ?? timeOrderedIds()
  const { container, dispose } = createContainer()
  container.bind(T.policies).toConstantValue(policies)
  bindStorage(container, options)
  bindReplicas(container, options)
  bindRedis(container, options)
  bindShop(container, options, newId)
  bindJobs(container, options, newId)
  bindDemo(container, options, newId)
  bindHttp(container, options)
  bindWorkers(container, options)
  try {
    return { ...(await resolveServices(container, options)), dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

const resolveServices = async (container: Container, options: ServerOptions): Promise<Omit<Composition, 'dispose'>> => {
  const http = await container.getAsync(T.http)
  const shop = await container.getAsync(T.shop)
  const scheduler = await container.getAsync(T.scheduler)
  const redis = await container.getAsync(T.redis)
  const { reads } = await container.getAsync(T.store)
  const metrics = await container.getAsync(T.metrics)
  const workers = await container.getAsync(T.workers)
  metrics.watch({
    eventCounts: () => reads.eventCounts(),
    waiting: () => shop.queued,
    liveStreams: () => http.live.size + (workers?.liveStreams ?? 0),
    isLeader: () => scheduler?.isLeader ?? false,
    pool: await container.getAsync(T.pool),
    now: nowOf(options),
  })
  return {
    http,
    workers,
    shop,
    logger: await container.getAsync(T.logger),
    readiness: await container.getAsync(T.readiness),
    scheduler,
    agreement: await container.getAsync(T.agreement),
    history: await container.getAsync(T.history),
    demo: await container.getAsync(T.demo),
    migrate: await container.getAsync(T.migration),
    waitForRedis: async () => redis?.ready(),
  }
}
