import { cancelOrder, placeOrder, quoteOrder, refundOrder, updateOrder } from '@shop/core/commands'
import { z } from 'zod'
import { positionCursor } from '../cursor.js'
import { command, ownerFor, type Route, read } from '../route.js'
import { id, orderStatus, pageSize, reference } from '../schemas/fields.js'
import * as schemas from '../schemas/order.js'

const tag = 'Orders'
const cursor = positionCursor('orders')

export const orderRoutes: readonly Route[] = [
  command({
    method: 'POST',
    path: '/api/orders',
    name: 'placeOrder',
    summary: 'Place an order',
    tag,
    access: 'user',
    runs: placeOrder,
    body: schemas.placeOrder,
    userOf: ({ body }) => body.userId,
    refusals: [
      'REFERENCE_REUSED',
      'USER_NOT_FOUND',
      'ORDER_ALREADY_EXISTS',
      'TOO_MANY_PENDING_ORDERS',
      'PRODUCT_NOT_FOUND',
      'PRODUCT_NOT_ON_SALE',
      'PURCHASE_LIMIT_EXCEEDED',
      'STOCK_INSUFFICIENT',
      'COUPON_NOT_FOUND',
      'COUPON_NOT_OWNED',
      'COUPON_ALREADY_USED',
      'COUPON_NOT_YET_VALID',
      'COUPON_EXPIRED',
      'COUPON_NOT_APPLICABLE',
      'COUPON_MINIMUM_NOT_MET',
      'BALANCE_INSUFFICIENT',
    ],
    status: 201,
    response: schemas.order,
    location: ({ orderId }) => `/api/orders/${orderId}`,
    handle: ({ body, idempotency }, { shop }) => shop.execute(placeOrder, body, { idempotency }),
  }),
  read({
    method: 'POST',
    path: '/api/orders/quote',
    name: 'quoteOrder',
    summary:
      'Tell what an order would cost now. Reserves nothing; an Idempotency-Key, a reference, an order id and metadata have no effect',
    tag,
    access: 'user',
    runs: quoteOrder,
    body: schemas.placeOrder,
    userOf: ({ body }) => body.userId,
    refusals: [
      'USER_NOT_FOUND',
      'PRODUCT_NOT_FOUND',
      'PRODUCT_NOT_ON_SALE',
      'PURCHASE_LIMIT_EXCEEDED',
      'STOCK_INSUFFICIENT',
    ],
    response: schemas.quote,
    handle: ({ body }, { shop }) => shop.orders.quote(body),
  }),
  read({
    path: '/api/orders',
    name: 'listOrders',
    summary: 'List orders, newest first',
    tag,
    access: 'user',
    userOf: ({ query }) => query.userId,
    query: z.strictObject({
      userId: id.optional().meta({ description: 'Required unless the caller is an administrator' }),
      status: orderStatus.optional(),
      reference: reference.optional(),
      limit: pageSize,
      cursor: cursor.query,
    }),
    refusals: ['USER_NOT_FOUND'],
    response: schemas.orders,
    async handle({ query: { userId, status, reference, limit, cursor: after } }, { shop }) {
      const { items, next } = await shop.orders.list({ userId, status, reference, limit, after })
      return { orders: items, nextCursor: cursor.write(next) }
    },
  }),
  read({
    path: '/api/orders/{orderId}',
    name: 'getOrder',
    summary: 'Get an order',
    tag,
    access: 'user',
    refusals: ['ORDER_NOT_FOUND'],
    response: schemas.order,
    handle: ({ params, caller }, { shop }) => shop.orders.get({ ...params, userId: ownerFor(caller) }),
  }),
  command({
    method: 'PATCH',
    path: '/api/orders/{orderId}',
    name: 'updateOrder',
    summary: 'Change an order: omitted fields stay as they are',
    tag,
    access: 'administrator',
    runs: updateOrder,
    body: schemas.updateOrder,
    refusals: ['ORDER_NOT_FOUND'],
    response: schemas.order,
    handle: ({ params, body }, { shop }) => shop.execute(updateOrder, { ...body, ...params }),
  }),
  command({
    method: 'POST',
    path: '/api/orders/{orderId}/cancel',
    name: 'cancelOrder',
    summary: 'Cancel a pending order',
    tag,
    access: 'user',
    runs: cancelOrder,
    refusals: ['ORDER_NOT_FOUND', 'ORDER_NOT_PENDING'],
    response: schemas.order,
    handle: ({ params, caller, idempotency }, { shop }) =>
      shop.execute(cancelOrder, { ...params, userId: ownerFor(caller) }, { idempotency }),
  }),
  command({
    method: 'POST',
    path: '/api/orders/{orderId}/refund',
    name: 'refundOrder',
    summary: 'Refund units of a paid order, or all that is left',
    tag,
    access: 'administrator',
    runs: refundOrder,
    body: schemas.refundOrder,
    isBodyOptional: true,
    refusals: [
      'REFERENCE_REUSED',
      'BALANCE_LIMIT_EXCEEDED',
      'ORDER_NOT_FOUND',
      'ORDER_NOT_PAID',
      'REFUND_EXCEEDS_ORDER',
    ],
    response: schemas.order,
    handle: ({ params, body, idempotency }, { shop }) =>
      shop.execute(refundOrder, { ...body, ...params }, { idempotency }),
  }),
]
