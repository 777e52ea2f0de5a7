import type { EventEmitter } from 'node:events'
import type { DatabaseProbe } from '@shop/adapter-knex'
import type { Locks, Policies, RelayDeps, Shop, Store } from '@shop/core'
import type { ServiceIdentifier } from 'inversify'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import type { Demo } from '../demo/demo.js'
import type { PolicyAgreement } from '../health/policy-agreement.js'
import type { ReadinessCheck, ServerReadiness } from '../health/readiness.js'
import type { HttpInterface } from '../http/app.js'
import type { Authenticator } from '../http/http-deps.js'
import type { Metrics } from '../observability/metrics.js'
import type { SharedRedis } from '../redis/open-redis.js'
import type { Scheduler } from '../scheduler/scheduler.js'

const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`@shop/${name}`) as unknown as ServiceIdentifier<T>

/** The service identifiers of the container, with their types. */
export const tokens = {
  logger: token<Logger>('logger'),
  policies: token<Policies>('policies'),
  knex: token<Knex>('knex'),
  /** Undefined if Redis is not configured. */
  redis: token<SharedRedis | undefined>('redis'),
  store: token<Store>('store'),
  locks: token<Locks>('locks'),
  /** Bound only on Postgres, like `knex`. */
  probe: token<DatabaseProbe>('probe'),
  /** Undefined if the caller provides the store. */
  agreement: token<PolicyAgreement | undefined>('agreement'),
  /** Checks whether the store accepts commands. */
  storeCheck: token<ReadinessCheck>('storeCheck'),
  metrics: token<Metrics>('metrics'),
  /** Emits `group` for every completed group, and `events` for groups that wrote events. */
  commits: token<EventEmitter>('commits'),
  shop: token<Shop>('shop'),
  relay: token<RelayDeps | undefined>('relay'),
  scheduler: token<Scheduler>('scheduler'),
  readiness: token<ServerReadiness>('readiness'),
  authenticator: token<Authenticator>('authenticator'),
  /** Bound only if demo data is on. */
  demo: token<Demo>('demo'),
  http: token<HttpInterface>('http'),
}
