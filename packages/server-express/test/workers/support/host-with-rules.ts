import type { OrderView } from '@shop/core'
import { guard, placeOrder } from '@shop/core/commands'
import { createLogger, createServer } from '../../../src/index.js'

/** A host with workers and rules of its own. The user of an order says which rule it meets. */

const rules = guard(placeOrder, {
  refusals: ['NOT_A_MEMBER'],
  refuse(_facts, { userId }, { context }) {
    if (userId === 'bug') throw new Error('a bug in a guard')
    if (userId === 'undeclared') return { code: 'CARD_FULL', stamps: 1 }
    return userId === 'guest' && context['isMember'] !== true ? { code: 'NOT_A_MEMBER', userId } : undefined
  },
})

const server = await createServer({
  databaseUrl: process.env['DATABASE_URL'] ?? '',
  auth: { secret: process.env['SHOP_JWT_SECRET'] ?? '' },
  workers: 2,
  logger: createLogger('info'),
  guards: [rules],
  problems: {
    NOT_A_MEMBER: {
      status: 403,
      title: 'Not a member',
      detail: { en: 'Only members may order.', ko: '회원만 주문할 수 있습니다' },
    },
  },
  companions: { notes: { table: 'notes', columns: { order_id: 'text', user_id: 'text' } } },
  middleware: [
    (call, next) => {
      if (call.command.name !== placeOrder.name) return next(call)
      const { metadata, products } = call.input as { metadata?: { member?: string }; products: { quantity: number }[] }
      const row = (order: unknown) => {
        const { orderId, userId } = order as OrderView
        return { order_id: orderId, user_id: products.some(({ quantity }) => quantity === 13) ? null : userId }
      }
      return next({ ...call, context: { isMember: metadata?.member === 'yes' }, with: { notes: row } })
    },
  ],
})

const { port } = await server.listen(0)
console.log(`Listening on http://127.0.0.1:${port} with rules`)
process.once('SIGTERM', async () => {
  await server.close()
  process.exit(0)
})
