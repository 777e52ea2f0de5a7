import {
  type InvalidField,
  isShopRefusal,
  isShopUnavailable,
  isStoreError,
  type Refusal,
  type ShopUnavailable,
} from '@shop/core'
import type { StoreError } from '@shop/core/store'
import type { ProblemCode } from './problem-kind.js'
import { isKnown, kindOf, type ProblemTable } from './problem-table.js'
import type { Headers } from './reply.js'

/** The languages of a problem's detail. */
export type Language = 'en' | 'ko'

/** A refused request: its code, the facts behind it and the headers that belong to it. */
export interface Problem {
  readonly code: ProblemCode
  readonly facts?: object
  /** Replaces the default `detail` of the code. */
  readonly detail?: Readonly<Record<Language, string>>
  readonly headers?: Headers
  /** True if an idempotency key replayed an earlier refusal. */
  readonly replayed?: boolean
  /** The underlying error. Written to the log, never sent. */
  readonly cause?: unknown
}

/** Thrown to stop a request and respond with a problem. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.code)
    this.problem = problem
  }
}

export const refuse = (code: ProblemCode, headers?: Headers): RequestRefused =>
  new RequestRefused({ code, ...(headers && { headers }) })

/** `challenge` goes out as WWW-Authenticate. */
export const unauthenticated = (challenge: string, detail?: Problem['detail']): RequestRefused =>
  new RequestRefused({ code: 'UNAUTHENTICATED', headers: { 'www-authenticate': challenge }, ...(detail && { detail }) })

export const invalid = (errors: readonly InvalidField[]): RequestRefused =>
  new RequestRefused({ code: 'INVALID_REQUEST', facts: { errors } })

/** Whether the caller of a request may act for a user. */
export type MayActFor = (userId: string) => boolean

/**
 * What a reference of another user belongs to, and who that is, is not told. The time until an opening is a header: the body
 * of a replay must be equal.
 */
const shownFacts = (refusal: Refusal, mayActFor: MayActFor): object => {
  const { code, ...facts } = refusal
  if (refusal.code === 'PRODUCT_NOT_ON_SALE') return { products: refusal.products }
  if (refusal.code !== 'REFERENCE_REUSED') return facts
  const { userId, reference, entryId, orderId, refundId } = refusal
  return mayActFor(userId) ? { reference, entryId, orderId, refundId } : { reference }
}

const forNobody: MayActFor = () => false

/** On a replay the time until the opening would be wrong. */
const retryAfterOf = (refusal: Refusal, replayed: boolean): Headers | undefined =>
  refusal.code === 'PRODUCT_NOT_ON_SALE' && refusal.retryAfter !== null && !replayed
    ? { 'retry-after': String(refusal.retryAfter) }
    : undefined

export const refusalProblem = (refusal: Refusal, replayed: boolean, mayActFor = forNobody): Problem => {
  const headers = retryAfterOf(refusal, replayed)
  return { code: refusal.code, facts: shownFacts(refusal, mayActFor), replayed, ...(headers && { headers }) }
}

/** The server has too much to do: the client may come back after a second. */
export const unavailableNow: Problem = { code: 'UNAVAILABLE', headers: { 'retry-after': '1' } }

const unavailable = (cause: StoreError | ShopUnavailable): Problem => ({
  ...unavailableNow,
  cause,
})

/** Refusals of body parsers of the host, by the status that they carry. */
const parserRefusals: Readonly<Record<number, () => RequestRefused>> = {
  400: () => invalid([{ path: '', message: 'the body cannot be read' }]),
  413: () => refuse('PAYLOAD_TOO_LARGE'),
  415: () => refuse('UNSUPPORTED_MEDIA_TYPE'),
}

/** The refusal behind an error of body-parser, which `express.json()` is made of; any other error as it is. */
export const refusalOfParser = (error: unknown): unknown => {
  const { status, type } = (error ?? {}) as { readonly status?: unknown; readonly type?: unknown }
  const isOfParser = typeof status === 'number' && typeof type === 'string'
  return (isOfParser && parserRefusals[status]?.()) || error
}

/** Only known errors are shown to the client. Any other error becomes INTERNAL and goes to the log. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof RequestRefused) return error.problem
  if (isShopRefusal(error)) return refusalProblem(error.refusal, error.replayed)
  if (isShopUnavailable(error)) return unavailable(error)
  if (isStoreError(error) && error.kind !== 'rejected') return unavailable(error)
  return { code: 'INTERNAL', cause: error }
}

/** The problem, or INTERNAL for a code of the host's that it has declared no problem for. */
export const known = (problem: Problem, table: ProblemTable): Problem => {
  const { code } = problem
  if (isKnown(table, code)) return problem
  const cure = `declare it: createServer({ problems: { ${code}: { status, title, detail: { en, ko } } } })`
  return { code: 'INTERNAL', cause: new Error(`${code} is a refusal without a problem; ${cure}`) }
}

export interface ProblemContext {
  /** What stands before the paths of the shop: the prefix of a host, or a public URL. */
  readonly base: string
  /** The requested path. */
  readonly path: string
  readonly requestId: string
  readonly language: Language
}

/** The body of a problem response (RFC 9457). A fact of the host's cannot replace a member of the document. */
export const problemBody = (problem: Problem, table: ProblemTable, context: ProblemContext) => {
  const { code, facts } = problem
  const kind = kindOf(table, code)
  const detail = problem.detail ?? kind
  const members = {
    type: `${context.base}/docs/problems#${code}`,
    title: kind.title,
    status: kind.status,
    detail: detail[context.language],
    code,
    instance: context.path,
    requestId: context.requestId,
  }
  return { ...members, ...facts, ...members }
}
