import { isIPv6 } from 'node:net'
import type { Request } from 'express'
import type { Demo } from '../../demo/demo.js'
import { demoAccounts, signInWayOf } from '../../demo/demo.js'
import type { RushMode } from '../../demo/rush/rush.js'
import type { RouteDeps } from '../http-deps.js'
import { invalid, refuse } from '../problem.js'
import { command, type Route, read } from '../route.js'
import * as schemas from '../schemas/demo.js'
import { isFromThisMachine } from '../this-machine.js'

const tag = 'Demo'

const demoOf = ({ demo }: RouteDeps): Demo => {
  if (!demo) throw refuse('NOT_FOUND')
  return demo
}

const refuseImpossible = (possible: readonly RushMode[], wanted: readonly RushMode[]): void => {
  const errors = wanted.flatMap((mode, index) =>
    possible.includes(mode) ? [] : [{ path: `modes[${index}]`, message: `this server cannot run ${mode}` }],
  )
  if (errors.length > 0) throw invalid(errors)
}

/** The address at which this request reached this server, behind any proxy, and the path of the shop in its host. */
const ownAddress = ({ socket, baseUrl }: Request): string => {
  const address = (socket.localAddress ?? '127.0.0.1').replace(/^::ffff:/i, '')
  return `http://${isIPv6(address) ? `[${address}]` : address}:${socket.localPort}${baseUrl}`
}

export const demoRoutes: readonly Route[] = [
  read({
    path: '/api/demo',
    name: 'getDemo',
    summary: 'List the demo users and the limits of a rush',
    tag,
    access: 'public',
    readsRequest: true,
    response: schemas.demo,
    async handle({ request }, deps) {
      const demo = demoOf(deps)
      return schemas.demoView(signInWayOf(demo, isFromThisMachine(request)), {
        modes: demo.rushes.modes,
        currency: deps.shop.currency,
      })
    },
  }),
  command({
    method: 'POST',
    path: '/api/demo/rushes',
    name: 'startRush',
    summary: 'Start a rush: more buyers than stock. One rush runs at a time',
    tag,
    access: 'administrator',
    runs: undefined,
    readsRequest: true,
    body: schemas.startRush,
    status: 202,
    response: schemas.rush,
    location: ({ rushId }) => `/api/demo/rushes/${rushId}`,
    async handle({ request, body, idempotency }, deps) {
      const { rushes } = demoOf(deps)
      refuseImpossible(rushes.modes, body.modes)
      const earlier = rushes.earlier(body, idempotency)
      if (earlier) return earlier
      if (rushes.isBusy) throw refuse('RATE_LIMITED', { 'retry-after': '1' })
      return { ok: true, result: rushes.start(body, ownAddress(request), idempotency), replayed: false }
    },
  }),
  read({
    path: '/api/demo/rushes/{rushId}',
    name: 'getRush',
    summary: 'Get the progress of a rush; once done, with its proofs and law checks',
    tag,
    access: 'administrator',
    refusals: ['NOT_FOUND'],
    response: schemas.rush,
    async handle({ params }, deps) {
      const rush = demoOf(deps).rushes.get(params.rushId)
      if (!rush) throw refuse('NOT_FOUND')
      return rush
    },
  }),
]

/** Present only if this server signs demo users in. */
export const signInRoutes: readonly Route[] = [
  command({
    method: 'POST',
    path: '/api/demo/sign-in',
    name: 'signIn',
    summary: 'Get a token for a demo user or an administrator',
    tag,
    access: 'public',
    runs: undefined,
    isAvailable: (request, { demo }) =>
      demo !== undefined && signInWayOf(demo, isFromThisMachine(request)) !== 'elsewhere',
    body: schemas.signIn,
    response: schemas.signedIn,
    async handle({ body: { userId } }, deps) {
      const { signToken } = demoOf(deps)
      const isAdministrator = demoAccounts.some((each) => each.userId === userId && each.isAdministrator)
      const token = (await signToken?.(userId, isAdministrator)) ?? null
      return { ok: true, result: { userId, isAdministrator, token }, replayed: false }
    },
  }),
]
