import { payOrder } from '@shop/core/commands'
import { command, ownerFor, type Route, read } from '../route.js'
import * as schemas from '../schemas/order.js'

const tag = 'Payments'

export const paymentRoutes: readonly Route[] = [
  command({
    method: 'POST',
    path: '/api/payments',
    name: 'payOrder',
    summary: 'Pay an order from the balance',
    tag,
    access: 'user',
    runs: payOrder,
    body: schemas.payOrder,
    userOf: ({ body }) => body.userId,
    refusals: [
      'USER_NOT_FOUND',
      'ORDER_NOT_FOUND',
      'ORDER_NOT_PENDING',
      'STOCK_INSUFFICIENT',
      'COUPON_ALREADY_USED',
      'COUPON_EXPIRED',
      'BALANCE_INSUFFICIENT',
    ],
    response: schemas.payment,
    handle: ({ body, idempotency }, { shop }) => shop.execute(payOrder, body, { idempotency }),
  }),
  read({
    path: '/api/payments/{paymentId}',
    name: 'getPayment',
    summary: 'Get a payment',
    tag,
    access: 'user',
    refusals: ['PAYMENT_NOT_FOUND'],
    response: schemas.payment,
    handle: ({ params, caller }, { shop }) => shop.payments.get({ ...params, userId: ownerFor(caller) }),
  }),
]
