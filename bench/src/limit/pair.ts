import { batchOf, type Line, type Wallet } from './choices.js'
import type { Lane } from './lane.js'
import { array, documents, type Write } from './parameters.js'
import { type PaidOrder, paymentsWritten, unitsOf } from './payment.js'
import { entryOf, walletsWritten } from './wallets.js'

interface OpenOrder {
  readonly orderId: string
  readonly wallet: Wallet
  readonly lines: readonly Line[]
  readonly amount: number
  readonly createdAt: Date
}

const holdMs = 15 * 60_000

const openOrder = ({ choices, newId }: Lane, createdAt: Date): OpenOrder => {
  const lines = choices.lines()
  const amount = lines.reduce((sum, line) => sum + line.amount, 0)
  return { orderId: newId(), wallet: choices.wallet(), lines, amount, createdAt }
}

const linesOf = (orders: readonly OpenOrder[]) =>
  orders.flatMap(({ orderId, lines }) => lines.map((line) => ({ orderId, ...line })))

const placed = (orders: readonly OpenOrder[], at: Date): readonly Write[] => {
  const expiresAt = new Date(at.getTime() + holdMs)
  const [units, lines] = [unitsOf(orders), linesOf(orders)]
  return [
    {
      text: `update shop.products p set held = p.held + n.units
        from unnest($1::text[], $2::bigint[]) as n(product_id, units) where p.product_id = n.product_id`,
      values: [array(units, ([id]) => id), array(units, ([, count]) => count)],
    },
    {
      text: `insert into shop.orders (order_id, user_id, status, lines, dropped_lines, total_amount, discount_amount,
          final_amount, stock_taken_at, coupon_consumed_at, created_at, expires_at, events)
        select n.order_id, n.user_id, 'pending', n.lines::jsonb, '[]', n.amount, 0, n.amount, 'order', 'order', $5, $6, 0
        from unnest($1::text[], $2::text[], string_to_array($3, chr(30)), $4::bigint[])
          as n(order_id, user_id, lines, amount)`,
      values: [
        array(orders, ({ orderId }) => orderId),
        array(orders, ({ wallet }) => wallet.userId),
        documents(orders, ({ lines }) => lines),
        array(orders, ({ amount }) => amount),
        at,
        expiresAt,
      ],
    },
    {
      text: `insert into shop.holds (order_id, product_id, quantity, expires_at)
        select n.order_id, n.product_id, n.quantity, $4
        from unnest($1::text[], $2::text[], $3::bigint[]) as n(order_id, product_id, quantity)`,
      values: [
        array(lines, ({ orderId }) => orderId),
        array(lines, ({ productId }) => productId),
        array(lines, ({ quantity }) => quantity),
        expiresAt,
      ],
    },
  ]
}

const paid = (orders: readonly PaidOrder[], at: Date): readonly Write[] => {
  const [units, lines] = [unitsOf(orders), linesOf(orders)]
  return [
    {
      text: `update shop.products p set stock = p.stock - n.units, held = p.held - n.units
        from unnest($1::text[], $2::bigint[]) as n(product_id, units) where p.product_id = n.product_id`,
      values: [array(units, ([id]) => id), array(units, ([, count]) => count)],
    },
    {
      text: `update shop.orders o set status = 'paid', expires_at = null, paid_at = $3, payment_id = n.payment_id, events = 1
        from unnest($1::text[], $2::text[]) as n(order_id, payment_id) where o.order_id = n.order_id`,
      values: [array(orders, ({ orderId }) => orderId), array(orders, ({ paymentId }) => paymentId), at],
    },
    {
      text: `delete from shop.holds h using unnest($1::text[], $2::text[]) as n(order_id, product_id)
        where h.order_id = n.order_id and h.product_id = n.product_id`,
      values: [array(lines, ({ orderId }) => orderId), array(lines, ({ productId }) => productId)],
    },
  ]
}

/** A batch of orders of three lines, and then a batch of their payments. */
export const pair = async (lane: Lane): Promise<void> => {
  const { newId } = lane
  const createdAt = new Date()
  const open = batchOf(() => openOrder(lane, createdAt))
  await lane.commit(placed(open, createdAt), createdAt)
  const at = new Date()
  const orders = open.map((order) => {
    const entry = entryOf(order.wallet, -order.amount, newId(), order.orderId)
    return { ...order, paymentId: newId(), eventId: newId(), entry }
  })
  const wallets = orders.map(({ wallet }) => wallet)
  await lane.commit([...paid(orders, at), walletsWritten(wallets), ...paymentsWritten(orders, at)], at)
}
