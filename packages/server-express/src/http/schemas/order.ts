import type { OrderView, PaymentView, QuoteView } from '@shop/core'
import { maxOrderLines } from '@shop/core/commands'
import { z } from 'zod'
import {
  count,
  id,
  lineQuantity,
  money,
  name,
  orderStatus,
  purchaseLimit,
  reason,
  reference,
  refundQuantity,
  time,
} from './fields.js'
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
    reference: reference.optional(),
  })
  .meta({ examples: [{ userId: 'user-1', products: [{ productId: 'keyboard', quantity: 2 }], couponId: 'opening' }] })
  .register(requests, { id: 'PlaceOrder' })

export const refundOrder = z
  .strictObject({
    lines: z
      .array(z.strictObject({ productId: id, quantity: refundQuantity }))
      .min(1)
      .max(maxOrderLines)
      .optional()
      .meta({ description: 'Without it, all that is left. Lines with the same product are summed' }),
    restock: z.boolean().optional().meta({ description: 'False: the units are written off. Without it, true' }),
    reason: reason.optional(),
    reference: reference.optional(),
  })
  .meta({ examples: [{ lines: [{ productId: 'keyboard', quantity: 1 }], reason: 'scratched' }, {}] })
  .register(requests, { id: 'RefundOrder' })

export const payOrder = z
  .strictObject({ userId: id, orderId: id })
  .meta({ examples: [{ userId: 'user-1', orderId: '01890a5d-ac96-774b-bcce-b302099a8057' }] })
  .register(requests, { id: 'PayOrder' })

const line = {
  productId: id,
  name,
  unitPrice: money,
  quantity: z.int().min(1),
  amount: money,
  purchaseLimit: purchaseLimit.optional().meta({ description: 'The limit that the order was decided by' }),
}
const droppedLines = z.array(z.strictObject({ productId: id, requested: z.int().min(1), available: count }))

const refund = z.strictObject({
  refundId: id,
  amount: money,
  bonusAmount: money
    .optional()
    .meta({ description: 'The part that was bonus money, forfeited bonus money included; absent if it is 0' }),
  lines: z.array(z.strictObject({ productId: id, quantity: z.int().min(1), amount: money })),
  restocked: z.boolean(),
  reason: reason.nullable(),
  reference: reference.nullable(),
  at: time,
})

/** Shared with outbox events: their data is an order plus a sequence number. */
export const orderFields = {
  orderId: id,
  userId: id,
  status: orderStatus,
  lines: z.array(
    z.strictObject({
      ...line,
      refundedQuantity: z.int().min(1).optional().meta({ description: 'Absent without a refunded unit' }),
    }),
  ),
  droppedLines,
  couponId: id.nullable(),
  totalAmount: money,
  discountAmount: money,
  finalAmount: money,
  discountedProductIds: z
    .array(id)
    .optional()
    .meta({ description: 'The products whose lines share the discount; absent if all do' }),
  createdAt: time,
  expiresAt: time.nullable(),
  paidAt: time.nullable(),
  paymentId: id.optional().meta({ description: 'Absent until the order is paid; kept when it is refunded' }),
  reference: reference.optional(),
  refundedAmount: money.optional().meta({ description: 'Absent without a refund' }),
  refunds: z.array(refund).optional().meta({ description: 'Oldest first; absent without a refund' }),
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

/** What a coupon of a quote can be refused for. */
const couponProblem = z.enum([
  'COUPON_NOT_FOUND',
  'COUPON_NOT_OWNED',
  'COUPON_ALREADY_USED',
  'COUPON_NOT_YET_VALID',
  'COUPON_EXPIRED',
  'COUPON_NOT_APPLICABLE',
  'COUPON_MINIMUM_NOT_MET',
])

export const quote: z.ZodType<QuoteView> = z
  .strictObject({
    lines: z.array(z.strictObject(line)),
    droppedLines,
    totalAmount: money,
    discountAmount: money,
    finalAmount: money,
    coupon: z
      .discriminatedUnion('applies', [
        z.strictObject({ couponId: id, applies: z.literal(true) }),
        z.strictObject({ couponId: id, applies: z.literal(false), code: couponProblem }),
      ])
      .nullable(),
    balance: money.meta({ description: 'Paid money and bonus money; 0 for a user without a wallet' }),
    sufficient: z.boolean().meta({ description: 'Whether the balance suffices for the final amount' }),
  })
  .register(responses, { id: 'Quote' })
