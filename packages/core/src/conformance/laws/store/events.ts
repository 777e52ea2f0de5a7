import { eventTypes } from '../../../policies/event-types.js'
import { presets } from '../../../policies/presets.js'
import { differences } from '../../../testing/difference.js'
import { startOfHistory } from '../../steps.js'
import type { Scenario } from '../trial.js'
import { atOnce, serversOn, soundly } from './servers.js'

const policies = { ...presets['hold-at-order'], events: eventTypes }

const coupon = { name: 'C', discount: { kind: 'fixed', amount: 1 }, validUntil: startOfHistory + 1 } as const

/** Scenarios of the events that a crowd leaves. */
export const eventTrials: readonly Scenario[] = [
  {
    id: 'EVENTS-OF-A-CROWD',
    sentence:
      'A crowd on several servers leaves an event of each copy and each charge, one event of the last unit, and no gap in the numbers.',
    kind: 'history',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open, policies)
      const shop = at(0)
      await shop.products.create({ productId: 'p', name: 'P', price: 1, stock: 6 })
      await shop.coupons.create({ ...coupon, couponId: 'c', quantity: 5 })
      await Promise.all([
        atOnce(12, (user) => at(user).coupons.issue({ userId: `u${user}`, couponId: 'c' })),
        atOnce(12, (user) =>
          at(user).orders.place({ userId: `u${user}`, products: [{ productId: 'p', quantity: 1 }] }),
        ),
        atOnce(12, (user) => at(user).balance.charge({ userId: `u${user % 3}`, amount: 1 })),
      ])
      const { items } = await shop.outbox.list({ limit: 100 })
      const numbersOf = (subjectId: string) =>
        items
          .filter((event) => event.subjectId === subjectId)
          .map(({ sequence }) => sequence)
          .sort((a, b) => a - b)
      const countOf = (type: string) => items.filter((event) => event.type === type).length
      const stock = items.filter(({ type }) => type === 'stock.changed').sort((a, b) => a.sequence - b.sequence)
      const left = stock.map(({ data }) => ('stock' in data ? data.stock : undefined))
      const numbers = numbersOf('p')
      return [
        ...differences(numbersOf('c'), [1, 2, 3, 4, 5], 'the numbers of the coupon'),
        ...['u0', 'u1', 'u2'].flatMap((user) => differences(numbersOf(user), [1, 2, 3, 4], `the numbers of ${user}`)),
        ...differences(
          numbers,
          [...numbers.keys()].map((index) => index + 1),
          'the numbers of the product',
        ),
        ...differences(countOf('order.placed'), 6, 'the events of placed orders'),
        ...differences(countOf('stock.sold-out'), 1, 'the events of the last unit'),
        ...differences(left.at(-1), 0, 'the last stock that an event names'),
        ...differences(
          left,
          left.toSorted((a = 0, b = 0) => b - a),
          'the stock in the events',
        ),
        ...(await soundly(subject)),
      ]
    },
  },
]
