import type { CommandMiddleware } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { expect, onTestFinished, test } from 'vitest'
import { createServer } from '../../src/index.js'

const product = { productId: 'tea', name: 'Tea', price: 10, stock: 5 }
const coupon = { couponId: 'c', name: 'C', discount: { kind: 'fixed', amount: 1 }, quantity: 1 }
const order = { userId: 'ann', products: [{ productId: 'tea', quantity: 1 }] }

test('middleware of the host sees each command that HTTP asks for once', async () => {
  const seen: string[] = []
  const watch: CommandMiddleware = async (call, next) => {
    seen.push(call.command.name)
    return next(call)
  }
  const store = inMemoryStore()
  const server = await createServer({ store, auth: 'off', scheduler: false, middleware: [watch] })
  onTestFinished(() => server.close())
  const { port } = await server.listen(0)
  const call = async (method: string, path: string, body: object = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/${path}`, {
      method,
      ...(method !== 'GET' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    expect([path, response.ok]).toEqual([path, true])
    return (await response.json()) as { readonly orderId: string }
  }

  await call('POST', 'users', { userId: 'ann' })
  await call('POST', 'balance/charge', { userId: 'ann', amount: 100 })
  await call('POST', 'admin/products', product)
  await call('PATCH', 'admin/products/tea', { price: 11 })
  await call('POST', 'admin/products/tea/stock', { change: 1 })
  await call('POST', 'admin/coupons', { ...coupon, validUntil: '2100-01-01T00:00:00Z' })
  await call('PATCH', 'admin/coupons/c', { quantity: 2 })
  await call('POST', 'coupon/issue', { userId: 'ann', couponId: 'c' })
  const cancelled = await call('POST', 'orders', order)
  await call('POST', `orders/${cancelled.orderId}/cancel`)
  const paid = await call('POST', 'orders', order)
  await call('POST', 'payments', { userId: 'ann', orderId: paid.orderId })
  await call('POST', `orders/${paid.orderId}/refund`)
  await call('POST', 'admin/products/top/refresh')
  const [claimed] = await store.outbox.claimEvents({ limit: 1, leaseMs: 1_000, lease: 'l' })
  const { eventId } = claimed?.event ?? { eventId: '' }
  await store.outbox.recordDeliveries([{ eventId, lease: 'l', status: 'dead', error: 'refused' }])
  await call('POST', `admin/outbox/${eventId}/redeliver`)

  expect(seen).toEqual([
    'register-user',
    'charge-balance',
    'create-product',
    'update-product',
    'change-stock',
    'create-coupon',
    'update-coupon',
    'issue-coupon',
    'place-order',
    'cancel-order',
    'place-order',
    'pay-order',
    'refund-order',
    'refresh-ranking',
    'redeliver-event',
  ])
})
