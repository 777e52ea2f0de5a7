import type { RefusalCode, Shop, Violation } from '@shop/core'
import type { Request } from 'express'
import type { Store as CountStore } from 'express-rate-limit'
import type { Logger } from 'pino'
import type { Demo } from '../demo/demo.js'
import type { Caller } from './caller.js'
import type { HostRoutes } from './host-routes.js'

/** Finds out who sent a request. Resolves with undefined for an unknown caller. */
export interface Authenticator {
  authenticate(request: Request): Promise<Caller | undefined>
}

/** One answered request, as metrics see it. `route` is the pattern (`/api/orders/{orderId}`), never the path itself. */
export interface AnsweredRequest {
  readonly method: string
  readonly route: string
  readonly status: number
  /** The problem code, where it was refused. */
  readonly code?: string | undefined
  readonly seconds: number
}

export interface HttpMetrics {
  onAnswered(request: AnsweredRequest): void
  /** Everything in the Prometheus text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** How one thing this server needs is doing. `degraded` works, only slower. */
export interface HealthCheck {
  readonly status: 'up' | 'degraded' | 'down'
  readonly detail?: string
}

export interface Readiness {
  /** False while starting and from the first moment of stopping. */
  isServing(): boolean
  /** True once clients are to leave: each answer is then the last one on its connection. */
  isShedding?(): boolean
  check(): Promise<Readonly<Record<string, HealthCheck>>>
}

/** Statuses of problem codes that the embedding application wants otherwise. */
export type ProblemStatus = Partial<Record<RefusalCode, number>>

export interface HttpDeps {
  readonly shop: Shop<never>
  readonly authenticator: Authenticator
  /** `off`: a gateway has already authenticated; every caller is an administrator. */
  readonly auth: 'jwt' | 'off'
  /** `true`: callers are answered only from this machine, by a name of it and not through a proxy. @default false */
  readonly localOnly?: boolean | undefined
  readonly logger: Logger
  readonly metrics: HttpMetrics
  readonly readiness: Readiness
  /** Where servers on one data can differ: how they do, asked now. */
  readonly agreement?: { violations(): Promise<readonly Violation[]> } | undefined
  /** Number of proxies in front. */
  readonly trustProxy: number
  /**
   * Requests a minute and caller on write routes, and ten times as many public reads by address; 0 is off. Administrators
   * are exempt.
   */
  readonly rateLimit: number
  /** Where writes are counted. @default this process */
  readonly counts?: CountStore | undefined
  /** Reads that are answered at once, and as many writes. Beyond them, callers get UNAVAILABLE. @default 5_000 */
  readonly maxUnderWay?: number | undefined
  readonly problemStatus?: ProblemStatus | undefined
  /** Only while demo data is on. */
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
