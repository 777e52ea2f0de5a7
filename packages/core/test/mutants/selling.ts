import type { Facts } from '../../src/commands.js'
import { createShop, type PlaceOrder } from '../../src/index.js'
import { isOpen, type Product } from '../../src/store.js'
import { type BreakDecide, believes, chain, writes } from './breakers/decide.js'
import { codesByCase, countsBeforeLocks, countsItsOwn, countsPurchases } from './breakers/purchases.js'
import type { Mutant } from './mutant.js'

const everywhere = ['ALONE', 'CROWDED', 'INTERLEAVED'] as const
const minute = 60_000

/** A product with other terms than it has. Its row keeps the true ones. */
const termsSeem = (change: (product: Product, now: number) => Partial<Product>): BreakDecide =>
  chain(
    believes((facts, _, { now }) => ({
      product: (productId) => {
        const product = facts.product(productId)
        return product && { ...product, ...change(product, now) }
      },
    })),
    writes((change, facts) => {
      if (!('put' in change) || change.put !== 'products') return [change]
      const { opensAt = null, closesAt = null, sale = null } = facts.product(change.row.productId) ?? {}
      return [{ ...change, row: { ...change.row, opensAt, closesAt, sale } }]
    }),
  )

/** Units that lines of one product request beyond the largest line. */
const surplus = ({ products }: PlaceOrder, productId: string): number => {
  const quantities = products.filter((line) => line.productId === productId).map(({ quantity }) => quantity)
  return quantities.reduce((sum, each) => sum + each, 0) - Math.max(0, ...quantities)
}

/** What each group knew of purchases when it first asked. */
const firstKnown = new WeakMap<Facts, Map<string, number>>()

/** Mistakes about hours, sales, purchase limits, open orders and codes. */
export const sellingMutants: readonly Mutant[] = [
  {
    id: 'D01',
    title: 'purchase limit checked line by line',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'place-order': believes<PlaceOrder>((facts, input) => ({
          purchased: (userId, productId) => facts.purchased(userId, productId) - surplus(input, productId),
        })),
      },
    },
  },
  {
    id: 'D02',
    title: 'purchase limit counts paid orders only',
    part: 'store',
    fits: ['ALONE', 'LOAD-PURCHASES'],
    breaks: {
      store: countsPurchases(({ status }, { ordered, refunded }) => (status === 'paid' ? ordered - refunded : 0)),
    },
  },
  {
    id: 'D03',
    title: 'units of an unpaid order not freed at its deadline',
    part: 'store',
    fits: ['ALONE', 'LOAD-PURCHASES'],
    breaks: {
      store: countsPurchases(({ status }, { ordered, refunded }) =>
        status === 'paid' || status === 'pending' ? ordered - refunded : 0,
      ),
    },
  },
  {
    id: 'D04',
    title: 'refunded units freed twice',
    part: 'store',
    fits: ['LOAD-PURCHASES', 'ALONE'],
    breaks: {
      store: countsPurchases((order, { ordered, refunded, now }) =>
        order.status === 'paid' || isOpen(order, now) ? ordered - 2 * refunded : 0,
      ),
    },
  },
  {
    id: 'D05',
    title: 'refunded units never freed',
    part: 'store',
    fits: ['ALONE', 'LOAD-PURCHASES'],
    breaks: {
      store: countsPurchases((order, { ordered, now }) =>
        order.status === 'paid' || order.status === 'refunded' || isOpen(order, now) ? ordered : 0,
      ),
    },
  },
  {
    id: 'D06',
    title: 'purchase limit checked before the lock',
    part: 'store',
    fits: ['PURCHASE-LIMIT-RACE', 'CROWDED'],
    breaks: { store: countsBeforeLocks('purchases') },
  },
  {
    id: 'D07',
    title: 'purchase limit per server',
    part: 'executor',
    fits: ['PURCHASE-LIMIT-RACE'],
    breaks: { open: (options) => createShop({ ...options, store: countsItsOwn(options.store) }) },
  },
  {
    id: 'D08',
    title: 'orders of one group do not count for each other',
    part: 'decider',
    fits: ['PURCHASE-LIMIT-RACE', 'CROWDED'],
    breaks: {
      decide: {
        'place-order': believes((facts) => ({
          purchased: (userId, productId) => {
            const known = firstKnown.get(facts) ?? new Map<string, number>()
            firstKnown.set(facts, known)
            const key = `${userId} ${productId}`
            const units = known.get(key) ?? facts.purchased(userId, productId)
            known.set(key, units)
            return units
          },
        })),
      },
    },
  },
  {
    id: 'D09',
    title: 'sale price after the end of the sale',
    part: 'decider',
    fits: everywhere,
    breaks: { decide: { 'place-order': termsSeem(({ sale }) => ({ sale: sale && { ...sale, until: 9e15 } })) } },
  },
  {
    id: 'D10',
    title: 'closed by the clock of a server that is slow',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'place-order': termsSeem(({ closesAt }, now) => ({
          closesAt: closesAt !== null && now - minute < closesAt ? null : closesAt,
        })),
      },
    },
  },
  {
    id: 'D11',
    title: 'discount of a coupon for products taken of all lines',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'place-order': believes((facts) => ({
          couponTerms: (couponId) => {
            const terms = facts.couponTerms(couponId)
            return terms && { ...terms, productIds: null }
          },
        })),
      },
    },
  },
  {
    id: 'D12',
    title: 'code found only as it is written',
    part: 'store',
    fits: ['ALONE', 'TRANSACT-CODES'],
    breaks: { store: codesByCase },
  },
  {
    id: 'D13',
    title: 'open orders counted before the lock',
    part: 'store',
    fits: ['PENDING-ORDERS-RACE'],
    breaks: { store: countsBeforeLocks('openOrders') },
  },
  {
    id: 'D14',
    title: 'coupon with a code issued by its id',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'issue-coupon': (decide) => (facts, input, context) =>
          decide(facts, { ...(input as object), requiresCode: false }, context),
      },
    },
  },
]
