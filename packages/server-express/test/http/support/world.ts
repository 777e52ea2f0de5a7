import type { CallShop } from './client.js'

let made = 0

const post = async (call: CallShop, path: string, body: object) => {
  const answer = await call('POST', path, { body })
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`)
  return answer.body
}

/** Helpers that create the data of a scenario as an administrator. */
export const worldOf = (call: CallShop) => ({
  async user(balance = 0): Promise<string> {
    const userId = `user-${++made}`
    await post(call, '/api/users', { userId })
    if (balance > 0) await post(call, '/api/balance/charge', { userId, amount: balance })
    return userId
  },
  async product(over: object = {}): Promise<string> {
    const body = { productId: `product-${++made}`, name: 'Keyboard', price: 1_000, stock: 10, ...over }
    return (await post(call, '/api/admin/products', body)).productId
  },
  async coupon(over: object = {}): Promise<string> {
    const body = {
      couponId: `coupon-${++made}`,
      name: 'Opening',
      discount: { kind: 'fixed', amount: 100 },
      quantity: 10,
      validUntil: '2999-01-01T00:00:00.000Z',
      ...over,
    }
    return (await post(call, '/api/admin/coupons', body)).couponId
  },
  async issue(userId: string, couponId: string): Promise<void> {
    await post(call, '/api/coupon/issue', { userId, couponId })
  },
  /** Places a pending order of one unit, unless `over` overrides it. */
  async order(userId: string, productId: string, over: object = {}): Promise<string> {
    const body = { userId, products: [{ productId, quantity: 1 }], ...over }
    return (await post(call, '/api/orders', body)).orderId
  },
  async payment(userId: string, orderId: string): Promise<string> {
    return (await post(call, '/api/payments', { userId, orderId })).paymentId
  },
})
