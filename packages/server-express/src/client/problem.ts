import type { Refusal, RefusalCode } from '@shop/core'
import type { components } from './api-types.js'

type BuiltInDocument = components['schemas']['Problem']

/** The codes of the server, and those of `CustomRefusals`. */
export type ProblemCode = BuiltInDocument['code'] | RefusalCode

/** A problem document as the server sends it. (RFC 9457) */
export type ProblemDocument = Pick<
  BuiltInDocument,
  'type' | 'title' | 'status' | 'detail' | 'instance' | 'requestId' | 'errors'
> & { readonly code: ProblemCode; readonly [fact: string]: unknown }

/** The facts that the server never sends, by code. */
interface HiddenFacts {
  readonly REFERENCE_REUSED: 'userId'
  readonly PRODUCT_NOT_ON_SALE: 'retryAfter'
}

type HiddenFactOf<Code> = Code extends keyof HiddenFacts ? HiddenFacts[Code] : never

/** The fields of a problem document that belong to its code: the facts of a refusal. */
export type ProblemFacts<Code extends ProblemCode> = Omit<
  Extract<Refusal, { readonly code: Code }>,
  'code' | HiddenFactOf<Code>
>

const brand = Symbol.for('@shop/server-express/ShopProblem')

/**
 * Thrown if the server refuses a request. Use `isShopProblem` instead of `instanceof`: two copies of the
 * package may be installed.
 */
export class ShopProblem<Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name = 'ShopProblem'
  readonly code: Code
  readonly status: number
  /** Message for people, in the requested language. */
  readonly detail: string
  /** Identifies the request in the server's log. */
  readonly requestId: string
  /** The complete problem document. */
  readonly document: ProblemDocument & ProblemFacts<Code>
  readonly [brand] = true

  constructor(document: ProblemDocument & ProblemFacts<Code>) {
    super(`${document.code}: ${document.detail}`)
    this.code = document.code as Code
    this.status = document.status
    this.detail = document.detail
    this.requestId = document.requestId
    this.document = document
  }
}

/** Whether the error is a ShopProblem, with one of these codes if any are given. */
export const isShopProblem = <Code extends ProblemCode = ProblemCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is ShopProblem<Code> =>
  typeof error === 'object' &&
  error !== null &&
  brand in error &&
  (codes.length === 0 || codes.includes((error as ShopProblem).code as Code))

/** Thrown if a response does not come from the server, for example from a proxy in between. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer'
  readonly status: number

  constructor(status: number) {
    super(`a response with status ${status} that is not a problem document`)
    this.status = status
  }
}

/** The error for an unsuccessful response. */
export const problemOf = async (response: Response): Promise<ShopProblem | UnexpectedAnswer> => {
  const type = response.headers.get('content-type') ?? ''
  if (!type.startsWith('application/problem+json')) return new UnexpectedAnswer(response.status)
  try {
    return new ShopProblem((await response.json()) as ProblemDocument)
  } catch {
    return new UnexpectedAnswer(response.status)
  }
}
