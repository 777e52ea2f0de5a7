import type { ProblemCode } from '../problem-kind.js'
import type { ProblemTable } from '../problem-table.js'
import type { Route } from '../route.js'

/** Every problem that a route can respond with, in order of precedence. */
export const problemsOf = (
  { path, method, access, isKeyed, body, userOf, refusals }: Route,
  table: ProblemTable,
): readonly ProblemCode[] => {
  if (!path.startsWith('/api/')) return ['INTERNAL']
  const writes = method !== 'GET'
  const can = new Set<ProblemCode>(['INVALID_REQUEST', 'RATE_LIMITED', 'INTERNAL', 'UNAVAILABLE', ...refusals])
  const add = (condition: boolean, ...codes: readonly ProblemCode[]) => {
    if (condition) for (const code of codes) can.add(code)
  }
  add(access !== 'public', 'UNAUTHENTICATED')
  add(access === 'administrator' || userOf !== undefined, 'FORBIDDEN')
  add(writes, 'PAYLOAD_TOO_LARGE')
  add(writes || body !== undefined, 'UNSUPPORTED_MEDIA_TYPE')
  add(isKeyed, 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_PROGRESS')
  return (Object.keys(table) as ProblemCode[]).filter((code) => can.has(code))
}
