import type { PurchaseFacts } from '../../src/store.js'
import { type Break, first, last, type Mutable } from './sample-shop.js'

const purchase = (change: (facts: Mutable<PurchaseFacts>) => void): Break => {
  return ({ purchases }) => change(first(purchases))
}

/** Every way to break the laws of purchase limits. */
export const brokenPurchases: Readonly<Record<string, Readonly<Record<string, Break>>>> = {
  'PURCHASE-LIMIT': {
    'an open order too many': purchase(({ orders }) => {
      orders.push({ ...last(orders), orderId: 'another' })
    }),
    'a paid order of more than the limit': purchase(({ orders }) => {
      first(orders).units = 3
    }),
    'an order after the limit was lowered': purchase(({ orders }) => {
      last(orders).createdAt += 1
      last(orders).purchaseLimit = 1
    }),
    'an order after the limit was set': purchase(({ orders }) => {
      first(orders).purchaseLimit = null
      first(orders).units = 2
      last(orders).createdAt += 1
    }),
  },
}
