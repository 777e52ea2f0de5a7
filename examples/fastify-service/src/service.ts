import { knexStore } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import fastify from 'fastify'
import type { Knex } from 'knex'
import { answerError, GiftError, refused } from './errors.js'
import { addGift, findGift } from './gifts.js'
import { limitTransactions } from './limit-transactions.js'

interface GiftRequest {
  readonly userId: string
  readonly productId: string
  readonly recipient: string
  readonly greeting: string
}

const text = { type: 'string', minLength: 1 }
const body = {
  type: 'object',
  required: ['userId', 'productId', 'recipient', 'greeting'],
  additionalProperties: false,
  properties: { userId: text, productId: text, recipient: text, greeting: text },
}

/** Fewer than the connections of the pool: the shop's own commands and reads need some as well. */
const giftsAtOnce = 8

/** Sends gifts. Order, payment and greeting commit atomically. */
export const giftService = (knex: Knex) => {
  const transaction = limitTransactions(knex, giftsAtOnce)
  const shop = createShop({ store: knexStore(knex) })
  const app = fastify()
  app.setErrorHandler(answerError)
  app.addHook('onClose', () => shop.close())

  app.post<{ Body: GiftRequest }>('/gifts', { schema: { body } }, async (request, reply) => {
    const { userId, productId, recipient, greeting } = request.body
    const gift = await transaction(async (trx) => {
      const { orders, payments } = shop.within(trx)
      const placed = await orders.place({ userId, products: [{ productId, quantity: 1 }] })
      if (!placed.ok) throw refused(placed.refusal)
      const { orderId } = placed.result
      await addGift(trx, { orderId, recipient, greeting })
      const paid = await payments.pay({ userId, orderId })
      if (!paid.ok) throw refused(paid.refusal)
      return { orderId, recipient, amount: paid.result.amount, balance: paid.result.balance }
    })
    return reply.code(201).send(gift)
  })

  app.get<{ Params: { orderId: string } }>('/gifts/:orderId', async ({ params }) => {
    const gift = await findGift(knex, params.orderId)
    if (!gift) throw new GiftError(404, 'gift-unknown')
    return gift
  })

  return { app, shop }
}
