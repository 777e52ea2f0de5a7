import { batchOf } from './choices.js'
import type { Lane } from './lane.js'
import { array, documents, type Write } from './parameters.js'
import { type PaidOrder, paymentsWritten, unitsOf } from './payment.js'
import { entryOf, walletsWritten } from './wallets.js'

const paidOrder = ({ choices, newId }: Lane, createdAt: Date): PaidOrder => {
  const [wallet, lines] = [choices.wallet(), choices.lines()]
  const amount = lines.reduce((sum, line) => sum + line.amount, 0)
  const orderId = newId()
  const entry = entryOf(wallet, -amount, newId(), orderId)
  return { orderId, wallet, lines, amount, createdAt, paymentId: newId(), eventId: newId(), entry }
}

const ordersWritten = (orders: readonly PaidOrder[], at: Date): Write => ({
  text: `insert into shop.orders (order_id, user_id, status, lines, dropped_lines, total_amount, discount_amount,
      final_amount, stock_taken_at, coupon_consumed_at, created_at, paid_at, payment_id, events)
    select n.order_id, n.user_id, 'paid', n.lines::jsonb, '[]', n.amount, 0, n.amount, 'order', 'order', $6, $6,
      n.payment_id, 1
    from unnest($1::text[], $2::text[], string_to_array($3, chr(30)), $4::bigint[], $5::text[])
      as n(order_id, user_id, lines, amount, payment_id)`,
  values: [
    array(orders, ({ orderId }) => orderId),
    array(orders, ({ wallet }) => wallet.userId),
    documents(orders, ({ lines }) => lines),
    array(orders, ({ amount }) => amount),
    array(orders, ({ paymentId }) => paymentId),
    at,
  ],
})

const unitsTaken = (orders: readonly PaidOrder[]): Write => {
  const units = unitsOf(orders)
  return {
    text: `update shop.products p set stock = p.stock - n.units
      from unnest($1::text[], $2::bigint[]) as n(product_id, units) where p.product_id = n.product_id`,
    values: [array(units, ([id]) => id), array(units, ([, count]) => count)],
  }
}

/** A batch of orders of three lines that are paid at once. */
export const checkout = (lane: Lane): Promise<void> => {
  const at = new Date()
  const orders = batchOf(() => paidOrder(lane, at))
  const wallets = orders.map(({ wallet }) => wallet)
  const writes = [
    unitsTaken(orders),
    walletsWritten(wallets),
    ordersWritten(orders, at),
    ...paymentsWritten(orders, at),
  ]
  return lane.commit(writes, at)
}
