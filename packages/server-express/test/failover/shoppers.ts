import type { Client } from '../crash/client.js'
import type { ApiResponse } from '../support/tokens.js'

/** What the shop acknowledged to one shopper. Every response is definite, so it determines the final state exactly. */
export interface Acknowledged {
  readonly userId: string
  balance: number
  hasCoupon: boolean
  /** Status by order id. */
  readonly orders: Map<string, 'paid' | 'cancelled' | 'refunded'>
}

export const price = 1_000
export const discount = 100
export const couponId = 'welcome'
export const productIds = ['lamp', 'desk', 'chair']

const expectStatus = (answer: ApiResponse, wanted: number): ApiResponse => {
  if (answer.status === wanted) return answer
  throw new Error(`expected ${wanted}: ${answer.status} ${JSON.stringify(answer.body)}`)
}

/** Charges, claims the coupon once, orders, and pays, cancels or refunds, until it is over. */
export const shopAs = async (n: number, client: Client, isOver: () => boolean): Promise<Acknowledged> => {
  const userId = `shopper-${n}`
  const acknowledged: Acknowledged = { userId, balance: 0, hasCoupon: false, orders: new Map() }
  const post = async (path: string, body: object, wanted = 200) => expectStatus(await client.post(path, body), wanted)
  for (let round = 0; !isOver(); round += 1) {
    await post('/api/balance/charge', { userId, amount: price })
    acknowledged.balance += price
    if (round === n % 3) {
      await post('/api/coupon/issue', { userId, couponId })
      acknowledged.hasCoupon = true
    }
    const usesCoupon = round === n % 3
    const productId = productIds[(round + n) % productIds.length]
    const placed = await post(
      '/api/orders',
      { userId, products: [{ productId, quantity: 1 }], ...(usesCoupon && { couponId }) },
      201,
    )
    const { orderId, finalAmount } = placed.body
    if (round % 4 === 3) {
      await post(`/api/orders/${orderId}/cancel`, {})
      acknowledged.orders.set(orderId, 'cancelled')
      continue
    }
    await post('/api/payments', { userId, orderId })
    acknowledged.balance -= finalAmount
    acknowledged.orders.set(orderId, 'paid')
    if (round % 4 === 2) {
      await post(`/api/orders/${orderId}/refund`, {})
      acknowledged.balance += finalAmount
      acknowledged.orders.set(orderId, 'refunded')
    }
  }
  return acknowledged
}
