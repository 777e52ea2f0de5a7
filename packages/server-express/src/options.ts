import type { KnexStoreOptions } from '@shop/adapter-knex'
import type {
  CommandMiddleware,
  EventSender,
  ExecutorLimits,
  ExecutorObserver,
  Guard,
  Locks,
  NewId,
  PolicyOverrides,
  PresetName,
  RelayOptions,
  Store,
} from '@shop/core'
import type { Clock } from '@shop/core/store'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import type { AuthenticateRequest } from './auth/authentication.js'
import type { JwtOptions, MapSubject } from './auth/jwt-options.js'
import type { DataPlatform } from './data-platform/http-sender.js'
import type { ChargeAccess } from './http/caller.js'
import type { HostRoutes } from './http/host-routes.js'
import type { Authenticator } from './http/http-deps.js'
import type { CustomProblems, ProblemStatus } from './http/problem-table.js'
import type { ContextOf } from './http/request-shop.js'
import type { JobName } from './scheduler/jobs.js'

/** Required `iss` and `aud` of every token. Not checked if undefined. */
type TokenClaims = Pick<JwtOptions, 'issuer' | 'audience'>

/** `off`: an authenticating gateway is in front, and every caller is an administrator. */
export type AuthOptions =
  | 'off'
  /** HS256, with a secret of at least 32 bytes. */
  | (TokenClaims & { readonly secret: string })
  /**
   * RS, ES or EdDSA, with the keys of this key set. HS256 as well, if there is a secret. Requires `issuer` and
   * `audience`, unless `anyIssuer` is true.
   */
  | (TokenClaims & Pick<JwtOptions, 'anyIssuer'> & { readonly jwksUrl: string; readonly secret?: string | undefined })
  | Authenticator

/** Where events go: to an HTTP endpoint, or to a sender of the host, for example for Kafka or SQS. */
export type DataPlatformOptions = (
  | (DataPlatform & { readonly sender?: undefined })
  /** Must give up by itself within `relay.leaseMs`. */
  | { readonly sender: EventSender }
) & {
  /** Batch, lease, attempts and pauses of the relay. */
  readonly relay?: Partial<RelayOptions> | undefined
}

/** Observes commands, groups and jobs. Its errors are ignored. */
export interface ServerObserver extends ExecutorObserver {
  /** A run of a job has ended; with `error` if it failed. */
  onJob?(run: { readonly job: string; readonly ms: number; readonly error?: unknown }): void
}

/** What a host may do with the HTTP interface. */
interface HttpOptions {
  /** How requests are authenticated; either this or `authenticate` is required. */
  readonly auth?: AuthOptions | undefined
  /**
   * Finds the caller of a request with code of the host: cookies, sessions, `request.user` of passport are there. Resolves
   * with undefined for an unknown caller, who gets 401. The role `admin` makes an administrator.
   * @example authenticate: async (request) => request.user && { userId: request.user.id, roles: request.user.roles }
   */
  readonly authenticate?: AuthenticateRequest | undefined
  /** The user id of a genuine token's claims. @default the claim `sub` */
  readonly mapSubject?: MapSubject | undefined
  /**
   * Who charges balances, beside administrators. `'user'`: each user its own, without a payment. `'administrator'`: only
   * callers with the scope `shop:charge`, for example the webhook of a payment provider.
   * @default 'user'
   */
  readonly chargeAccess?: ChargeAccess | undefined
  /**
   * What the guards of a request know beside its rows and its input: plain JSON of at most 4,096 characters. It goes with
   * every command and every quote that a request runs, and is a part of the request of its `Idempotency-Key`: what differs
   * at the next attempt, such as a time, does not belong here. Jobs have no request: their context is empty.
   * @default no context
   * @example context: async (_request, _caller, { userId }) => ({ isMember: userId !== undefined && (await isMember(userId)) })
   */
  readonly context?: ContextOf | undefined
  /**
   * How refusals of your own are answered, by the codes of `CustomRefusals`. The server does not start without one for a
   * code that a guard or a command of `routes.commands` declares.
   * @default {}
   */
  readonly problems?: CustomProblems | undefined
  /** Middleware and handlers of the host among the routes of the shop, and routes for commands of its own. */
  readonly routes?: HostRoutes | undefined
  /** Origins whose pages may call from a browser, for example `https://shop.example`. @default none */
  readonly corsOrigins?: readonly string[] | undefined
  /** The URL under which clients reach this server, if a proxy removes a prefix. @default the prefix of the host */
  readonly publicUrl?: string | undefined
}

