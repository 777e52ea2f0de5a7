import type { Metadata } from '../../../model/metadata.js'
import { differences } from '../../../testing/difference.js'
import type { Scenario } from '../trial.js'
import { atOnce, serversOn, soundly } from './servers.js'

/** Scenarios of orders whose ids and metadata callers choose. */
export const orderIdTrials: readonly Scenario[] = [
  {
    id: 'OWN-ORDER-IDS',
    sentence:
      'Of many orders with one id at once, of several users on several servers, one is placed, and the others hold nothing. Its reference replays it with this id only, and its metadata stays until it is replaced.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      await at(0).products.create({ productId: 'p', name: 'P', price: 100, stock: 30 })
      const of = (userId: string, orderId: string, more: { reference?: string; metadata?: Metadata } = {}) => ({
        userId,
        orderId,
        products: [{ productId: 'p', quantity: 1 }],
        ...more,
      })
      const placed = await atOnce(24, (index) =>
        at(index).orders.place(of(`u${index}`, 'web-1', { metadata: { of: `u${index}` } })),
      )
      const first = await at(1).orders.get({ orderId: 'web-1' })
      const { userId } = first
      const again = await atOnce(2, (index) => at(index).orders.place(of(userId, 'web-1')))
      await at(0).balance.charge({ userId, amount: 100_000 })
      const { order: paid } = await at(1).payments.pay({ userId, orderId: 'web-1' })
      const other = await at(0).orders.place(of('ann', 'web-2', { reference: 'cart' }))
      const replayed = await at(1).orders.place(of('ann', 'web-2', { reference: 'cart' }))
      const reused = await atOnce(2, (index) => at(index).orders.place(of('ann', 'web-3', { reference: 'cart' })))
      const replaced = await at(1).orders.update({ orderId: 'web-1', metadata: { packed: 'yes' } })
      const refunded = await at(0).orders.refund({ orderId: 'web-1' })
      const cleared = await at(1).orders.update({ orderId: 'web-1', metadata: {} })
      return [
        ...differences(placed, { accepted: 1, heard: ['ORDER_ALREADY_EXISTS'] }, 'the orders with one id'),
        ...differences(again, { accepted: 0, heard: ['ORDER_ALREADY_EXISTS'] }, 'the orders of the same user'),
        ...differences(replayed, other, 'the replay of a reference'),
        ...differences(reused, { accepted: 0, heard: ['REFERENCE_REUSED'] }, 'the reference with another id'),
        ...differences(
          [first, paid, replaced, refunded, cleared].map((order) => order.metadata),
          [{ of: userId }, { of: userId }, { packed: 'yes' }, { packed: 'yes' }, undefined],
          'the metadata',
        ),
        ...differences((await at(0).products.find({ productId: 'p' })).stock, 29, 'the units that can be ordered'),
        ...(await soundly(subject)),
      ]
    },
  },
]
