import type { Effect } from './effects-of.js'
import type { HistoryLaw, Run } from './run.js'

/** What a row of the kit says: which command wrote it, and for which result. */
const named = (command: string, subject: unknown): string => `${command} ${subject}`

/** The subject of a command that brings a row along; undefined for commands that bring none. */
export const subjectOf = (name: string, result: Effect['result']): string | undefined => {
  if (name === 'orders.place' || name === 'payments.pay') return String(result['orderId'])
  if (name === 'balance.charge') return String(result['entryId'])
  return name === 'coupons.issue' ? `${result['couponId']} ${result['userId']}` : undefined
}

/** The rows that there must be: one for each order, charge, payment of its own, and issued coupon. */
const due = ({ sight, history }: Run): readonly string[] => {
  const entries = Object.values(sight.wallets).flatMap((wallet) => wallet.entries)
  const paysAtOnce = history.policies.order.checkout === 'order-and-pay'
  return [
    ...sight.orders.map(({ orderId }) => named('orders.place', orderId)),
    ...entries.flatMap(({ kind, entryId, orderId }) => {
      if (kind === 'charge') return [named('balance.charge', entryId)]
      return kind === 'payment' && !paysAtOnce ? [named('payments.pay', orderId)] : []
    }),
    ...Object.values(sight.owned).flatMap((owned) =>
      owned.map(({ couponId, userId }) => named('coupons.issue', `${couponId} ${userId}`)),
    ),
  ]
}

/** Laws of the rows that commit with commands. */
export const companionLaws: readonly HistoryLaw[] = [
  {
    id: 'COMPANION-WITH-ITS-COMMAND',
    sentence:
      'A companion row exists exactly if its command took effect: once, not for a refusal, and not again for a replay.',
    kind: 'history',
    check(run) {
      if (!run.companionRows) return []
      const left = run.companionRows.map(({ command, subject }) => named(String(command), subject))
      const missing: string[] = []
      for (const row of due(run)) {
        const index = left.indexOf(row)
        if (index < 0) missing.push(row)
        else left.splice(index, 1)
      }
      return [
        ...missing.map((row) => `${row} took effect without its companion row`),
        ...left.map((row) => `${row} has a companion row too many`),
      ]
    },
  },
]
