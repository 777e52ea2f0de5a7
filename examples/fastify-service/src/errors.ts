import { isShopUnavailable, isStoreError, type Refusal, type RefusalCode } from '@shop/core'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** An error of this service: Fastify's own fields, and what a client of it reads. */
export class GiftError extends Error {
  readonly statusCode: number
  readonly code: string
  readonly facts: object

  constructor(statusCode: number, code: string, facts: object = {}) {
    super(code)
    this.statusCode = statusCode
    this.code = code
    this.facts = facts
  }
}

/** What this service calls the shop's refusals; those that it has no word for are a bad request. */
const words: Partial<Record<RefusalCode, readonly [statusCode: number, code: string]>> = {
  PRODUCT_NOT_FOUND: [404, 'gift-unknown'],
  STOCK_INSUFFICIENT: [409, 'gift-out-of-stock'],
  BALANCE_INSUFFICIENT: [402, 'gift-not-paid'],
}

/** Thrown inside the transaction, this takes back what the service wrote before. */
export const refused = ({ code, ...facts }: Refusal): GiftError => {
  const [statusCode, word] = words[code] ?? [400, code.toLowerCase().replaceAll('_', '-')]
  return new GiftError(statusCode, word, facts)
}

/** `23514`: Postgres found that a row breaks a check of its table. */
const ours = (error: unknown): unknown => {
  if ((error as { code?: unknown }).code === '23514') return new GiftError(400, 'greeting-too-long')
  if (isShopUnavailable(error) || (isStoreError(error) && error.isRetryable)) return new GiftError(503, 'try-again')
  return error
}

export const answerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const known = ours(error)
  if (known instanceof GiftError) return reply.code(known.statusCode).send({ error: known.code, ...known.facts })
  const { statusCode = 500, message } = known as { statusCode?: number; message: string }
  if (statusCode < 500) return reply.code(statusCode).send({ error: 'bad-request', message })
  request.log.error(known)
  return reply.code(500).send({ error: 'internal' })
}
