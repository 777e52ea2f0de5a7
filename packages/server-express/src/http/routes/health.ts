import type { RouteDeps } from '../http-deps.js'
import type { Reply } from '../reply.js'
import { page, type Route, report } from '../route.js'
import { type Health, health } from '../schemas/operation.js'

const tag = 'Operation'

const response = { status: 200, contentType: 'application/json', schema: health }

const reply = (body: Health): Reply => ({
  status: body.status === 'down' ? 503 : 200,
  contentType: 'application/json',
  content: JSON.stringify(body),
  cacheControl: 'no-store',
})

const readinessOf = async ({ readiness, logger }: RouteDeps): Promise<Health> => {
  if (!readiness.isServing()) return { status: 'down', checks: {} }
  try {
    const checks = await readiness.check()
    const states = Object.values(checks).map(({ status }) => status)
    const status = states.includes('down') ? 'down' : states.includes('degraded') ? 'degraded' : 'up'
    return { status, checks }
  } catch (error) {
    logger.error({ err: error }, 'the readiness check failed')
    return { status: 'down', checks: {} }
  }
}

export const healthRoutes: readonly Route[] = [
  page({
    path: '/healthz',
    name: 'getHealth',
    summary: 'Liveness: the process responds',
    tag,
    response,
    handle: async () => reply({ status: 'up', checks: {} }),
  }),
  report({
    path: '/readyz',
    name: 'getReadiness',
    summary: 'Readiness: the server can serve requests',
    tag,
    response,
    otherStatuses: [503],
    handle: async (_, deps) => reply(await readinessOf(deps)),
  }),
  report({
    path: '/metrics',
    name: 'getMetrics',
    summary: 'Metrics in the Prometheus text format',
    tag,
    response: { status: 200, contentType: 'text/plain' },
    async handle(_, { metrics }) {
      const { contentType, text } = await metrics.render()
      return { status: 200, contentType, content: text, cacheControl: 'no-store' }
    },
  }),
]
