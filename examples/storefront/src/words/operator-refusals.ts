import { isShopProblem, type ProblemCode, type ShopProblem } from '@shop/server-express/client'
import type { Explained } from './refusals.js'
import { explained, money, number, words } from './words.js'

type Advise = (problem: ShopProblem) => string

const facts = <Code extends ProblemCode>(problem: ShopProblem, _code: Code): ShopProblem<Code>['document'] =>
  problem.document as ShopProblem<Code>['document']

const advice: Partial<Record<ProblemCode, Advise>> = {
  INVALID_REQUEST: ({ document: { errors = [] } }) =>
    words.value.books.advice.fields(errors.map(({ path, message }) => `${path} ${message}`).join(', ')),
  USER_NOT_FOUND: () => words.value.books.advice.checkId,
  ORDER_NOT_FOUND: () => words.value.books.advice.checkId,
  PRODUCT_NOT_FOUND: () => words.value.books.advice.checkId,
  COUPON_NOT_FOUND: () => words.value.books.advice.checkId,
  PRODUCT_ALREADY_EXISTS: () => words.value.catalog.advice.productTaken,
  COUPON_ALREADY_EXISTS: () => words.value.catalog.advice.couponTaken,
  STOCK_INSUFFICIENT: (problem) =>
    words.value.catalog.advice.free(
      facts(problem, 'STOCK_INSUFFICIENT')
        .lines.map(({ available }) => number(available))
        .join(', '),
    ),
  BALANCE_INSUFFICIENT(problem) {
    const { balance, required } = facts(problem, 'BALANCE_INSUFFICIENT')
    return words.value.books.advice.available(money(balance), money(required))
  },
  BALANCE_LIMIT_EXCEEDED: (problem) =>
    words.value.books.advice.limit(money(facts(problem, 'BALANCE_LIMIT_EXCEEDED').limit)),
  BONUS_LOTS_EXCEEDED: (problem) => words.value.books.advice.limit(String(facts(problem, 'BONUS_LOTS_EXCEEDED').limit)),
  REFERENCE_REUSED: (problem) => words.value.books.advice.reused(facts(problem, 'REFERENCE_REUSED').reference),
  REFUND_EXCEEDS_ORDER: (problem) =>
    facts(problem, 'REFUND_EXCEEDS_ORDER')
      .lines.map(({ productId, requested, refundable }) =>
        words.value.books.advice.tooMuch(productId, requested, refundable),
      )
      .join(' '),
}

/** A failure in the server's words, with the facts that an operator needs. */
export const explainedToOperator = (error: unknown): Explained => {
  const { advice: texts } = words.value.books
  if (!isShopProblem(error)) return { what: explained(error).what, todo: texts.retry }
  const what = /[.!]$/.test(error.detail) ? error.detail : `${error.detail}.`
  if (error.status >= 500) return { what, todo: texts.retry }
  return { what, todo: advice[error.code]?.(error) ?? texts.nothing }
}