interface CommonOptions extends HttpOptions {
  /**
   * With `auth: 'off'`: `true` if only an authenticating gateway can reach this server.
   * If `false`, `listen` throws for a host that other machines can reach. Without a trusted proxy, a request is
   * `FORBIDDEN` unless it comes from this machine and names it as `localhost` or by its loopback address.
   * @default false
   */
  readonly authOffIsSafe?: boolean | undefined
  /** @default 'standard' */
  readonly preset?: PresetName | undefined
  /** Overrides of the preset. Invalid values throw a PolicyError. */
  readonly policies?: PolicyOverrides | undefined
  /**
   * The currency of all amounts, ISO 4217, for example `USD`: products, orders, balances and events name it. A label; no
   * amount changes. Unknown codes throw. @default none: no answer names a currency
   */
  readonly currency?: string | undefined
  /** HTTP statuses that replace the documented ones, by problem code. */
  readonly problemStatus?: ProblemStatus | undefined
  /**
   * How many processes answer HTTP that `listen` accepts: tokens, validation and answers then use further processors. `1`: this
   * process alone. From 2 on, as many further processes, while this one runs the shop; `'auto'`: one for each processor but one.
   * Functions cannot travel to them: `authenticate`, an authenticator, `mapSubject`, `context` and `routes` need 1. `app` and
   * `router` answer in this process.
   * @default 1
   */
  readonly workers?: number | 'auto' | undefined
  /** Number of trusted proxies in front of the server. @default 0 */
  readonly trustProxy?: number | undefined
  /**
   * Write requests per minute, by user, or by address if the user is unknown. Refused requests count. Public
   * reads: ten times as many per minute and address. 0 turns both limits off. Administrators are exempt, and so
   * is everyone with `auth: 'off'`. @default 0
   */
  readonly rateLimit?: number | undefined
  /** Maximum number of live streams of products. Further watchers get UNAVAILABLE. @default 1_000 */
  readonly liveConnections?: number | undefined
  /** Receives the events that policy `events` names. Without it, events stay in the outbox; with demo data, a receiver takes and forgets them. */
  readonly dataPlatform?: DataPlatformOptions | undefined
  /**
   * Creates products, coupons and users to try the shop with, once. Adds routes under `/api/demo` that run load
   * on the server. Not for a shop with real customers.
   */
  readonly demoData?: boolean | undefined
  /**
   * Who can get an administrator's token by asking, while demo data is on. `true`: everyone who reaches the
   * server. `'local'`: requests from this machine that name it as `localhost` or by its loopback address, not
   * through a proxy. @default false
   */
  readonly demoSignIn?: boolean | 'local' | undefined
  /** Serves the page at `/`, if demo data is on. @default true */
  readonly demoPage?: boolean | undefined
  /**
   * Runs scheduled jobs and the relay in this server. If `false`, another process on the same data must run them,
   * and counted views stay in memory until `close`. @default true
   */
  readonly scheduler?: boolean | undefined
  /**
   * `false` for jobs that do not run here. A server without `expiry`, `ranking` and `purge` never leads. To turn off
   * only one of these, do so in every server. @default all run
   */
  readonly jobs?: Readonly<Partial<Record<JobName, boolean>>> | undefined
  readonly limits?: Partial<ExecutorLimits> | undefined
  /** House rules: every call of their commands passes them, by HTTP, by a job or by `server.shop`. @default [] */
  readonly guards?: readonly Guard[] | undefined
  /** Wraps every command, outside the server's own: the coupon gate and the locks of users. @default [] */
  readonly middleware?: readonly CommandMiddleware[] | undefined
  /** Called for each command, group, retry and run of a job, beside the server's own metrics. */
  readonly observer?: ServerObserver | undefined
  readonly newId?: NewId | undefined
  /** @default a silent logger */
  readonly logger?: Logger | undefined
}

