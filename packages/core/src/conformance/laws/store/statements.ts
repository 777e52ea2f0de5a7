import type { Order } from '../../../model/order.js'
import { startOfDay } from '../../../shared/calendar.js'
import type { Shop } from '../../../shop/shop.js'
import type { AuditSnapshot } from '../../../store/audit-snapshot.js'
import { differences } from '../../../testing/difference.js'
import { dayIn } from '../../oracle/views.js'
import { daysOfHistories, startOfHistory } from '../../steps.js'
import { imbalances } from '../statements.js'
import type { Scenario } from '../trial.js'
import { serversOn, soundly } from './servers.js'

const range = {
  from: startOfDay(daysOfHistories.from, 'UTC'),
  until: startOfDay(daysOfHistories.to, 'UTC'),
}

const fill = async <Tx>(shop: Shop<Tx>): Promise<void> => {
  await shop.products.create({ productId: 'p', name: 'P', price: 100, stock: 999 })
  await shop.balance.charge({ userId: 'u', amount: 100_000 })
}

const buy = async <Tx>(shop: Shop<Tx>): Promise<string> => {
  const { orderId } = await shop.orders.place({ userId: 'u', products: [{ productId: 'p', quantity: 3 }] })
  await shop.payments.pay({ userId: 'u', orderId })
  return orderId
}

const paidMoney = async (snapshot: AuditSnapshot): Promise<readonly number[]> => {
  const { movements } = await snapshot.movements(range)
  const of = (kind: string) =>
    movements.filter((each) => each.kind === kind).reduce((sum, each) => sum + each.amount, 0)
  return [-of('payment'), of('refund')]
}

const soldMoney = async (snapshot: AuditSnapshot): Promise<readonly number[]> => {
  const orders: Order[] = []
  for await (const order of snapshot.orderMovements(range)) orders.push(order)
  const sum = (amounts: readonly number[]) => amounts.reduce((total, each) => total + each, 0)
  return [
    sum(orders.map(({ finalAmount }) => finalAmount)),
    sum(orders.map(({ refundedAmount }) => refundedAmount ?? 0)),
  ]
}

/** Scenarios of the statement. */
export const statementTrials: readonly Scenario[] = [
  {
    id: 'STATEMENT-ONE-MOMENT',
    sentence:
      'Movements and orders of a snapshot are of one moment, whichever is read first and whatever commits between.',
    kind: 'history',
    async play(subject, _clock, open) {
      const { store } = subject
      const at = await serversOn(subject, open)
      await fill(at(0))
      const orderId = await buy(at(0))
      const reads = [paidMoney, soldMoney]
      const problems: string[] = []
      for (const [first, second] of [reads, reads.toReversed()]) {
        const snapshot = await store.audit()
        try {
          const before = await first?.(snapshot)
          await at(1).orders.refund({ orderId, lines: [{ productId: 'p', quantity: 1 }] })
          await buy(at(0))
          problems.push(...differences(await second?.(snapshot), before, 'paid and refunded'))
        } finally {
          await snapshot.close()
        }
      }
      return problems
    },
  },
  {
    id: 'STATEMENT-UNDER-WRITES',
    sentence: 'Every statement that is read while others pay and refund adds up.',
    kind: 'history',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      await fill(at(0))
      const shopping = async (index: number) => {
        const orderId = await buy(at(index))
        await at(index + 1).orders.refund({ orderId, lines: [{ productId: 'p', quantity: 1 }] })
        await at(index).balance.withdraw({ userId: 'u', amount: 1 })
      }
      const problems: string[] = []
      const reading = async (index: number) => {
        for (let turn = 0; turn < 6; turn += 1) {
          problems.push(...imbalances(await at(index).statement(daysOfHistories)))
        }
      }
      await Promise.all([
        ...Array.from({ length: 8 }, (_, index) => shopping(index)),
        ...Array.from({ length: 3 }, (_, index) => reading(index)),
      ])
      const { closing } = await at(1).statement(daysOfHistories)
      return [
        ...problems.slice(0, 3),
        ...differences(closing, 100_000 - 8 * 201, 'the last closing'),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'STATEMENT-OF-LOTS',
    sentence: 'The end of a lot counts on its own day, before the sweep and after it: a past day never changes.',
    kind: 'history',
    async play(subject, clock, open) {
      const at = await serversOn(subject, open)
      const { timeZone } = at(0).policies.ranking
      const day = 86_400_000
      const days = [0, 1, 2, 3].map((later) => dayIn(startOfHistory + later * day, timeZone))
      await at(0).balance.charge({ userId: 'u', amount: 1_000 })
      await at(0).balance.grant({ userId: 'u', amount: 70, expiresAt: startOfHistory + day })
      await at(0).balance.grant({ userId: 'u', amount: 30 })
      clock.move(3 * day)
      const read = async () => {
        const figures: unknown[] = []
        for (const each of days) {
          const { opening, closing, movements } = await at(1).statement({ from: each, to: each })
          figures.push([opening, closing, movements.find(({ kind }) => kind === 'expiry')?.amount])
        }
        return figures
      }
      const due = [
        [0, 1_100, 0],
        [1_100, 1_030, -70],
        [1_030, 1_030, 0],
        [1_030, 1_030, 0],
      ]
      const before = await read()
      const swept = await at(0).upkeep.expireLots()
      const { items } = await at(0).balance.history({ userId: 'u', limit: 1 })
      const ended = { kind: 'expiry', amount: -70, at: new Date(startOfHistory + day).toISOString() }
      return [
        ...differences(before, due, 'the days before the sweep'),
        ...differences(swept, 1, 'the wallets that were swept'),
        ...differences(items, [ended], 'the newest entry'),
        ...differences(await read(), due, 'the days after the sweep'),
      ]
    },
  },
]
