import { knexConnection } from '@shop/adapter-knex'
import type { OrderView } from '@shop/core'
import type { RequestHandler } from 'express'
import { createServer } from '../../src/index.js'

/** A host whose orders bring a row of its own along. It shows the rows at `/gift-notes/{userId}`. */
const url = process.env['DATABASE_URL'] ?? ''
const knex = knexConnection(url, { pool: { max: 1 } })

const giftNotes: RequestHandler = async (request, response, next) => {
  const [, folder, userId] = request.path.split('/')
  if (folder !== 'gift-notes') return next()
  const orderIds = await knex('gift_notes')
    .where({ user_id: userId })
    .pluck('order_id')
    .catch(() => undefined)
  response.status(orderIds ? 200 : 503).json(orderIds ?? {})
}

const server = await createServer({
  databaseUrl: url,
  auth: { secret: process.env['SHOP_JWT_SECRET'] ?? '' },
  policies: JSON.parse(process.env['SHOP_POLICIES'] ?? '{}'),
  companions: { giftNotes: { table: 'gift_notes', columns: { order_id: 'text', user_id: 'text' } } },
  middleware: [
    (call, next) => {
      if (call.command.name !== 'place-order') return next(call)
      const row = (order: unknown) => {
        const { orderId, userId } = order as OrderView
        return { order_id: orderId, user_id: userId }
      }
      return next({ ...call, with: { giftNotes: row } })
    },
  ],
  routes: { before: [giftNotes] },
})

const { port } = await server.listen(0)
console.log(`Listening on http://127.0.0.1:${port} with a companion`)
