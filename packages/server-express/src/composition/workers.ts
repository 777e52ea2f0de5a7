import type { Container } from 'inversify'
import { liveConnectionsOf } from '../http/live/live-products.js'
import type { ServerOptions } from '../options.js'
import { workerCount } from '../workers/worker-count.js'
import type { WorkerHttpOptions } from '../workers/worker-options.js'
import { hasPage } from './http.js'
import { tokens as T } from './tokens.js'

/** The options were checked: none of them is a function. */
const workerOptions = (options: ServerOptions, demo: WorkerHttpOptions['demo']): WorkerHttpOptions => ({
  auth: options.auth as WorkerHttpOptions['auth'],
  authOffIsSafe: options.authOffIsSafe,
  chargeAccess: options.chargeAccess,
  trustProxy: options.trustProxy,
  rateLimit: options.rateLimit,
  problemStatus: options.problemStatus,
  problems: options.problems,
  corsOrigins: options.corsOrigins,
  publicUrl: options.publicUrl,
  demo,
  hasPage: hasPage(options),
})

/** Binds the workers, if there are any. Their modules are loaded only then. */
export const bindWorkers = (container: Container, options: ServerOptions): void => {
  const count = workerCount(options.workers)
  if (count === 1) {
    container.bind(T.workers).toConstantValue(undefined)
    return
  }
  container.bind(T.workers).toResolvedValue(
    async (http, shop, logger, metrics, readiness, demo) => {
      const [{ WorkerPool }, { WorkerMetrics }] = await Promise.all([
        import('../workers/worker-pool.js'),
        import('../workers/worker-metrics.js'),
      ])
      const ofWorkers = new WorkerMetrics(metrics.registry)
      metrics.renderedBy((registry) => ofWorkers.render(registry))
      return new WorkerPool({
        count,
        http: workerOptions(options, demo && { signIn: demo.signIn, isLocalOnly: demo.isLocalOnly }),
        table: http.table,
        states: (productIds) => shop.products.states({ productIds }),
        logger,
        metrics: ofWorkers,
        readiness,
        liveConnections: liveConnectionsOf(options),
      })
    },
    [T.http, T.shop, T.logger, T.metrics, T.readiness, T.demo],
  )
}
