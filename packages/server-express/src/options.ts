import type {
  Clock,
  EventSender,
  ExecutorLimits,
  Locks,
  NewId,
  PolicyOverrides,
  PresetName,
  RelayOptions,
  Store,
} from '@shop/core'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import type { AuthenticateRequest } from './auth/authentication.js'
import type { JwtOptions, MapSubject } from './auth/jwt-options.js'
import type { DataPlatform } from './data-platform/http-sender.js'
import type { HostRoutes } from './http/host-routes.js'
import type { Authenticator, ProblemStatus } from './http/http-deps.js'
import type { JobName } from './scheduler/jobs.js'

/** `iss` and `aud` of every token; not checked where they are not set. */
type TokenClaims = Pick<JwtOptions, 'issuer' | 'audience'>

/** `off`: a gateway has already authenticated, and every caller is an administrator. */
export type AuthOptions =
  | 'off'
  /** HS256, with a secret of at least 32 bytes. */
  | (TokenClaims & { readonly secret: string })
  /**
   * RS, ES or EdDSA, with the keys that are published there; HS256, too, where there is a secret. It needs `issuer` and
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
  /** Middleware and handlers of the host among the routes of the shop. */
  readonly routes?: HostRoutes | undefined
  /** Origins whose pages may call from a browser, for example `https://shop.example`. @default none */
  readonly corsOrigins?: readonly string[] | undefined
  /** The URL under which clients reach this server, if a proxy removes a prefix. @default the prefix of the host */
  readonly publicUrl?: string | undefined
}

interface CommonOptions extends HttpOptions {
  /**
   * With `auth: 'off'`: `true` where only a gateway that authenticates reaches this server. Otherwise `listen` throws for a host
   * that others than this machine can reach and, with no proxy in front, requests that do not come from this machine by the
   * name `localhost` or its address are `FORBIDDEN`. @default false
   */
  readonly authOffIsSafe?: boolean | undefined
  /** `standard` where left out. */
  readonly preset?: PresetName | undefined
  /** Laid over the preset; wrong ones throw a PolicyError. */
  readonly policies?: PolicyOverrides | undefined
  /** Statuses of problem codes, where they shall be others than the contract's. */
  readonly problemStatus?: ProblemStatus | undefined
  /** Number of proxies in front; 0 where left out. */
  readonly trustProxy?: number | undefined
  /**
   * Requests a minute and caller on write routes, refused ones included: by user, or by address if no user is known;
   * and ten times as many public reads by address. 0, or left out: as many as they like. Administrators are
   * exempt, and so is everybody with `auth: 'off'`.
   */
  readonly rateLimit?: number | undefined
  /** Where order events are sent. Where left out, they wait in the outbox. */
  readonly dataPlatform?: DataPlatformOptions | undefined
  /**
   * Products, coupons and users to try the shop with, made once; and routes under `/api/demo` that run load on the
   * server. Not for a shop with real customers.
   */
  readonly demoData?: boolean | undefined
  /**
   * Who gets the token of an administrator by asking, while demo data is on. `true`: everybody who reaches the server. `local`:
   * who asks from this machine, by the name `localhost` or its address and not through a proxy. @default false
   */
  readonly demoSignIn?: boolean | 'local' | undefined
  /** `false`: no page at `/`. Without demo data there is none anyway. */
  readonly demoPage?: boolean | undefined
  /** `false`: no scheduled job runs here, nor a relay; other servers on the same data have to. */
  readonly scheduler?: boolean | undefined
  /** `false` for single jobs that do not run here, for example `{ ranking: false }`. @default all run */
  readonly jobs?: Readonly<Partial<Record<JobName, boolean>>> | undefined
  readonly limits?: Partial<ExecutorLimits> | undefined
  readonly newId?: NewId | undefined
  /** Silent where left out. */
  readonly logger?: Logger | undefined
}

export interface RedisOptions {
  /** Independent nodes. The first serves everything; the locks of users take an odd number of them. */
  readonly urls: readonly string[]
  /** One server at a time runs the commands of a user; `false` where left out. Worth it only where servers often meet at one user. */
  readonly userLocks?: boolean | undefined
}

interface PostgresOptions extends CommonOptions {
  /** The Postgres schema of our tables: `shop` where left out. */
  readonly schema?: string | undefined
  /** `false` behind a pooler in transaction mode; see `prepared` of `knexStore` and `knexConnection`. */
  readonly databasePrepared?: boolean | undefined
  /** `false`: somebody else brings the tables up to date; where they are not, createServer throws. @default true */
  readonly migrate?: boolean | undefined
  /** What the time is, instead of the database's. */
  readonly clock?: Clock | undefined
  /** Gate, cache and counts that servers share. It decides nothing: with Redis away everything is answered as without it. */
  readonly redis?: RedisOptions | undefined
}

export interface DatabaseUrlOptions extends PostgresOptions {
  readonly databaseUrl: string
  /** Connections, at most: 10 where left out. */
  readonly databasePool?: number | undefined
}

/** The caller's own knex with client `pg`; stays open when the server closes. */
export interface KnexOptions extends PostgresOptions {
  readonly knex: Knex
}

/** Any store; stays open when the server closes. It decides what the time is. */
export interface StoreOptions<Tx> extends CommonOptions {
  readonly store: Store<Tx>
  /** Elect the server that runs the scheduled jobs. Their tokens must live as long as the store's data. Where left out, this is the only server. */
  readonly locks?: Locks | undefined
}

export type ServerOptions = DatabaseUrlOptions | KnexOptions | StoreOptions<never>