export interface RedisOptions {
  /**
   * Independent nodes, `redis://…`; the first one serves everything, and user locks need an odd number of nodes. Or one
   * cluster (`redis-cluster://host1,host2`), or one Sentinel group (`redis-sentinel://host1,host2/name`), alone.
   */
  readonly urls: readonly string[]
  /**
   * Runs the commands of one user on one server at a time. It costs more than it saves. With two servers, charges of
   * 2,000 users dropped from 3,109–4,039 to 1,550–2,050 a second; those of 4 users from 4,048–5,170 to 2,555–3,593
   * (docs/operate/redis.md). Refused with a cluster or a Sentinel group.
   * @default false
   */
  readonly userLocks?: boolean | undefined
}

/** How replicas take reads. */
export interface ReplicaReads {
  /**
   * How old a public list may be, in milliseconds: 100 to 60,000. An older replica takes no reads.
   * @default 1_000
   */
  readonly maxLagMs?: number | undefined
  /** Whether live streams of products read from replicas, too. @default false */
  readonly live?: boolean | undefined
}

/** Replicas that the server connects to, each with as many connections as `databasePool`. */
export interface UrlReplicas extends ReplicaReads {
  /** At least one URL of a hot standby, of the form of `databaseUrl`. */
  readonly urls: readonly string[]
}

/** Replicas of the host's. They stay open when the server closes. */
export interface KnexReplicas extends ReplicaReads {
  /** At least one Knex of a hot standby. */
  readonly knex: readonly Knex[]
}

interface PostgresOptions extends CommonOptions {
  /** The Postgres schema of the shop's tables. @default 'shop' */
  readonly schema?: string | undefined
  /**
   * Set to `false` behind a pooler in transaction mode; see `prepared` of `knexStore` and `knexConnection`.
   * @default true
   */
  readonly databasePrepared?: boolean | undefined
  /**
   * How long requests wait for a database that has just gone away, in milliseconds from 0 to 9000; see `databaseWaitMs` of
   * `knexStore`.
   * @default 0
   */
  readonly databaseWaitMs?: number | undefined
  /** Migrates the tables at startup. If `false`, createServer throws unless they are up to date. @default true */
  readonly migrate?: boolean | undefined
  /** Replaces the clock of the database. */
  readonly clock?: Clock | undefined
  /**
   * Tables of your own whose rows commit with commands; see `companions` of `knexStore`. Middleware adds the rows to a call:
   * `(call, next) => next({ ...call, with: { giftNotes: row } })`. @default none
   */
  readonly companions?: KnexStoreOptions['companions']
  /**
   * Shares a coupon gate, a cache and rate limit counts between servers. Redis decides nothing: while it is
   * unavailable, results stay the same.
   */
  readonly redis?: RedisOptions | undefined
}

export interface DatabaseUrlOptions extends PostgresOptions {
  readonly databaseUrl: string
  /** Maximum number of connections. @default 10 */
  readonly databasePool?: number | undefined
  /**
   * Hot standbys that answer public lists; while none is fit, the primary does. The server starts without them.
   * @default none
   */
  readonly replicas?: UrlReplicas | undefined
}

/** Your own knex instance with client `pg`. It stays open when the server closes. */
export interface KnexOptions extends PostgresOptions {
  readonly knex: Knex
  /** As with `databaseUrl`, with a Knex for each. @default none */
  readonly replicas?: KnexReplicas | undefined
}

/** Any store. It provides the clock, and stays open when the server closes. */
export interface StoreOptions<Tx> extends CommonOptions {
  readonly store: Store<Tx>
  /**
   * Elects the server that runs the scheduled jobs. Fencing tokens must live as long as the data of the store.
   * Without locks, this server must be the only one.
   */
  readonly locks?: Locks | undefined
}

export type ServerOptions = DatabaseUrlOptions | KnexOptions | StoreOptions<never>
