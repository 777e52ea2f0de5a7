import { canonicalJson } from '../../shared/canonical-json.js'
import type { Sight } from '../reading.js'
import type { Effect, Effects } from './effects.js'

type Row = Readonly<Record<string, unknown>>

const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b)

/** The counted rows are those that were acknowledged, and at most as many more as are in doubt. */
const exactly = (
  what: string,
  { found, acknowledged, doubtful }: { found: readonly string[]; acknowledged: readonly string[]; doubtful: number },
): string[] => {
  const problems: string[] = []
  const told = new Set(acknowledged)
  if (told.size < acknowledged.length) problems.push(`ONCE: one ${what} was acknowledged to two commands`)
  for (const id of told)
    if (!found.includes(id)) problems.push(`ACK-DURABLE: ${what} ${id} was acknowledged but is gone`)
  const surplus = found.filter((id) => !told.has(id))
  if (surplus.length > doubtful) {
    problems.push(`NACK-NO-EFFECT: ${what} ${surplus.join(', ')} is there, but nobody was told so`)
  }
  return problems
}

const endOf: Readonly<Record<string, readonly string[]>> = {
  'payments.pay': ['paid', 'refunded'],
  'orders.cancel': ['cancelled'],
  'orders.expire': ['expired'],
  'orders.refund': ['refunded'],
}

const text = (row: Row, name: string): string => String(row[name])

/** Every acknowledged effect is there, exactly once; what was refused has left nothing. */
export const checkAcknowledged = (sight: Sight, { acknowledged, doubtful }: Effects): readonly string[] => {
  const of = (name: string): readonly Effect[] => acknowledged.filter((effect) => effect.name === name)
  const doubtfully = (...names: string[]): number => doubtful.filter(({ call }) => names.includes(call.name)).length
  const entries = Object.values(sight.wallets).flatMap((wallet) => wallet.entries)
  const problems = [
    ...exactly('charge', {
      found: entries.filter(({ kind }) => kind === 'charge').map(({ entryId }) => entryId),
      acknowledged: of('balance.charge').map(({ result }) => text(result, 'entryId')),
      doubtful: doubtfully('balance.charge'),
    }),
    ...exactly('order', {
      found: sight.orders.map(({ orderId }) => orderId),
      acknowledged: of('orders.place').map(({ result }) => text(result, 'orderId')),
      doubtful: doubtfully('orders.place'),
    }),
    ...exactly('refund', {
      found: entries.filter(({ kind }) => kind === 'refund').map(({ orderId }) => String(orderId)),
      acknowledged: of('orders.refund').map(({ result }) => text(result, 'orderId')),
      doubtful: doubtfully('orders.refund'),
    }),
    ...exactly('payment', {
      found: entries.filter(({ kind }) => kind === 'payment').map(({ orderId }) => String(orderId)),
      acknowledged: [
        ...of('payments.pay'),
        ...of('orders.place').filter(({ result }) => result['status'] === 'paid'),
      ].map(({ result }) => text(result, 'orderId')),
      doubtful: doubtfully('payments.pay', 'orders.place'),
    }),
    ...exactly('issued coupon', {
      found: Object.values(sight.owned).flatMap((owned) =>
        owned.map(({ userId, couponId }) => `${userId} ${couponId}`),
      ),
      acknowledged: of('coupons.issue').map(({ result }) => `${result['userId']} ${result['couponId']}`),
      doubtful: doubtfully('coupons.issue'),
    }),
    ...exactly('coupon', {
      found: sight.coupons.map(({ couponId }) => couponId),
      acknowledged: of('coupons.create').map(({ result }) => text(result, 'couponId')),
      doubtful: doubtfully('coupons.create'),
    }),
  ]
  for (const { name, result } of acknowledged) {
    const ends = endOf[name]
    const order = ends && sight.orders.find(({ orderId }) => orderId === result['orderId'])
    if (order && !ends.includes(order.status)) {
      problems.push(`ACK-DURABLE: ${name} of order ${order.orderId} was acknowledged, but it is ${order.status}`)
    }
  }
  for (const { result } of of('orders.place')) {
    const { status, paidAt, expiresAt, ...frozen } = result
    const order = sight.orders.find(({ orderId }) => orderId === result['orderId']) as Row | undefined
    for (const [field, value] of Object.entries(frozen)) {
      if (order && !same(order[field], value))
        problems.push(`PRICE-FROZEN: ${field} of order ${result['orderId']} changed`)
    }
  }
  return problems
}

/** Nothing is made of nothing: money and units, counted from what was acknowledged. */
export const checkConservation = (sight: Sight, { acknowledged, doubtful }: Effects): readonly string[] => {
  const problems: string[] = []
  const isDoubtful = (...names: string[]): boolean => doubtful.some(({ call }) => names.includes(call.name))
  const sum = (numbers: readonly unknown[]): number => numbers.reduce<number>((total, each) => total + Number(each), 0)
  const paid = sight.orders.filter(({ status }) => status === 'paid')
  if (!isDoubtful('balance.charge')) {
    const charged = sum(
      acknowledged.filter(({ name }) => name === 'balance.charge').map(({ input }) => input['amount']),
    )
    const kept = sum(Object.values(sight.wallets).map(({ balance }) => balance))
    const spent = sum(paid.map(({ finalAmount }) => finalAmount))
    if (charged !== kept + spent) {
      problems.push(`MONEY-CONSERVATION: ${charged} was charged, but ${kept} is left and ${spent} was paid`)
    }
  }
  if (isDoubtful('products.create', 'products.changeStock')) return problems
  for (const { productId, stock } of Object.values(sight.products)) {
    const created = acknowledged.filter(
      ({ name, result }) => name === 'products.create' && result['productId'] === productId,
    )
    const changed = acknowledged.filter(
      ({ name, input }) => name === 'products.changeStock' && input['productId'] === productId,
    )
    const supplied = sum(created.map(({ input }) => input['stock'])) + sum(changed.map(({ input }) => input['change']))
    const lines = paid.flatMap((order) => order.lines.filter((line) => line.productId === productId))
    const taken = sum(lines.map(({ quantity }) => quantity))
    if (supplied !== stock + taken) {
      problems.push(
        `STOCK-CONSERVATION: ${supplied} of ${productId} came in, but ${stock} is left and ${taken} was sold`,
      )
    }
  }
  return problems
}
