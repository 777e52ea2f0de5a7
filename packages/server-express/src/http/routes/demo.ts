import type { Demo } from '../../demo/demo.js'
import { demoAccounts, signInWayOf } from '../../demo/demo.js'
import type { HttpDeps } from '../http-deps.js'
import { refuse } from '../problem.js'
import { command, type Route, read } from '../route.js'
import * as schemas from '../schemas/demo.js'
import { isFromThisMachine } from '../this-machine.js'

const tag = 'Demo'

const demoOf = ({ demo }: HttpDeps): Demo => {
  if (!demo) throw refuse('NOT_FOUND')
  return demo
}

export const demoRoutes: readonly Route[] = [
  read({
    path: '/api/demo',
    name: 'getDemo',
    summary: 'Whom one can be, and how large a rush may be',
    tag,
    access: 'public',
    answer: schemas.demo,
    handle: async ({ request }, deps) => schemas.demoView(signInWayOf(demoOf(deps), isFromThisMachine(request))),
  }),
  command({
    method: 'POST',
    path: '/api/demo/rushes',
    name: 'startRush',
    summary: 'Let more buyers come than there is to have; one rush at a time',
    tag,
    access: 'administrator',
    body: schemas.startRush,
    status: 202,
    answer: schemas.rush,
    location: ({ rushId }) => `/api/demo/rushes/${rushId}`,
    async handle({ body, idempotency }, deps) {
      const { rushes } = demoOf(deps)
      const earlier = rushes.earlier(body, idempotency)
      if (earlier) return earlier
      if (rushes.isBusy) throw refuse('RATE_LIMITED', { 'retry-after': '1' })
      return { ok: true, result: rushes.start(body, idempotency), replayed: false }
    },
  }),
  read({
    path: '/api/demo/rushes/{rushId}',
    name: 'getRush',
    summary: 'A rush so far; at its end, with its sums and every law',
    tag,
    access: 'administrator',
    refusals: ['NOT_FOUND'],
    answer: schemas.rush,
    async handle({ params }, deps) {
      const rush = demoOf(deps).rushes.get(params.rushId)
      if (!rush) throw refuse('NOT_FOUND')
      return rush
    },
  }),
]

/** Absent where nobody may become an administrator by asking. */
export const signInRoutes: readonly Route[] = [
  command({
    method: 'POST',
    path: '/api/demo/sign-in',
    name: 'signIn',
    summary: 'A token of a demo user, or of an administrator',
    tag,
    access: 'public',
    isThere: (request, { demo }) => demo !== undefined && signInWayOf(demo, isFromThisMachine(request)) !== 'elsewhere',
    body: schemas.signIn,
    answer: schemas.signedIn,
    async handle({ body: { userId } }, deps) {
      const { signToken } = demoOf(deps)
      const isAdministrator = demoAccounts.some((each) => each.userId === userId && each.isAdministrator)
      const token = (await signToken?.(userId, isAdministrator)) ?? null
      return { ok: true, result: { userId, isAdministrator, token }, replayed: false }
    },
  }),
]
