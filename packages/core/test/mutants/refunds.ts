import { put } from '../../src/commands.js'
import type { RefundOrder } from '../../src/index.js'
import { type MoneySource, netAmounts, type Order, refundsOf, sumOf, type Wallet } from '../../src/store.js'
import { believes, chain, writes } from './breakers/decide.js'
import { paysBack, rewritesOrder } from './breakers/refund.js'
import type { Mutant } from './mutant.js'

const everywhere = ['ALONE', 'CROWDED', 'INTERLEAVED'] as const

/** A refund that takes another view of what paid for its order. The order keeps its true sources. */
const paidBy = (
  change: (sources: readonly MoneySource[], order: Order, wallet: Wallet | undefined) => readonly MoneySource[] | null,
) =>
  chain(
    believes<RefundOrder>((facts, _, { now: _now }) => ({
      order: (orderId) => {
        const order = facts.order(orderId)
        if (!order?.sources) return order
        return { ...order, sources: change(order.sources, order, facts.wallet(order.userId)) }
      },
    })),
    rewritesOrder((after, before) => ({ ...after, sources: before.sources })),
  )

const released = (order: Order, facts: Parameters<Parameters<typeof writes>[0]>[1]) => {
  const issued = order.couponId === null ? undefined : facts.issuedCoupon(order.couponId, order.userId)
  return issued ? [put('issuedCoupons', { ...issued, usedByOrderId: null, usedUntil: null })] : []
}

/** The price of one unit after discount, for each line. */
const unitNets = (order: Order): ReadonlyMap<string, number> => {
  const nets = netAmounts(order)
  return new Map(order.lines.map(({ productId, quantity }, index) => [productId, (nets[index] ?? 0) / quantity]))
}

/** Mistakes of refunds. */
export const refundMutants: readonly Mutant[] = [
  {
    id: 'W18',
    title: 'refund to another lot than the one that was spent',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': paidBy((sources, _, wallet) => {
          const other = wallet?.lots?.[0]
          return sources.map((source) =>
            source.lotId === null || !other ? source : { ...other, amount: source.amount },
          )
        }),
      },
    },
  },
  {
    id: 'W19',
    title: 'refund returns first what was spent first',
    part: 'decider',
    fits: everywhere,
    breaks: { decide: { 'refund-order': paidBy((sources) => sources.toReversed()) } },
  },
  {
    id: 'W20',
    title: 'refund turns bonus money into paid money',
    part: 'decider',
    fits: everywhere,
    breaks: { decide: { 'refund-order': paidBy(() => null) } },
  },
  {
    id: 'W21',
    title: 'refund lets a lot that has ended live for ever',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': paidBy((sources) =>
          sources.map((source) => (source.lotId === null ? source : { ...source, expiresAt: null })),
        ),
      },
    },
  },
  {
    id: 'W22',
    title: 'refund rounds each unit down: the rest is lost',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': paysBack((order, { amount, lines }) => {
          if (order.discountWithdrawnBy !== null) return amount
          const nets = unitNets(order)
          const whole = lines.map(({ productId, quantity }) => Math.floor(nets.get(productId) ?? 0) * quantity)
          return Math.min(
            amount,
            whole.reduce((sum, each) => sum + each, 0),
          )
        }),
      },
    },
  },
  {
    id: 'W23',
    title: 'refund rounds each part up: the rest is paid twice',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': paysBack((order, { amount, lines }) => {
          if (order.discountWithdrawnBy !== null) return amount
          const nets = unitNets(order)
          const parts = lines.map(({ productId, quantity }) => Math.ceil((nets.get(productId) ?? 0) * quantity))
          return Math.max(
            amount,
            parts.reduce((sum, each) => sum + each, 0),
          )
        }),
      },
    },
  },
  {
    id: 'W24',
    title: 'more units refunded than are left',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': chain(
          believes<RefundOrder>((facts) => ({
            order: (orderId) => {
              const order = facts.order(orderId)
              return order?.status === 'paid' ? { ...order, refunds: null, refundedAmount: null } : order
            },
          })),
          rewritesOrder((after, before) => {
            const refunds = [...refundsOf(before), ...(after.refunds ?? [])]
            return { ...after, refunds, refundedAmount: sumOf(refunds) }
          }),
        ),
      },
    },
  },
  {
    id: 'W25',
    title: 'refunded units restocked twice',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': writes((change, facts) => {
          if (!('put' in change) || change.put !== 'products') return [change]
          const { row } = change
          const returned = row.stock - (facts.product(row.productId)?.stock ?? row.stock)
          return [{ ...change, row: { ...row, stock: Math.min(row.received, row.stock + returned) } }]
        }),
      },
    },
  },
  {
    id: 'W26',
    title: 'written off units restocked all the same',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': writes((change, facts) => {
          if (!('put' in change) || change.put !== 'products') return [change]
          const before = facts.product(change.row.productId)
          const writtenOff = before ? before.received - change.row.received : 0
          if (!before || writtenOff === 0) return [change]
          return [{ ...change, row: { ...before, stock: before.stock + writtenOff } }]
        }),
      },
    },
  },
  {
    id: 'W27',
    title: 'discount withdrawn twice',
    part: 'decider',
    fits: ['COUPON-COMES-BACK-ONCE', 'ALONE'],
    breaks: {
      decide: {
        'refund-order': paysBack(({ discountWithdrawnBy, discountAmount }, { amount }) =>
          discountWithdrawnBy === null ? amount : Math.max(0, amount - discountAmount),
        ),
      },
    },
  },
  {
    id: 'W28',
    title: 'withdrawal of a discount not recorded',
    part: 'decider',
    fits: ['COUPON-COMES-BACK-ONCE', 'ALONE'],
    breaks: { decide: { 'refund-order': rewritesOrder((after) => ({ ...after, discountWithdrawnBy: null })) } },
  },
  {
    id: 'W29',
    title: 'coupon returned with the first unit',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': writes((change, facts) =>
          'put' in change && change.put === 'orders' && change.row.status === 'paid'
            ? [change, ...released(change.row, facts)]
            : [change],
        ),
      },
    },
  },
  {
    id: 'W30',
    title: 'coupon returned twice: the order that has it loses it',
    part: 'decider',
    fits: ['COUPON-COMES-BACK-ONCE', 'ALONE'],
    breaks: {
      decide: {
        'refund-order': writes((change, facts) =>
          'put' in change && change.put === 'orders' && change.row.discountWithdrawnBy !== null
            ? [change, ...released(change.row, facts)]
            : [change],
        ),
      },
    },
  },
  {
    id: 'W31',
    title: 'units of a partial refund stay in the daily sums',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': writes<RefundOrder>((change, _, { lines }) => ('sold' in change && lines ? [] : [change])),
      },
    },
  },
  {
    id: 'W32',
    title: 'partial refund without its event',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': writes((change) =>
          'put' in change && change.put === 'events' && change.row.type === 'order.partially-refunded' ? [] : [change],
        ),
      },
    },
  },
]
