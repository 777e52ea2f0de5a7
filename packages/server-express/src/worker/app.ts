import type { Express } from 'express'
import type { Logger } from 'pino'
import { authenticatorOf } from '../composition/authenticator.js'
import { httpOptions } from '../composition/http.js'
import { appWith } from '../http/app.js'
import { assetFolder } from '../http/files.js'
import type { HttpMetrics, PageDeps, StageDeps } from '../http/http-deps.js'
import { LiveProducts } from '../http/live/live-products.js'
import { problemTable } from '../http/problem-table.js'
import { makeRoutes } from '../http/route-table.js'
import { routersOver } from '../http/shop-router.js'
import type { WorkerHttpOptions } from '../workers/worker-options.js'
import type { EngineClient } from './engine-client.js'
import { RunLimits } from './run-limits.js'
import { liveWithPlaces } from './shared-live.js'

interface WorkerAppDeps {
  readonly options: WorkerHttpOptions
  readonly engine: EngineClient
  readonly logger: Logger
  readonly metrics: Pick<HttpMetrics, 'onAnswered'>
  /** Aborted once clients are to leave. */
  readonly shedding: AbortSignal
}

/** The HTTP interface of a worker: all stages run here, the routes of the shop run in the engine. */
export const workerApp = ({ options, engine, logger, metrics, shedding }: WorkerAppDeps): Express => {
  const { demo, hasPage } = options
  const table = problemTable(options)
  const live = new LiveProducts({
    states: (productIds) => engine.states(productIds),
    // The engine counts the places.
    hasRoom: () => true,
    logger,
    closing: shedding,
  })
  const page = hasPage ? assetFolder('page') : undefined
  const pages: PageDeps = { live: liveWithPlaces(live, engine), page, problemTable: table, engine }
  const given = httpOptions(options)
  // Behind a gateway that authenticates, every caller is an administrator.
  const limits = new RunLimits(given.auth === 'off' ? 0 : given.rateLimit)
  const deps: StageDeps = {
    ...given,
    authenticator: authenticatorOf(options, logger),
    logger,
    metrics,
    readiness: { isShedding: () => shedding.aborted },
    problemTable: table,
    demo,
    page,
    counts: engine.counts('writes'),
    readCounts: engine.counts('reads'),
    // The engine counts them, over all workers.
    inFlightKeys: { hold: (_scope, _key, work) => work() },
    limitsOfRuns: limits.limits,
  }
  const routes = makeRoutes({
    demo: demo !== undefined,
    signIn: demo?.signIn !== 'elsewhere',
    page: hasPage,
    chargeAccess: options.chargeAccess,
  })
  const routerWith = routersOver(deps, routes, async (route, call) => {
    if (route.runWithoutShop) return route.runWithoutShop(call, pages)
    const { request } = call
    const { answer, counted } = await engine.run(route, call, limits.countFor(request))
    if (counted) await limits.show(request, counted)
    return answer
  })
  return appWith(deps, routerWith)
}
