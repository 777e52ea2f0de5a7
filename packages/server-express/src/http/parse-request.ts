import { type InvalidField, isId } from '@shop/core'
import { idRule } from '@shop/core/commands'
import type { z } from 'zod'
import type { Parsed } from './body.js'
import { FieldErrors } from './field-errors.js'
import { invalid } from './problem.js'
import { paramNames, type Route, type RouteCall } from './route.js'

/** The validated input of a request. */
export interface ParsedRequest extends Pick<RouteCall, 'params' | 'query' | 'body'> {
  /** The body and the path parameters as sent. Idempotency keys compare requests by them. */
  readonly sent: { readonly params: unknown; readonly body: unknown }
}

const addIssues = (errors: FieldErrors, { issues }: z.ZodError): void => {
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') errors.addUnknown(issue.path, issue.keys)
    else errors.add(issue.path, issue.message)
  }
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Express has decoded the values. An escape that cannot be decoded arrives as it was sent, and is not an id. */
const readParams = (
  { path }: Route,
  sent: Readonly<Record<string, unknown>>,
  errors: FieldErrors,
): Record<string, string> => {
  const params: Record<string, string> = {}
  for (const name of paramNames(path)) {
    const value = sent[name]
    if (isId(value)) params[name] = value
    else errors.add([name], idRule)
  }
  return params
}

/** Parses a query string. Refuses invalid percent-encoding and repeated parameters. */
const parseQuery = (text: string, errors: FieldErrors): Record<string, string> => {
  const query: Record<string, string> = Object.create(null)
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const end = pair.includes('=') ? pair.indexOf('=') : pair.length
    const name = decoded(pair.slice(0, end).replaceAll('+', ' '))
    const value = decoded(pair.slice(end + 1).replaceAll('+', ' '))
    if (name === undefined || value === undefined) errors.add(['?'], 'is not valid percent-encoding')
    else if (name in query) errors.add([name], 'is repeated')
    else query[name] = value
  }
  return query
}

const readQuery = ({ query }: Route, text: string, errors: FieldErrors): unknown => {
  if (query === undefined && text === '') return undefined
  const raw = parseQuery(text, errors)
  if (query) {
    const parsed = query.safeParse(raw)
    if (parsed.success) return parsed.data
    addIssues(errors, parsed.error)
  } else {
    errors.addUnknown([], Object.keys(raw))
  }
  return undefined
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0

interface ReadBody {
  readonly sent: unknown
  readonly value: unknown
}

const readJson = ({ body: schema }: Route, json: Parsed | undefined, errors: FieldErrors): ReadBody => {
  if (json === undefined) {
    if (schema) errors.add([], 'a body is required')
    return { sent: {}, value: undefined }
  }
  if (!json.ok) {
    errors.add([], `the body ${json.message}`)
    return { sent: undefined, value: undefined }
  }
  if (schema) {
    const parsed = schema.safeParse(json.value)
    if (parsed.success) return { sent: json.value, value: parsed.data }
    addIssues(errors, parsed.error)
  } else if (!isEmptyObject(json.value)) {
    errors.add([], 'must be empty or {}: this route takes no body')
  }
  return { sent: json.value, value: undefined }
}

/** What a request sent, before validation. */
export interface SentRequest {
  readonly params: Readonly<Record<string, unknown>>
  readonly query: string
  readonly body: Parsed | undefined
  /** Errors that were found before. */
  readonly errors: readonly InvalidField[]
}

/** @throws RequestRefused INVALID_REQUEST, which names what is malformed. */
export const parseRequest = (route: Route, request: SentRequest): ParsedRequest => {
  const errors = new FieldErrors(request.errors)
  const params = readParams(route, request.params, errors)
  const query = readQuery(route, request.query, errors)
  const { sent, value } =
    route.method === 'GET' ? { sent: undefined, value: undefined } : readJson(route, request.body, errors)
  if (errors.all.length > 0) throw invalid(errors.all)
  return { params, query, body: value, sent: { params, body: sent } }
}
