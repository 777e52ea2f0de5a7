import type { EventEmitter } from 'node:events'
import type { DatabaseProbe } from '@shop/adapter-knex'
import type { Locks, Policies, RelayDeps, Shop, Store } from '@shop/core'
import type { ServiceIdentifier } from 'inversify'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import type { Demo } from '../demo/demo.js'
import type { PolicyAgreement } from '../health/policy-agreement.js'
import type { Check, ServerReadiness } from '../health/readiness.js'
import type { HttpInterface } from '../http/app.js'
import type { Authenticator } from '../http/http-deps.js'
import type { Metrics } from '../observability/metrics.js'
import type { SharedRedis } from '../redis/open-redis.js'
import type { Scheduler } from '../scheduler/scheduler.js'

const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`@shop/${name}`) as unknown as ServiceIdentifier<T>

/** Everything that the container knows, by type. */
export const tokens = {
  logger: token<Logger>('logger'),
  policies: token<Policies>('policies'),
  knex: token<Knex>('knex'),
  /** Nothing, where no Redis is asked for. */
  redis: token<SharedRedis | undefined>('redis'),
  store: token<Store>('store'),
  locks: token<Locks>('locks'),
  /** Bound only over Postgres, as `knex` is. */
  probe: token<DatabaseProbe>('probe'),
  /** Nothing, where the store is the caller's own. */
  agreement: token<PolicyAgreement | undefined>('agreement'),
  /** Whether the store takes commands. */
  storeCheck: token<Check>('storeCheck'),
  metrics: token<Metrics>('metrics'),
  /** Emits `group` with every group that was answered, and `events` when it has committed some. */
  commits: token<EventEmitter>('commits'),
  shop: token<Shop>('shop'),
  relay: token<RelayDeps | undefined>('relay'),
  scheduler: token<Scheduler>('scheduler'),
  readiness: token<ServerReadiness>('readiness'),
  authenticator: token<Authenticator>('authenticator'),
  /** Bound only while demo data is on. */
  demo: token<Demo>('demo'),
  http: token<HttpInterface>('http'),
}
