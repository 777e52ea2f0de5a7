import type { OrderView, PaymentView } from '@shop/core'
import { maxOrderLines } from '@shop/core/commands'
import { z } from 'zod'
import { count, id, lineQuantity, money, name, orderStatus, time } from './fields.js'
import { requests, responses } from './registries.js'

export const placeOrder = z
  .strictObject({
    userId: id,
    products: z
      .array(z.strictObject({ productId: id, quantity: lineQuantity }))
      .min(1)
      .max(maxOrderLines)
      .meta({ description: 'Lines with the same product are summed' }),
    couponId: id.nullish(),
  })
  .meta({ examples: [{ userId: 'user-1', products: [{ productId: 'keyboard', quantity: 2 }], couponId: 'opening' }] })
  .register(requests, { id: 'PlaceOrder' })

export const payOrder = z
  .strictObject({ userId: id, orderId: id })
  .meta({ examples: [{ userId: 'user-1', orderId: '01890a5d-ac96-774b-bcce-b302099a8057' }] })
  .register(requests, { id: 'PayOrder' })

/** Shared with outbox events: their data is an order plus a sequence number. */
export const orderFields = {
  orderId: id,
  userId: id,
  status: orderStatus,
  lines: z.array(z.strictObject({ productId: id, name, unitPrice: money, quantity: z.int().min(1), amount: money })),
  droppedLines: z.array(z.strictObject({ productId: id, requested: z.int().min(1), available: count })),
  couponId: id.nullable(),
  totalAmount: money,
  discountAmount: money,
  finalAmount: money,
  createdAt: time,
  expiresAt: time.nullable(),
  paidAt: time.nullable(),
  paymentId: id.optional().meta({ description: 'Absent until the order is paid; kept when it is refunded' }),
}

export const order: z.ZodType<OrderView> = z.strictObject(orderFields).register(responses, { id: 'Order' })

export const orders = z
  .strictObject({ orders: z.array(order), nextCursor: z.string().nullable() })
  .register(responses, { id: 'Orders' })

export const payment: z.ZodType<PaymentView> = z
  .strictObject({
    paymentId: id,
    orderId: id,
    userId: id,
    amount: money,
    balance: money.meta({ description: 'The balance after the payment' }),
    paidAt: time,
    order,
  })
  .register(responses, { id: 'Payment' })
