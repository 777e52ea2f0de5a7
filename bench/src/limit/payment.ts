import type { Line, Wallet } from './choices.js'
import { array, documents, type Write } from './parameters.js'
import { type Entry, paidFromWallets } from './wallets.js'

/** An order whose payment is written. */
export interface PaidOrder {
  readonly orderId: string
  readonly wallet: Wallet
  readonly lines: readonly Line[]
  readonly amount: number
  readonly createdAt: Date
  readonly paymentId: string
  readonly eventId: string
  readonly entry: Entry
}

/** How many units of each product the orders have, sorted by product. */
export const unitsOf = (
  orders: readonly { readonly lines: readonly Line[] }[],
): readonly (readonly [string, number])[] => {
  const units = new Map<string, number>()
  for (const { lines } of orders) {
    for (const { productId, quantity } of lines) units.set(productId, (units.get(productId) ?? 0) + quantity)
  }
  return [...units].sort(([a], [b]) => (a < b ? -1 : 1))
}

const eventOf = ({ orderId, wallet, lines, amount, createdAt, paymentId }: PaidOrder, at: Date) => ({
  orderId,
  userId: wallet.userId,
  status: 'paid',
  lines,
  droppedLines: [],
  couponId: null,
  totalAmount: amount,
  discountAmount: 0,
  finalAmount: amount,
  createdAt,
  expiresAt: null,
  paidAt: at,
  paymentId,
  sequence: 1,
})

/** What a payment writes beside the wallets, the products and the orders themselves. */
export const paymentsWritten = (orders: readonly PaidOrder[], at: Date): readonly Write[] => {
  const sold = unitsOf(orders)
  return [
    paidFromWallets(
      orders.map(({ entry }) => entry),
      at,
    ),
    {
      text: `insert into shop.events (event_id, type, order_id, sequence, data, at, status, attempts, next_attempt_at)
        select n.event_id, 'order.paid', n.order_id, 1, n.data::json, $4, 'pending', 0, $4
        from unnest($1::text[], $2::text[], string_to_array($3, chr(30))) as n(event_id, order_id, data)`,
      values: [
        array(orders, ({ eventId }) => eventId),
        array(orders, ({ orderId }) => orderId),
        documents(orders, (order) => eventOf(order, at)),
        at,
      ],
    },
    {
      text: `insert into shop.recent_sales (time_zone, day, product_ids, sold)
        values ('Asia/Seoul', ($3::timestamptz at time zone 'Asia/Seoul')::date, $1::text[], $2::bigint[])`,
      values: [array(sold, ([id]) => id), array(sold, ([, units]) => units), at],
    },
  ]
}
