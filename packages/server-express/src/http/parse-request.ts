import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { type InvalidField, isId } from '@shop/core'
import { idempotencyKeyPattern, idempotencyKeyRule, idRule } from '@shop/core/commands'
import { isEncoded } from '../util/content-encoding.js'
import { decodePercent } from '../util/percent-encoding.js'
import { FieldErrors } from './field-errors.js'
import { invalid, RequestRefused, refuse } from './problem.js'
import { RequestAborted } from './request-aborted.js'
import { paramNames, type Route, type RouteCall } from './route.js'

export const maxBodyBytes = 102_400

/** True for `application/json` with no charset, or with charset UTF-8. */
const isJson = (header: string | undefined): boolean => {
  if (header === 'application/json') return true
  const [type, ...parameters] = (header ?? '').toLowerCase().split(';')
  return (
    type?.trim() === 'application/json' &&
    parameters.every((parameter) => {
      const [name = '', value = '', ...more] = parameter.trim().split('=')
      if (name === '') return value === ''
      return more.length === 0 && value !== '' && (name !== 'charset' || value.replace(/^"(.*)"$/, '$1') === 'utf-8')
    })
  )
}

/** A chunk may hold a single byte but takes about a hundred bytes of memory, so chunks are joined after this many. */
const maxChunks = 64

const readBytes = (request: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (request.destroyed) throw new RequestAborted()
    let chunks: Buffer[] = []
    let size = 0
    const settle = (finish: () => void) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      finish()
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBodyBytes) settle(() => reject(refuse('PAYLOAD_TOO_LARGE')))
      else if (chunks.push(chunk) === maxChunks) chunks = [Buffer.concat(chunks)]
    }
    const onEnd = () => settle(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    const onClose = () => settle(() => reject(new RequestAborted()))
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** A body that a parser of the host has read. */
interface ParsedByHost extends IncomingMessage {
  readonly body?: unknown
}

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

const parseJson = (body: Buffer): Parsed => {
  if (!isUtf8(body)) return { ok: false, message: 'is not UTF-8' }
  try {
    return { ok: true, value: JSON.parse(body.toString()) }
  } catch {
    return { ok: false, message: 'is not JSON' }
  }
}

const parsedByHost = ({ body, headers }: ParsedByHost): Parsed | undefined => {
  if (Buffer.isBuffer(body)) return body.length === 0 ? undefined : parseJson(body)
  if (typeof body === 'string') return body === '' ? undefined : parseJson(Buffer.from(body))
  if (body !== undefined) return { ok: true, value: body }
  if (Number(headers['content-length'] ?? 0) > 0)
    throw new Error('the body was read before, and request.body is not set: mount the shop before that reader')
  return undefined
}

/**
 * The JSON value of a request's body; undefined if it has none. A body that the host's parser has read is taken as it is.
 * The rest of a body that is too large is discarded, so that its sender reads the answer.
 * @throws RequestRefused PAYLOAD_TOO_LARGE | UNSUPPORTED_MEDIA_TYPE (first that applies; an encoded body is not read)
 */
export const readBody = async (request: ParsedByHost): Promise<Parsed | undefined> => {
  const { headers } = request
  if (Number(headers['content-length'] ?? 0) > maxBodyBytes) throw refuse('PAYLOAD_TOO_LARGE')
  // Nothing here decompresses: a small compressed body can be huge in memory, and needs no token.
  if (isEncoded(headers['content-encoding'])) throw refuse('UNSUPPORTED_MEDIA_TYPE', { 'accept-encoding': 'identity' })
  if (!hasBody(request)) return undefined
  if (request.readableEnded) {
    if (!isJson(headers['content-type'])) throw refuse('UNSUPPORTED_MEDIA_TYPE')
    return parsedByHost(request)
  }
  const bytes = await readBytes(request)
  if (bytes.length === 0) return undefined
  if (!isJson(headers['content-type'])) throw refuse('UNSUPPORTED_MEDIA_TYPE')
  return parseJson(bytes)
}

const isBearer = (authorization: string | undefined): boolean => /^bearer /i.test(authorization ?? '')

/**
 * Whether a browser says that a page of this origin sent the request. Other clients send none of these headers
 * and pass.
 */
const isSameOrigin = ({ headers }: IncomingMessage): boolean => {
  const { 'sec-fetch-site': site, origin, host = '' } = headers
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host.toLowerCase())
}

/**
 * CSRF protection. Refuses a write that a cross-site page could send without a CORS preflight. A bearer token
 * and a JSON body both require a preflight, which this server answers
 * only for `corsOrigins`.
 */
export const refuseCrossSite = (request: IncomingMessage): void => {
  const { authorization, 'content-type': contentType } = request.headers
  if (isBearer(authorization) || isJson(contentType) || isSameOrigin(request)) return
  throw new RequestRefused({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: {
      en: 'A cross-site write needs content-type: application/json.',
      ko: '다른 사이트의 페이지에서 보내는 쓰기 요청에는 content-type: application/json이 필요합니다',
    },
  })
}

/** The validated input of a request. */
export interface ParsedRequest extends Pick<RouteCall, 'params' | 'query' | 'body'> {
  /** The body and the path parameters as sent. Idempotency keys compare requests by them. */
  readonly sent: { readonly params: unknown; readonly body: unknown }
}

interface Issue {
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly code?: unknown
  readonly keys?: unknown
}

const addIssues = (errors: FieldErrors, { issues }: { readonly issues: readonly Issue[] }): void => {
  for (const { code, keys, path, message } of issues) {
    if (code === 'unrecognized_keys' && Array.isArray(keys)) errors.addUnknown(path, keys)
    else errors.add(path, message)
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
    const name = decodePercent(pair.slice(0, end).replaceAll('+', ' '))
    const value = decodePercent(pair.slice(end + 1).replaceAll('+', ' '))
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

const emptyBody: Parsed = { ok: true, value: {} }

const readJson = (
  { body: schema, isBodyOptional }: Route,
  given: Parsed | undefined,
  errors: FieldErrors,
): ReadBody => {
  const json = given ?? (isBodyOptional ? emptyBody : undefined)
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

/** Validates an Idempotency-Key. Node joins repeated headers with a comma and a space, and a space is not allowed. */
export const checkKey = (key: string | undefined): readonly InvalidField[] =>
  key === undefined || idempotencyKeyPattern.test(key)
    ? []
    : [{ path: 'Idempotency-Key', message: `${idempotencyKeyRule}, sent once` }]

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
  const contradictions = route.check?.({ params, query, body: value }) ?? []
  if (contradictions.length > 0) throw invalid(contradictions)
  return { params, query, body: value, sent: { params, body: sent } }
}
