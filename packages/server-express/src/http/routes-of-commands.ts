import type { CallOptions } from '@shop/core'
import type { CommandRoute } from './command-route.js'
import { hosted, jsonSchemaOf } from './host-schema.js'
import { invalid, refusalProblem } from './problem.js'
import { paramNames, type Route, type RouteCall, replyOf } from './route.js'

/** The `operationId` of a route. */
export const operationOf = ({ name, command }: CommandRoute): string =>
  name ?? command.name.replace(/[^A-Za-z0-9]+(.)?/g, (_, letter = '') => letter.toUpperCase())

/** The fields of a body, as far as its JSON Schema tells. */
export const fieldsOf = ({ body }: CommandRoute): readonly string[] => {
  const { properties } = body ? jsonSchemaOf(body, 'input') : {}
  return Object.keys((properties ?? {}) as object)
}

type Sent = Pick<RouteCall, 'params' | 'body'>

/** Parameters of the path come last: no body can name another resource than the path. */
const inputOf = ({ params, body = {} }: Sent): Record<string, unknown> => {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Error('the schema of this body has made something else than an object')
  return { ...body, ...(params as object) }
}

/** Whether every request names its user. */
const namesUser = (given: CommandRoute): boolean =>
  given.userOf !== undefined || [...paramNames(given.path), ...fieldsOf(given)].includes('userId')

/**
 * The user of the input itself. A JSON Schema does not tell all fields of an input: not those of a union, not further
 * properties, and not fields that the schema adds.
 */
const userOf =
  (given: CommandRoute): NonNullable<Route['userOf']> =>
  (sent) => {
    const input = inputOf(sent)
    if (given.userOf) return given.userOf(input)
    const { userId } = input
    if (userId === undefined || typeof userId === 'string') return userId
    throw invalid([{ path: 'userId', message: 'must be a text' }])
  }

/** The row of the route table. */
export const routeOf = (given: CommandRoute): Route => {
  const { method, path, command, access, body, status = 200, response, tag = 'Custom' } = given
  return {
    method,
    path,
    name: operationOf(given),
    summary: given.summary ?? command.name,
    tag,
    access,
    runs: command,
    body: body && hosted(body),
    isBodyOptional: false,
    isKeyed: method === 'POST',
    userOf: access === 'public' ? undefined : userOf(given),
    isUserOptional: !namesUser(given),
    refusals: [...(given.refusals ?? command.refusals ?? []), ...(given.with ? (['COMPANION_FAILED'] as const) : [])],
    response: { status, contentType: 'application/json', schema: response && hosted(response) },
    hasLocation: false,
    isListed: true,
    async run({ request, caller, idempotency, ...sent }, { shop }) {
      const input = inputOf(sent)
      const options: CallOptions = { idempotency, with: given.with?.(input, { request, caller }) }
      const outcome = await shop.execute(command, input, options)
      return outcome.ok ? replyOf(outcome, status) : refusalProblem(outcome.refusal, outcome.replayed)
    },
  }
}
