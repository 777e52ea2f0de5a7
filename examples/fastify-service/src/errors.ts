import { isShopUnavailable, isStoreError, type Refusal, type RefusalCode } from '@shop/core'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** An error of this service, with Fastify's fields and the fields that its clients read. */
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

/** Maps refusals of the shop to errors of this service. Unmapped refusals are a bad request. */
const words: Partial<Record<RefusalCode, readonly [statusCode: number, code: string]>> = {
  PRODUCT_NOT_FOUND: [404, 'gift-unknown'],
  STOCK_INSUFFICIENT: [409, 'gift-out-of-stock'],
  BALANCE_INSUFFICIENT: [402, 'gift-not-paid'],
}

/** Throwing it inside the transaction rolls back what the service wrote before. */
export const refused = ({ code, ...facts }: Refusal): GiftError => {
  const [statusCode, word] = words[code] ?? [400, code.toLowerCase().replaceAll('_', '-')]
  return new GiftError(statusCode, word, facts)
}

/** SQLSTATE `23514`: a row violates a check constraint. */
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
