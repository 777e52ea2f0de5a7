import type { Guard, Shop, Violation } from '@shop/core'
import type { Request } from 'express'
import type { Store as CountStore } from 'express-rate-limit'
import type { Logger } from 'pino'
import type { Demo } from '../demo/demo.js'
import type { Caller, ChargeAccess } from './caller.js'
import type { HostRoutes } from './host-routes.js'
import type { InFlightKeys } from './in-flight-keys.js'
import type { CustomProblems, ProblemStatus, ProblemTable } from './problem-table.js'
import type { RateLimits } from './rate-limit.js'
import type { ContextOf } from './request-shop.js'
import type { ShopParts, Tenants } from './tenants.js'

/** Finds out who sent a request. Resolves with undefined for an unknown caller. */
export interface Authenticator {
  authenticate(request: Request): Promise<Caller | undefined>
}

/**
 * One request that got a response, for metrics. `route` is the pattern (`/api/orders/{orderId}`), never the
 * actual path.
 */
export interface AnsweredRequest {
  readonly method: string
  readonly route: string
  readonly status: number
  /** The problem code, if the request was refused. */
  readonly code?: string | undefined
  readonly seconds: number
}

export interface HttpMetrics {
  onAnswered(request: AnsweredRequest): void
  /** Renders all metrics in the Prometheus text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** The state of one dependency of this server. `degraded`: works, but slower. */
export interface HealthCheck {
  readonly status: 'up' | 'degraded' | 'down'
  readonly detail?: string
}

export interface Readiness {
  /** False during startup, and from the moment that shutdown begins. */
  isServing(): boolean
  /** True once clients are to leave: each answer is then the last one on its connection. */
  isShedding?(): boolean
  /** Aborted once clients are to leave: live streams then end. Without it, the host closes their connections. */
  readonly shedding?: AbortSignal | undefined
  check(): Promise<Readonly<Record<string, HealthCheck>>>
}

export interface HttpDeps {
  readonly shop: Shop<never>
  /** The shops of a server of many: each request under `/api/` finds its own there. @default `shop` answers all */
  readonly tenants?: Tenants | undefined
  readonly authenticator: Authenticator
  /** `off`: a gateway has already authenticated; every caller is an administrator. */
  readonly auth: 'jwt' | 'off'
  /**
   * `true`: only requests from this machine are accepted, sent to a loopback host name and not through a proxy.
   * @default false
   */
  readonly localOnly?: boolean | undefined
  /** Who may charge balances. @default 'user' */
  readonly chargeAccess?: ChargeAccess | undefined
  readonly logger: Logger
  readonly metrics: HttpMetrics
  readonly readiness: Readiness
  /** Finds servers on the same database whose policies differ. Reads the current state. */
  readonly agreement?: { violations(): Promise<readonly Violation[]> } | undefined
  /** Number of trusted proxies in front of the server. */
  readonly trustProxy: number
  /**
   * Write requests per minute and caller. Public reads: ten times as many per minute and address. 0 turns both
   * limits off. Administrators are exempt.
   */
  readonly rateLimit: number
  /** Store of the write counts. @default memory of this process */
  readonly counts?: CountStore | undefined
  /** Maximum number of concurrent reads, and of concurrent writes. Further requests get UNAVAILABLE. @default 5_000 */
  readonly maxUnderWay?: number | undefined
  /** Maximum number of live streams. Further watchers get UNAVAILABLE. @default 1_000 */
  readonly liveConnections?: number | undefined
  readonly problemStatus?: ProblemStatus | undefined
  /** How refusals of the host's are answered, by code. */
  readonly problems?: CustomProblems | undefined
  /** The guards of the shop: the document lists their refusals. @default [] */
  readonly guards?: readonly Guard[] | undefined
  /** Whether commands can have companions: the document then lists their refusal. @default false */
  readonly companions?: boolean | undefined
  /** What the guards of a request know. @default no context */
  readonly context?: ContextOf | undefined
  /** Set only if demo data is on. */
  readonly demo?: Demo | undefined
  /** The folder of the page at `/`. */
  readonly page?: string | undefined
  /** The URL under which clients reach this server, without a slash at its end. @default the prefix of the host */
  readonly publicUrl?: string | undefined
  /** Origins whose pages may call from a browser. @default none */
  readonly corsOrigins?: readonly string[] | undefined
  /** What the host changes about the routes. */
  readonly host?: HostRoutes | undefined
}

/** What routes work with: what the host gives, and what the server keeps between requests. */
export interface RouteDeps extends Omit<HttpDeps, keyof ShopParts>, ShopParts {
  /** The problems of this server. */
  readonly problemTable: ProblemTable
}

/** What the stages before a route work with: without the shop, which may be in another process. */
export interface StageDeps extends Omit<RouteDeps, keyof ShopParts | 'demo' | 'metrics' | 'readiness'> {
  readonly metrics: Pick<HttpMetrics, 'onAnswered'>
  readonly readiness: Pick<Readiness, 'isShedding'>
  /** How demo users sign in; undefined if demo data is off. */
  readonly demo?: Pick<Demo, 'signIn' | 'isLocalOnly'> | undefined
  /** Store of the counts of public reads. @default memory of this process */
  readonly readCounts?: CountStore | undefined
  /** Limit requests that all other stages have let pass. @default they are counted like those that are refused */
  readonly limitsOfRuns?: RateLimits | undefined
  /** Counts requests with the same key. @default those of this process */
  readonly inFlightKeys?: Pick<InFlightKeys, 'hold'> | undefined
}

/** What routes need that touch neither the shop nor its data: they run in any process that answers requests. */
export type PageDeps = Pick<RouteDeps, 'live' | 'page' | 'problemTable'>
