import type { Container } from 'inversify'
import { ServerReadiness } from '../health/readiness.js'
import { httpInterface } from '../http/app.js'
import { assetFolder } from '../http/files.js'
import type { HttpDeps } from '../http/http-deps.js'
import type { ServerOptions } from '../options.js'
import { authenticatorOf } from './authenticator.js'
import { tokens as T } from './tokens.js'

type GivenToHttp = Pick<
  ServerOptions,
  | 'auth'
  | 'authOffIsSafe'
  | 'chargeAccess'
  | 'trustProxy'
  | 'rateLimit'
  | 'liveConnections'
  | 'problemStatus'
  | 'problems'
  | 'guards'
  | 'context'
  | 'corsOrigins'
  | 'publicUrl'
  | 'routes'
>

/** What the HTTP interface takes from the options of a server. */
export const httpOptions = (options: GivenToHttp) => {
  const { auth, authOffIsSafe = false, trustProxy = 0, rateLimit = 0 } = options
  return {
    auth: auth === 'off' ? 'off' : 'jwt',
    localOnly: auth === 'off' && !authOffIsSafe && trustProxy === 0,
    chargeAccess: options.chargeAccess,
    trustProxy,
    rateLimit,
    liveConnections: options.liveConnections,
    problemStatus: options.problemStatus,
    problems: options.problems,
    guards: options.guards,
    context: options.context,
    corsOrigins: options.corsOrigins,
    publicUrl: options.publicUrl?.replace(/\/$/, ''),
    host: options.routes,
  } satisfies Partial<HttpDeps>
}

/** Whether the page at `/` is served. */
export const hasPage = ({ demoData = false, demoPage = true }: ServerOptions): boolean => demoData && demoPage

/** Binds what answers requests. */
export const bindHttp = (container: Container, options: ServerOptions): void => {
  container.bind(T.authenticator).toResolvedValue((logger) => authenticatorOf(options, logger), [T.logger])
  container.bind(T.readiness).toResolvedValue(
    (database, redis, agreement, history, replicas) =>
      new ServerReadiness({
        database,
        ...(redis && { redis: () => redis.check() }),
        ...(agreement && { policies: () => agreement.check() }),
        ...(history && { history: () => history.check() }),
        ...(replicas && { replicas: () => replicas.check() }),
      }),
    [T.storeCheck, T.redis, T.agreement, T.history, T.replicas],
  )
  container.bind(T.http).toResolvedValue(
    (shop, store, authenticator, logger, metrics, readiness, redis, agreement, demo) =>
      httpInterface({
        ...httpOptions(options),
        shop,
        authenticator,
        logger,
        metrics,
        readiness,
        agreement,
        counts: redis?.counts,
        companions: (store.companions ?? []).length > 0 && (options.middleware ?? []).length > 0,
        demo,
        page: hasPage(options) ? assetFolder('page') : undefined,
      }),
    [T.shop, T.store, T.authenticator, T.logger, T.metrics, T.readiness, T.redis, T.agreement, T.demo],
  )
}
