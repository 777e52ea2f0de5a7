import { canonicalJson } from '../../shared/canonical-json.js'
import type { Effect } from './effects-of.js'
import type { HistoryLaw, Run } from './run.js'

type Row = Readonly<Record<string, unknown>>

const text = (row: Row, name: string): string => String(row[name])

/** Rows of one kind: the stored ones, the acknowledged ones, and the number of possible others. */
interface Count {
  readonly what: string
  readonly found: readonly string[]
  readonly acknowledged: readonly string[]
  readonly doubtful: number
}

const counts = ({ sight, effects: { acknowledged, doubtful } }: Run): readonly Count[] => {
  const of = (name: string): readonly Effect[] => acknowledged.filter((effect) => effect.name === name)
  const doubtfully = (...names: string[]): number => doubtful.filter(({ call }) => names.includes(call.name)).length
  const entries = Object.values(sight.wallets).flatMap((wallet) => wallet.entries)
  const ordersOf = (kind: string) => entries.filter((entry) => entry.kind === kind).map(({ orderId }) => `${orderId}`)
  const madeBy = (kind: string, name: string): Count => ({
    what: kind,
    found: entries.filter((entry) => entry.kind === kind).map(({ entryId }) => entryId),
    acknowledged: of(name).map(({ result }) => text(result, 'entryId')),
    doubtful: doubtfully(name),
  })
  const refundIds = (order: { readonly refunds?: readonly { readonly refundId: string }[] | undefined }) =>
    (order.refunds ?? []).map(({ refundId }) => refundId)
  const paidAtOnce = of('orders.place').filter(({ result }) => result['status'] === 'paid')
  return [
    madeBy('charge', 'balance.charge'),
    madeBy('grant', 'balance.grant'),
    madeBy('withdrawal', 'balance.withdraw'),
    madeBy('adjustment', 'balance.adjust'),
    {
      what: 'order',
      found: sight.orders.map(({ orderId }) => orderId),
      acknowledged: of('orders.place').map(({ result }) => text(result, 'orderId')),
      doubtful: doubtfully('orders.place'),
    },
    {
      what: 'refund',
      found: sight.orders.flatMap(refundIds),
      acknowledged: of('orders.refund').map(({ result }) => refundIds(result).at(-1) ?? 'none'),
      doubtful: doubtfully('orders.refund'),
    },
    {
      what: 'payment',
      found: ordersOf('payment'),
      acknowledged: [...of('payments.pay'), ...paidAtOnce].map(({ result }) => text(result, 'orderId')),
      doubtful: doubtfully('payments.pay', 'orders.place'),
    },
    {
      what: 'issued coupon',
      found: Object.values(sight.owned).flatMap((owned) =>
        owned.map(({ userId, couponId }) => `${userId} ${couponId}`),
      ),
      acknowledged: of('coupons.issue').map(({ result }) => `${result['userId']} ${result['couponId']}`),
      doubtful: doubtfully('coupons.issue'),
    },
    {
      what: 'coupon',
      found: sight.coupons.map(({ couponId }) => couponId),
      acknowledged: of('coupons.create').map(({ result }) => text(result, 'couponId')),
      doubtful: doubtfully('coupons.create'),
    },
  ]
}

const endsOf: Readonly<Record<string, readonly string[]>> = {
  'payments.pay': ['paid', 'refunded'],
  'orders.cancel': ['cancelled'],
  'orders.expire': ['expired'],
  'orders.refund': ['paid', 'refunded'],
}

const mayChange = new Set(['status', 'paidAt', 'expiresAt', 'paymentId', 'refundedAmount', 'refunds', 'metadata'])

/** A line without what was refunded of it since. */
const asPlaced = (field: string, value: unknown): string =>
  canonicalJson(field === 'lines' ? (value as Row[]).map((line) => ({ ...line, refundedQuantity: undefined })) : value)

/** Laws about the effects of answered calls. */
export const effectLaws: readonly HistoryLaw[] = [
  {
    id: 'ACK-DURABLE',
    sentence: 'Every acknowledged effect exists, whatever failed afterwards.',
    kind: 'history',
    check: (run) => {
      const gone = counts(run).flatMap(({ what, found, acknowledged }) =>
        acknowledged.filter((id) => !found.includes(id)).map((id) => `${what} ${id} was acknowledged but is gone`),
      )
      const ended = run.effects.acknowledged.flatMap(({ name, result }) => {
        const ends = endsOf[name]
        const order = ends && run.sight.orders.find(({ orderId }) => orderId === result['orderId'])
        return order && !ends.includes(order.status)
          ? `${name} of order ${order.orderId} was acknowledged, but it is ${order.status}`
          : []
      })
      return [...gone, ...ended]
    },
  },
  {
    id: 'ACK-ONCE',
    sentence: 'No effect is acknowledged to two calls.',
    kind: 'history',
    check: (run) =>
      counts(run).flatMap(({ what, acknowledged }) => {
        const twice = acknowledged.filter((id, index) => acknowledged.indexOf(id) < index)
        return twice.map((id) => `${what} ${id} was acknowledged to two commands`)
      }),
  },
  {
    id: 'NACK-NO-EFFECT',
    sentence: 'A refused call has no effect. A call in doubt has at most one.',
    kind: 'history',
    check: (run) =>
      counts(run).flatMap(({ what, found, acknowledged, doubtful }) => {
        const surplus = found.filter((id) => !acknowledged.includes(id))
        return surplus.length > doubtful ? `${what} ${surplus.join(', ')} exists, but was never acknowledged` : []
      }),
  },
  {
    id: 'ORDER-FROZEN',
    sentence: 'Lines, prices, discount and owner of an order never change.',
    kind: 'history',
    check: ({ effects, sight }) =>
      effects.acknowledged.flatMap(({ name, result }) => {
        if (name !== 'orders.place') return []
        const order = sight.orders.find(({ orderId }) => orderId === result['orderId']) as Row | undefined
        if (!order) return []
        return Object.entries(result)
          .filter(([field, value]) => !mayChange.has(field) && asPlaced(field, order[field]) !== asPlaced(field, value))
          .map(([field]) => `${field} of order ${result['orderId']} changed`)
      }),
  },
]
