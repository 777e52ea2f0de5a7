import type { ApiResponse } from '../../support/tokens.js'
import type { Client } from '../client.js'

interface Line {
  readonly productId: string
  readonly quantity: number
}

interface Entry {
  readonly kind: string
  readonly amount: number
  readonly orderId: string | null
}

/** The shop as one run of a scenario uses it. All data that it creates belongs to this run only. */
export class Market {
  readonly #client: Client
  readonly #run: string

  constructor(client: Client, run: string) {
    this.#client = client
    this.#run = run
  }

  async product(name: string, terms: { price: number; stock: number; purchaseLimit?: number }): Promise<string> {
    const productId = `${this.#run}-${name}`
    await this.#made('/api/admin/products', { productId, name, ...terms })
    return productId
  }

  async coupon(quantity: number): Promise<string> {
    const couponId = `${this.#run}-coupon`
    const discount = { kind: 'percentage', percent: 10 }
    await this.#made('/api/admin/coupons', {
      couponId,
      name: 'Opening',
      discount,
      quantity,
      validUntil: '2999-01-01T00:00:00.000Z',
    })
    return couponId
  }

  userId(n: number): string {
    return `${this.#run}-user-${n}`
  }

  /** Creates a user with this balance and, if named, a coupon. */
  async user(n: number, money: number, couponId?: string): Promise<string> {
    const userId = this.userId(n)
    await this.#made('/api/balance/charge', { userId, amount: money })
    if (couponId !== undefined) await this.#made('/api/coupon/issue', { userId, couponId })
    return userId
  }

  charge(userId: string, amount: number): Promise<ApiResponse> {
    return this.#client.post('/api/balance/charge', { userId, amount })
  }

  chargeReferenced(userId: string, amount: number, reference: string): Promise<ApiResponse> {
    return this.#client.postReferenced('/api/balance/charge', { userId, amount, reference })
  }

  refundUnit(orderId: string, productId: string, reference: string): Promise<ApiResponse> {
    const lines = [{ productId, quantity: 1 }]
    return this.#client.postReferenced(`/api/orders/${orderId}/refund`, { lines, reference })
  }

  /** Refunds all that is left, and writes it off. */
  refundRest(orderId: string, reference: string): Promise<ApiResponse> {
    return this.#client.postReferenced(`/api/orders/${orderId}/refund`, { restock: false, reference })
  }

  grant(userId: string, amount: number, expiresAt: string | null): Promise<ApiResponse> {
    return this.#client.post('/api/admin/balance/grant', { userId, amount, expiresAt, reason: 'welcome' })
  }

  withdraw(userId: string, amount: number): Promise<ApiResponse> {
    return this.#client.post('/api/admin/balance/withdraw', { userId, amount })
  }

  adjust(userId: string, change: number): Promise<ApiResponse> {
    return this.#client.post('/api/admin/balance/adjust', { userId, change, reason: 'a mistake' })
  }

  issue(userId: string, couponId: string): Promise<ApiResponse> {
    return this.#client.post('/api/coupon/issue', { userId, couponId })
  }

  order(userId: string, products: readonly Line[], couponId: string | null): Promise<ApiResponse> {
    return this.#client.post('/api/orders', { userId, products, couponId })
  }

  pay(userId: string, orderId: string): Promise<ApiResponse> {
    return this.#client.post('/api/payments', { userId, orderId })
  }

  cancel(orderId: string): Promise<ApiResponse> {
    return this.#client.post(`/api/orders/${orderId}/cancel`)
  }

  async stock(productId: string): Promise<number> {
    return (await this.#read(`/api/products/${productId}`)).stock
  }

  /** The balance of a user, and what remains of the lots. */
  async balance(userId: string): Promise<{ balance: number; bonus: readonly number[] }> {
    const { balance, bonus = [] } = await this.#read(`/api/balance/${userId}`)
    return { balance, bonus: bonus.map(({ amount }: { amount: number }) => amount) }
  }

  /** Every order of a user, with its state. */
  async orders(userId: string): Promise<{ orderId: string; status: string }[]> {
    const { orders } = await this.#read(`/api/orders?userId=${userId}&limit=100`)
    return orders.map(({ orderId, status }: { orderId: string; status: string }) => ({ orderId, status }))
  }

  /** The orders of a user that have a companion row. */
  async noted(userId: string): Promise<readonly string[]> {
    return this.#read(`/gift-notes/${userId}`)
  }

  /** Every entry of a user's wallet, oldest first. */
  async entries(userId: string): Promise<Entry[]> {
    const { entries } = await this.#read(`/api/balance/${userId}/history?limit=100`)
    return entries.map(({ kind, amount, orderId }: Entry) => ({ kind, amount, orderId })).reverse()
  }

  async coupons(userId: string): Promise<{ status: string; usedByOrderId: string | null }[]> {
    const { coupons } = await this.#read(`/api/coupon/users/${userId}`)
    return coupons.map(({ status, usedByOrderId }: { status: string; usedByOrderId: string | null }) => ({
      status,
      usedByOrderId,
    }))
  }

  async issued(couponId: string): Promise<number> {
    return (await this.#read(`/api/admin/coupons/${couponId}`)).issued
  }

  async #made(path: string, body: object): Promise<void> {
    const { status, body: answer } = await this.#client.post(path, body)
    if (status >= 300) throw new Error(`POST ${path}: ${status} ${JSON.stringify(answer)}`)
  }

  async #read(path: string): Promise<ApiResponse['body']> {
    const { status, body } = await this.#client.get(path)
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }
}
