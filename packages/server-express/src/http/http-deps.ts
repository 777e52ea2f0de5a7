import type { RefusalCode, Shop, Violation } from '@shop/core'
import type { Store as CountStore } from 'express-rate-limit'
import type { Logger } from 'pino'
import type { Demo } from '../demo/demo.js'
import type { PageFiles } from './page-files.js'

/** The sender of a request. */
export interface Caller {
  /** The user it acts for. With authentication off: the user that the request names. */
  readonly userId: string
  readonly isAdministrator: boolean
}

/** Authenticates a request by its Authorization header. Resolves with undefined if the caller is unknown. */
export interface Authenticator {
  authenticate(authorization: string | undefined): Promise<Caller | undefined>
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
  check(): Promise<Readonly<Record<string, HealthCheck>>>
}

/** HTTP statuses that the embedding application overrides, by problem code. */
export type ProblemStatus = Partial<Record<RefusalCode, number>>

export interface HttpDeps {
  readonly shop: Shop<never>
  readonly authenticator: Authenticator
  /** `off`: a gateway has already authenticated; every caller is an administrator. */
  readonly auth: 'jwt' | 'off'
  /**
   * `true`: only requests from this machine are accepted, sent to a loopback host name and not through a proxy.
   * @default false
   */
  readonly localOnly?: boolean | undefined
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
  readonly problemStatus?: ProblemStatus | undefined
  /** Set only if demo data is on. */
  readonly demo?: Demo | undefined
  /** The page at `/`. */
  readonly page?: PageFiles | undefined
}
