import type { PlaceOrder } from '../../commands/order/place-order.js'
import type { OrderView } from '../../model/order-view.js'
import type { LimitedLine } from '../../shared/refusal.js'
import type { Recorded } from '../journal.js'
import { describeCall } from '../steps.js'
import type { HistoryLaw, Run } from './run.js'

type Refused = Recorded & { readonly answer: { readonly kind: 'refused' } }

const isRefusal = (record: Recorded): record is Refused =>
  record.answer.kind === 'refused' &&
  record.answer.refusal.code === 'PURCHASE_LIMIT_EXCEEDED' &&
  !record.answer.replayed &&
  (record.call.name === 'orders.place' || record.call.name === 'orders.quote')

/** Whether this call was answered before `later` was made, and ended the order before it was paid. */
const hasEndedUnpaid = ({ orderId }: OrderView, { records }: Run['journal'], later: Recorded): boolean =>
  records.some(({ call, answer, answered }) => {
    if (answered >= later.invoked || (call.input as { readonly orderId?: string }).orderId !== orderId) return false
    return (call.name === 'orders.cancel' || call.name === 'orders.expire') && answer.kind === 'ok'
  })

/** The units of a product that refunds had certainly taken back before `later` was called. */
const refundedBefore = (order: OrderView, productId: string, { records }: Run['journal'], later: Recorded): number => {
  const told = records.flatMap(({ call, answer, answered }) => {
    const isRefund = call.name === 'orders.refund' && answer.kind === 'ok' && answered < later.invoked
    const refunded = isRefund ? (answer.result as OrderView) : undefined
    return refunded?.orderId === order.orderId ? (refunded.refunds ?? []) : []
  })
  const ids = new Set(told.map(({ refundId }) => refundId))
  const refunds = (order.refunds ?? []).filter(({ refundId }) => ids.has(refundId))
  return refunds
    .flatMap(({ lines }) => lines.filter((line) => line.productId === productId))
    .reduce((sum, { quantity }) => sum + quantity, 0)
}

/** The most units of a product that the user can have had when the call was decided. */
const mostBought = ({ sight, journal, history }: Run, record: Recorded, userId: string, productId: string): number => {
  const holdMs = Math.max(1, Math.round(history.policies.order.holdMinutes * 60_000))
  const earliest = record.decided?.now ?? record.now
  return sight.orders
    .filter((order) => order.userId === userId)
    .filter(({ createdAt }) => record.decided === undefined || Date.parse(createdAt) <= record.decided.now)
    .filter(({ paidAt, createdAt }) => paidAt !== null || earliest < Date.parse(createdAt) + holdMs)
    .filter((order) => !hasEndedUnpaid(order, journal, record))
    .flatMap((order) => order.lines.filter((line) => line.productId === productId).map((line) => ({ order, line })))
    .reduce((sum, { order, line }) => sum + line.quantity - refundedBefore(order, productId, journal, record), 0)
}

/** Whether a caller may have set this limit before the record was answered. */
const wasSet = ({ records }: Run['journal'], { productId, limit }: LimitedLine, { answered }: Recorded): boolean =>
  records.some(({ call, answer, invoked, doubted }) => {
    if (!call.name.startsWith('products.') || invoked >= answered) return false
    const input = call.input as { readonly productId?: string; readonly purchaseLimit?: number | null }
    const told = answer.kind === 'ok' ? (answer.result as { readonly productId?: string }).productId : undefined
    return (
      input.purchaseLimit === limit &&
      (input.productId ?? told ?? productId) === productId &&
      (answer.kind === 'ok' || answer.kind === 'unavailable' || doubted)
    )
  })

const found = (run: Run, record: Recorded, line: LimitedLine): string | undefined => {
  const { userId, products } = record.call.input as PlaceOrder
  const { productId, limit, bought, requested } = line
  const asked = products.filter((each) => each.productId === productId).reduce((sum, each) => sum + each.quantity, 0)
  if (asked !== requested) return `asked for ${asked} of ${productId}, but ${requested} were told`
  if (!wasSet(run.journal, line, record)) return `was refused for a limit of ${limit} of ${productId} that nobody set`
  if (requested <= limit - bought) return `was refused ${requested} of ${productId}, but has ${bought} of ${limit}`
  const most = mostBought(run, record, userId, productId)
  return bought > most ? `was told to have ${bought} of ${productId}, but has at most ${most}` : undefined
}

/** Laws about purchase limits. */
export const purchaseLaws: readonly HistoryLaw[] = [
  {
    id: 'PURCHASE-LIMIT-FULL',
    sentence:
      'A purchase limit refuses no order that fits into what it leaves the user: units count only in orders that are open or paid, and only until they are refunded.',
    kind: 'history',
    check: (run) =>
      run.journal.records.filter(isRefusal).flatMap((record) => {
        const { refusal } = record.answer
        const lines = refusal.code === 'PURCHASE_LIMIT_EXCEEDED' ? refusal.lines : []
        if (lines.length === 0) return `${describeCall(record.call)} was refused for the limit of no product`
        return lines.flatMap((line) => {
          const problem = found(run, record, line)
          return problem === undefined ? [] : `${describeCall(record.call)}: ${problem}`
        })
      }),
  },
]
