import { type InvalidField, idRule, isId } from '@shop/core'
import type { z } from 'zod'
import type { Parsed } from './body.js'
import { Faults } from './faults.js'
import { invalid } from './problem.js'
import { type Call, paramNames, type Route } from './route.js'

/** What a request says, once it is known to be well-formed. */
export interface ParsedRequest extends Pick<Call, 'params' | 'query' | 'body'> {
  /** The body and the path parameters as they were sent: what an idempotency key is compared by. */
  readonly sent: { readonly params: unknown; readonly body: unknown }
}

const addIssues = (faults: Faults, { issues }: z.ZodError): void => {
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') faults.addUnknown(issue.path, issue.keys)
    else faults.add(issue.path, issue.message)
  }
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Express has decoded the values; an escape that cannot be decoded reaches us as it was sent, and is no id. */
const readParams = (
  { path }: Route,
  sent: Readonly<Record<string, unknown>>,
  faults: Faults,
): Record<string, string> => {
  const params: Record<string, string> = {}
  for (const name of paramNames(path)) {
    const value = sent[name]
    if (isId(value)) params[name] = value
    else faults.add([name], idRule)
  }
  return params
}

/** The parameters of a query by name. Refused: what is no valid percent-encoding, and what comes twice. */
const parseQuery = (text: string, faults: Faults): Record<string, string> => {
  const query: Record<string, string> = Object.create(null)
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const end = pair.includes('=') ? pair.indexOf('=') : pair.length
    const name = decoded(pair.slice(0, end).replaceAll('+', ' '))
    const value = decoded(pair.slice(end + 1).replaceAll('+', ' '))
    if (name === undefined || value === undefined) faults.add(['?'], 'is not valid percent-encoding')
    else if (name in query) faults.add([name], 'comes more than once')
    else query[name] = value
  }
  return query
}

const readQuery = ({ query }: Route, text: string, faults: Faults): unknown => {
  if (query === undefined && text === '') return undefined
  const raw = parseQuery(text, faults)
  if (query) {
    const parsed = query.safeParse(raw)
    if (parsed.success) return parsed.data
    addIssues(faults, parsed.error)
  } else {
    faults.addUnknown([], Object.keys(raw))
  }
  return undefined
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0

interface ReadBody {
  readonly sent: unknown
  readonly value: unknown
}

const readJson = ({ body: schema }: Route, json: Parsed | undefined, faults: Faults): ReadBody => {
  if (json === undefined) {
    if (schema) faults.add([], 'a body is required')
    return { sent: {}, value: undefined }
  }
  if (!json.ok) {
    faults.add([], `the body ${json.message}`)
    return { sent: undefined, value: undefined }
  }
  if (schema) {
    const parsed = schema.safeParse(json.value)
    if (parsed.success) return { sent: json.value, value: parsed.data }
    addIssues(faults, parsed.error)
  } else if (!isEmptyObject(json.value)) {
    faults.add([], 'this route takes no body, or {}')
  }
  return { sent: json.value, value: undefined }
}

/** What a request sent, before validation. */
export interface SentRequest {
  readonly params: Readonly<Record<string, unknown>>
  readonly query: string
  readonly body: Parsed | undefined
  /** Faults that were found before. */
  readonly faults: readonly InvalidField[]
}

/** @throws RequestRefused INVALID_REQUEST, which names what is malformed. */
export const parseRequest = (route: Route, request: SentRequest): ParsedRequest => {
  const faults = new Faults(request.faults)
  const params = readParams(route, request.params, faults)
  const query = readQuery(route, request.query, faults)
  const { sent, value } =
    route.method === 'GET' ? { sent: undefined, value: undefined } : readJson(route, request.body, faults)
  if (faults.errors.length > 0) throw invalid(faults.errors)
  return { params, query, body: value, sent: { params, body: sent } }
}
