import type { EventEmitter } from 'node:events'
import type { DatabaseProbe } from '@shop/adapter-knex'
import type { Locks, Policies, RelayDeps, Shop, Store } from '@shop/core'
import type { ServiceIdentifier } from 'inversify'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import type { Demo } from '../demo/demo.js'
import type { LostHistory } from '../health/lost-history.js'
import type { PolicyAgreement } from '../health/policy-agreement.js'
import type { ReadinessCheck, ServerReadiness } from '../health/readiness.js'
import type { HttpInterfaceWithTable } from '../http/app.js'
import type { Authenticator } from '../http/http-deps.js'
import type { Metrics, PoolState } from '../observability/metrics.js'
import type { SharedRedis } from '../redis/open-redis.js'
import type { Replicas } from '../replicas/open-replicas.js'
import type { Scheduler } from '../scheduler/scheduler.js'
import type { WorkerPool } from '../workers/worker-pool.js'

const token = <T>(name: string): ServiceIdentifier<T> => Symbol(name)

/** The service identifiers of the container, with their types. */
export const tokens = {
  logger: token<Logger>('logger'),
  policies: token<Policies>('policies'),
  /** Bound only on Postgres. */
  knex: token<Knex>('knex'),
  /** Undefined if Redis is not configured. */
  redis: token<SharedRedis | undefined>('redis'),
  /** Undefined if there are no replicas. */
  replicas: token<Replicas | undefined>('replicas'),
  store: token<Store>('store'),
  locks: token<Locks>('locks'),
  /** Checks and migrates the tables of the shop, if the store uses them. */
  migration: token<() => Promise<void>>('migration'),
  /** The connections of this server's pool. */
  pool: token<() => PoolState | undefined>('pool'),
  /** Bound only on Postgres. */
  probe: token<DatabaseProbe>('probe'),
  /** Undefined if the caller provides the store. */
  agreement: token<PolicyAgreement | undefined>('agreement'),
  /** Undefined if the store of the caller cannot tell. */
  history: token<LostHistory | undefined>('history'),
  /** Checks whether the store accepts commands. */
  storeCheck: token<ReadinessCheck>('storeCheck'),
  metrics: token<Metrics>('metrics'),
  /** Emits `group` for every completed group, and `events` for groups that wrote events. */
  commits: token<EventEmitter>('commits'),
  shop: token<Shop>('shop'),
  relay: token<RelayDeps | undefined>('relay'),
  /** Undefined if other servers run the jobs. */
  scheduler: token<Scheduler | undefined>('scheduler'),
  readiness: token<ServerReadiness>('readiness'),
  authenticator: token<Authenticator>('authenticator'),
  /** Undefined if demo data is off. */
  demo: token<Demo | undefined>('demo'),
  http: token<HttpInterfaceWithTable>('http'),
  /** Undefined if this process answers HTTP itself. */
  workers: token<WorkerPool | undefined>('workers'),
}
