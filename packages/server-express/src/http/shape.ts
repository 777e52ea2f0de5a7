import { type InvalidField, idRule, isId } from '@shop/core'
import type { z } from 'zod'
import { type Body, parseJson } from './body.js'
import { invalid } from './problem.js'
import type { Call, Route } from './route.js'
import type { Match } from './router.js'

/** What a request says, once it is known to be well-formed. */
export interface Shape extends Pick<Call, 'params' | 'query' | 'body'> {
  /** The body and the path parameters as they were sent: what an idempotency key is compared by. */
  readonly sent: { readonly params: unknown; readonly body: unknown }
}

const maxPathLength = 100

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('')
    .slice(0, maxPathLength)

const fieldsOf = ({ issues }: z.ZodError): InvalidField[] =>
  issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: 'is not known here' }))
      : [{ path: pathText(issue.path), message: issue.message }],
  )

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const readParams = ({ place, segments }: Match, errors: InvalidField[]): Record<string, string> => {
  const params: Record<string, string> = {}
  for (const { name, segment } of place.params) {
    const value = decoded(segments[segment] as string)
    if (isId(value)) params[name] = value
    else errors.push({ path: name, message: idRule })
  }
  return params
}

/** The parameters of a query by name. Refused: what is no valid percent-encoding, and what comes twice. */
const parseQuery = (text: string, errors: InvalidField[]): Record<string, string> => {
  const query: Record<string, string> = Object.create(null)
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const end = pair.includes('=') ? pair.indexOf('=') : pair.length
    const name = decoded(pair.slice(0, end).replaceAll('+', ' '))
    const value = decoded(pair.slice(end + 1).replaceAll('+', ' '))
    if (name === undefined || value === undefined) errors.push({ path: '?', message: 'is not valid percent-encoding' })
    else if (name in query) errors.push({ path: pathText([name]), message: 'comes more than once' })
    else query[name] = value
  }
  return query
}

const readQuery = ({ query }: Route, text: string, errors: InvalidField[]): unknown => {
  if (query === undefined && text === '') return undefined
  const raw = parseQuery(text, errors)
  if (query) {
    const parsed = query.safeParse(raw)
    if (parsed.success) return parsed.data
    errors.push(...fieldsOf(parsed.error))
  } else {
    for (const name of Object.keys(raw)) errors.push({ path: pathText([name]), message: 'is not known here' })
  }
  return undefined
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0

interface ReadBody {
  readonly sent: unknown
  readonly value: unknown
}

const readJson = ({ body: schema }: Route, body: Body | undefined, errors: InvalidField[]): ReadBody => {
  if (body === undefined) {
    if (schema) errors.push({ path: '', message: 'a body is required' })
    return { sent: {}, value: undefined }
  }
  const json = parseJson(body)
  if (!json.ok) {
    errors.push({ path: '', message: `the body ${json.message}` })
    return { sent: undefined, value: undefined }
  }
  if (schema) {
    const parsed = schema.safeParse(json.value)
    if (parsed.success) return { sent: json.value, value: parsed.data }
    errors.push(...fieldsOf(parsed.error))
  } else if (!isEmptyObject(json.value)) {
    errors.push({ path: '', message: 'this route takes no body, or {}' })
  }
  return { sent: json.value, value: undefined }
}

/** Refused: INVALID_REQUEST, with everything that is malformed; `more` is what others have found. */
export const shapeOf = (
  route: Route,
  match: Match,
  queryText: string,
  body: Body | undefined,
  more: readonly InvalidField[],
): Shape => {
  const errors = [...more]
  const params = readParams(match, errors)
  const query = readQuery(route, queryText, errors)
  const { sent, value } = route.method === 'GET' ? { sent: undefined, value: undefined } : readJson(route, body, errors)
  if (errors.length > 0) throw invalid(errors)
  return { params, query, body: value, sent: { params, body: sent } }
}
