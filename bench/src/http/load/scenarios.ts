import { dropSize, someRow } from '../../library/workloads.js'
import { couponId, productCount, productId, userId } from '../../stage/seed.js'
import type { Connection } from './connection.js'
import type { Asked, LoadOptions, Scenario } from './questions.js'
import { get, post, tokenOf } from './requests.js'

/** Number of recurring users. Each has a token. */
const maxVisitors = 10_000

const sendExpecting = async (connection: Connection, request: string): Promise<string> => {
  const { status, body } = await connection.send(request)
  if (status >= 300) throw new Error(`responded ${status}: ${body}`)
  return body
}

/** The requests that one connection repeats. */
export const scenariosFor = ({
  secret,
  users,
}: LoadOptions): Record<Scenario, (connection: Connection, asked: Asked) => Promise<unknown>> => {
  const visitors = Array.from({ length: Math.min(users, maxVisitors) }, (_, index) => {
    const user = userId(index + 1)
    return { user, token: tokenOf(user, secret) }
  })
  let number = 0
  const next = () => {
    number += 1
    return visitors[number % visitors.length] as (typeof visitors)[number]
  }
  const orderAndPay = async (connection: Connection, product: number): Promise<string> => {
    const { user, token } = next()
    const products = [{ productId: productId(product), quantity: 1 }]
    const placed = await sendExpecting(connection, post('/api/orders', token, { userId: user, products }))
    const { orderId } = JSON.parse(placed) as { orderId: string }
    return sendExpecting(connection, post('/api/payments', token, { userId: user, orderId }))
  }
  let copies = 0
  /** How many copies of each coupon of a drop were claimed, by its number. */
  const claims: number[] = []
  let rush = { product: 0, orders: 0 }
  return {
    /** Every user claims the same coupon. Once all have it, they claim the next one. */
    issue(connection) {
      const { user, token } = visitors[copies % visitors.length] as (typeof visitors)[number]
      const coupon = couponId(1 + (Math.floor(copies / visitors.length) % 1_000))
      copies += 1
      return sendExpecting(connection, post('/api/coupon/issue', token, { userId: user, couponId: coupon }))
    },
    /** The same with a drop of coupons: every user claims each of them, and then those of the next drop. */
    'issue-drop'(connection, { share }) {
      const row = someRow(dropSize, share)
      const claimed = claims[row] ?? 0
      claims[row] = claimed + 1
      const { user, token } = visitors[claimed % visitors.length] as (typeof visitors)[number]
      const coupon = couponId(row + dropSize * Math.floor(claimed / visitors.length))
      return sendExpecting(connection, post(`/api/coupons/${coupon}/issue`, token, { userId: user }))
    },
    charge(connection) {
      const { user, token } = next()
      return sendExpecting(connection, post('/api/balance/charge', token, { userId: user, amount: 100 }))
    },
    'charge-new-token'(connection) {
      const { user } = next()
      const token = tokenOf(user, secret, String(number))
      return sendExpecting(connection, post('/api/balance/charge', token, { userId: user, amount: 100 }))
    },
    'order-and-pay': (connection) => orderAndPay(connection, 1),
    'order-drop': (connection, { share }) => orderAndPay(connection, someRow(dropSize, share)),
    /** Every user orders one unit of the same product, with a token never seen before. */
    rush(connection, { product = 1 }) {
      if (rush.product !== product) rush = { product, orders: 0 }
      const number = rush.orders
      rush.orders += 1
      const user = userId(1 + (number % users))
      const products = [{ productId: productId(product + Math.floor(number / users)), quantity: 1 }]
      return sendExpecting(
        connection,
        post('/api/orders', tokenOf(user, secret, String(product)), { userId: user, products }),
      )
    },
    top: (connection) => sendExpecting(connection, get('/api/products/top')),
    product: (connection) =>
      sendExpecting(connection, get(`/api/products/${productId(1 + Math.floor(Math.random() * productCount))}`)),
  }
}
