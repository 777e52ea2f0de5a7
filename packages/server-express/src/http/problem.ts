import {
  type InvalidField,
  isShopRefusal,
  isShopUnavailable,
  isStoreError,
  type Refusal,
  type ShopUnavailable,
  type StoreError,
} from '@shop/core'
import { type ProblemCode, problemKinds, type StatusOf } from './problem-codes.js'
import type { Headers } from './reply.js'

/** The languages of a problem's detail. */
export type Language = 'en' | 'ko'

/** A no as it goes out: a code, the facts behind it, and headers that belong to it. */
export interface Problem {
  readonly code: ProblemCode
  readonly facts?: object
  /** Says more than the code does. */
  readonly detail?: Readonly<Record<Language, string>>
  readonly headers?: Headers
  /** True where an idempotency key brought back an earlier no. */
  readonly replayed?: boolean
  /** What went wrong, for the log only. */
  readonly cause?: unknown
}

/** Thrown where a request cannot go on. */
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

export const refusalProblem = ({ code, ...facts }: Refusal, replayed: boolean): Problem => ({ code, facts, replayed })

const unavailable = (cause: StoreError | ShopUnavailable): Problem => ({
  code: 'UNAVAILABLE',
  headers: { 'retry-after': '1' },
  cause,
})

/** Only what is known to be harmless to tell is told; whatever else was thrown goes to the log. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof RequestRefused) return error.problem
  if (isShopRefusal(error)) return refusalProblem(error.refusal, error.replayed)
  if (isShopUnavailable(error)) return unavailable(error)
  if (isStoreError(error) && error.kind !== 'rejected') return unavailable(error)
  return { code: 'INTERNAL', cause: error }
}

export interface ProblemPlace {
  /** What stands before the paths of the shop: the prefix of a host, or a public URL. */
  readonly base: string
  /** The requested path. */
  readonly path: string
  readonly requestId: string
  readonly language: Language
}

/** The body of a problem answer. (RFC 9457) */
export const problemBody = (problem: Problem, statusOf: StatusOf, place: ProblemPlace) => {
  const { code, facts } = problem
  const kind = problemKinds[code]
  const detail = problem.detail ?? kind
  return {
    type: `${place.base}/docs/problems#${code}`,
    title: kind.title,
    status: statusOf(code),
    detail: detail[place.language],
    code,
    instance: place.path,
    requestId: place.requestId,
    ...facts,
  }
}
