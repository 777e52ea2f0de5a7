import type { Refusal } from '@shop/core'
import type { components } from './api-types.js'

/** A problem document as the server sends it. (RFC 9457) */
export type ProblemDocument = components['schemas']['Problem']

export type ProblemCode = ProblemDocument['code']

/** What a problem document says beside what all of them say: the facts of a refusal. */
export type ProblemFacts<Code extends ProblemCode> = Omit<Extract<Refusal, { readonly code: Code }>, 'code'>

const brand = Symbol.for('@shop/server-express/ShopProblem')

/** What the client throws where the server says no. Recognise it by `isShopProblem`: two copies may be installed. */
export class ShopProblem<Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name = 'ShopProblem'
  readonly code: Code
  readonly status: number
  /** For people, in the language that was asked for. */
  readonly detail: string
  /** The same in the server's log. */
  readonly requestId: string
  /** The whole document. */
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

/** Is this a no of the server, and where codes are given, one of these? */
export const isShopProblem = <Code extends ProblemCode = ProblemCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is ShopProblem<Code> =>
  typeof error === 'object' &&
  error !== null &&
  brand in error &&
  (codes.length === 0 || codes.includes((error as ShopProblem).code as Code))

/** Thrown where an answer is not one of the server's: of a proxy in between, most likely. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer'
  readonly status: number

  constructor(status: number) {
    super(`an answer with status ${status} that is no problem document`)
    this.status = status
  }
}

/** The problem of an answer that is no success. */
export const problemOf = async (response: Response): Promise<ShopProblem | UnexpectedAnswer> => {
  const type = response.headers.get('content-type') ?? ''
  if (!type.startsWith('application/problem+json')) return new UnexpectedAnswer(response.status)
  try {
    return new ShopProblem((await response.json()) as ProblemDocument)
  } catch {
    return new UnexpectedAnswer(response.status)
  }
}
