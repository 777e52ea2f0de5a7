import type { Change } from '../../../src/commands.js'
import { orderView } from '../../../src/model/order-view.js'
import type { Order, Refund } from '../../../src/store.js'
import { type BreakDecide, writes } from './decide.js'

const orderIn = (changes: readonly Change[]): Order | undefined => {
  for (const change of changes) if ('put' in change && change.put === 'orders') return change.row
  return undefined
}

/** Writes another order than the decider returned. Its event and the answer agree with it. */
export const rewritesOrder =
  (alter: (after: Order, before: Order) => Order): BreakDecide =>
  (decide) =>
  (facts, input, context) => {
    const decision = decide(facts, input, context)
    const before = facts.order((input as { readonly orderId: string }).orderId)
    const after = orderIn(decision.changes)
    if (!decision.ok || !before || !after) return decision
    const order = alter(after, before)
    const view = orderView(order, context)
    const changes = decision.changes.map((change): Change => {
      if (!('put' in change)) return change
      if (change.put === 'orders') return { ...change, row: order }
      if (change.put !== 'events') return change
      return { ...change, row: { ...change.row, data: { ...view, sequence: change.row.sequence } } }
    })
    return { ...decision, result: view, changes }
  }

/** The order with another amount of its last refund: the difference belongs to the first line. */
const withLast = (order: Order, surplus: number): Order => {
  const refunds = order.refunds ?? []
  const last = refunds.at(-1)
  const [first, ...others] = last?.lines ?? []
  if (!last || !first) return order
  const lines = [{ ...first, amount: first.amount + surplus }, ...others]
  return {
    ...order,
    refundedAmount: (order.refundedAmount ?? 0) + surplus,
    refunds: [...refunds.slice(0, -1), { ...last, amount: last.amount + surplus, lines }],
  }
}

/** Pays another amount back than the decider returned. Order, wallet, entries and event agree on it. */
export const paysBack =
  (amountOf: (order: Order, refund: Refund) => number): BreakDecide =>
  (decide) =>
  (facts, input, context) => {
    const before = facts.order((input as { readonly orderId: string }).orderId)
    const decision = decide(facts, input, context)
    const refund = orderIn(decision.changes)?.refunds?.at(-1)
    const surplus = before && refund ? amountOf(before, refund) - refund.amount : 0
    if (surplus === 0) return decision
    const moved = writes((change) => {
      if (!('put' in change)) return [change]
      if (change.put === 'wallets')
        return [{ ...change, row: { ...change.row, balance: change.row.balance + surplus } }]
      if (change.put !== 'entries') return [change]
      const { amount, balance, kind } = change.row
      const row = { ...change.row, balance: balance + surplus }
      return [{ ...change, row: kind === 'refund' ? { ...row, amount: amount + surplus } : row }]
    })
    return rewritesOrder((after) => withLast(after, surplus))(moved(() => decision))(facts, input, context)
  }
