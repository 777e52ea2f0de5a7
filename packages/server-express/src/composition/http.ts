import type { Container } from 'inversify'
import { ServerReadiness } from '../health/readiness.js'
import { httpInterface } from '../http/app.js'
import { assetFolder } from '../http/files.js'
import type { ServerOptions } from '../options.js'
import { authenticatorOf } from './authenticator.js'
import { tokens as T } from './tokens.js'

/** Binds what answers requests. */
export const bindHttp = (container: Container, options: ServerOptions): void => {
  const { auth, authOffIsSafe = false, problemStatus, trustProxy = 0, rateLimit = 0 } = options
  const { demoData = false, demoPage = true } = options
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
        shop,
        authenticator,
        auth: auth === 'off' ? 'off' : 'jwt',
        chargeAccess: options.chargeAccess,
        localOnly: auth === 'off' && !authOffIsSafe && trustProxy === 0,
        logger,
        metrics,
        readiness,
        agreement,
        trustProxy,
        rateLimit,
        liveConnections: options.liveConnections,
        counts: redis?.counts,
        problemStatus,
        problems: options.problems,
        guards: options.guards,
        companions: (store.companions ?? []).length > 0 && (options.middleware ?? []).length > 0,
        context: options.context,
        corsOrigins: options.corsOrigins,
        publicUrl: options.publicUrl?.replace(/\/$/, ''),
        host: options.routes,
        demo,
        page: demoData && demoPage ? assetFolder('page') : undefined,
      }),
    [T.shop, T.store, T.authenticator, T.logger, T.metrics, T.readiness, T.redis, T.agreement, T.demo],
  )
}
