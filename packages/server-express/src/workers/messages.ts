import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { IdempotencyKey, ProductsAt } from '@shop/core'
import type { Registry } from 'prom-client'
import type { Caller } from '../http/caller.js'
import type { Problem } from '../http/problem.js'
import type { CountName } from '../http/rate-limit.js'
import type { Headers } from '../http/reply.js'
import type { LogLevel } from '../observability/logger.js'
import type { WorkerHttpOptions } from './worker-options.js'

/** What some routes read of a request itself. */
export interface RequestFacts {
  readonly headers: IncomingHttpHeaders
  readonly httpVersion: string
  readonly remoteAddress: string | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
}

/** A request that all stages of a worker have let pass. */
export interface RouteQuestion {
  /** The operationId of the route. */
  readonly route: string
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
  readonly caller: Caller
  readonly idempotency?: IdempotencyKey | undefined
  /** Only for routes that read it. */
  readonly request?: RequestFacts | undefined
  /** Only for requests that are limited. */
  readonly counts?: CountedRun | undefined
}

export interface CountQuestion {
  readonly count: CountName
  readonly key: string
}

/** A request that is counted before it runs, and does not run beyond the limit. */
export interface CountedRun extends CountQuestion {
  readonly most: number
}

/** Asks for the states of products, for live streams. */
export interface StatesQuestion {
  readonly productIds: readonly string[]
}

/** Takes or gives back a place for a live stream. */
export interface PlaceQuestion {
  readonly place: 'take' | 'give'
}

export type Question = RouteQuestion | CountQuestion | StatesQuestion | PlaceQuestion

/** What a worker sends over the link. */
export type Asked = Question & { readonly id: number }

/** Resolved by a count: as a store of express-rate-limit tells it, with the time in milliseconds since 1970. */
export interface Counted {
  readonly totalHits: number
  readonly resetAt: number | undefined
}

/** The head of a reply; its content follows the messages of the frame. */
export interface ReplyHead {
  readonly status: number
  /** @default 'application/json' */
  readonly contentType?: string | undefined
  readonly headers?: Headers | undefined
  readonly cacheControl?: string | undefined
  readonly vary?: string | undefined
}

/** What the engine sends over the link. */
export type Answer = { readonly id: number } & (
  | { readonly reply: ReplyHead; readonly bytes: number; readonly counted?: Counted | undefined }
  | { readonly problem: Problem; readonly counted?: Counted | undefined }
  | { readonly value: Counted | ProductsAt | boolean }
)

/** What a worker is made from. */
export interface WorkerSettings {
  /** From 1. */
  readonly number: number
  readonly logLevel: LogLevel
  readonly http: WorkerHttpOptions
  readonly port: number
  readonly host: string
}

/** What the engine tells a worker, beside the link. */
export type Order =
  | { readonly kind: 'start'; readonly settings: WorkerSettings }
  /** From now on, each answer is the last one on its connection. */
  | { readonly kind: 'shed' }
  /** Accept no connection, answer what is under way, then end. */
  | { readonly kind: 'close'; readonly graceMs: number }
  | { readonly kind: 'report' }

/** All metrics of a registry, as data. */
export type MetricsJson = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** What the process of a worker uses. */
export interface ProcessUse {
  /** Seconds of processor time. */
  readonly processorSeconds: number
  readonly residentBytes: number
  readonly connections: number
}

/** What a worker tells the engine, beside the link. */
export type Report =
  /** It listens for orders. Those that come earlier are lost. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'listening'; readonly address: AddressInfo }
  | { readonly kind: 'failed'; readonly error: { readonly message: string; readonly code?: string | undefined } }
  | { readonly kind: 'state'; readonly metrics: MetricsJson; readonly use: ProcessUse }
  /** The number of connections that were cut off. */
  | { readonly kind: 'closed'; readonly cut: number }
