import type { Page, Route } from 'playwright-core'

/** A product of the fake. Times are ISO, prices in won. */
interface FakeProduct {
  productId: string
  name: string
  price: number
  stock: number
  regularPrice?: number
  sale?: { price: number; from: string; until: string }
  opensAt?: string
  closesAt?: string
  purchaseLimit?: number
  metadata?: Record<string, string>
}

interface FakeOrder {
  orderId: string
  status: 'pending' | 'paid' | 'cancelled' | 'expired'
  expiresAt: string | null
  quantity: number
}

type Answer = { readonly status: number; readonly body: object } | undefined

const json = (route: Route, status: number, body: object): Promise<void> =>
  route.fulfill({
    status,
    contentType: status < 400 ? 'application/json' : 'application/problem+json',
    body: JSON.stringify(body),
  })

/** The routes of one drop, as a server would answer them, with a clock of its own. Everything else reaches the server. */
export class FakeDrop {
  readonly product: FakeProduct
  readonly others: FakeProduct[] = []
  orders: FakeOrder[] = []
  /** The idempotency keys of the tries to order, in their order. */
  readonly keys: string[] = []
  /** Answers the next tries to order instead of an order. */
  readonly refusals: Answer[] = []
  isReachable = true
  hasStream = true
  holdMs = 600_000
  /** What the server's clock is ahead of the browser's. */
  aheadMs = 0

  constructor(product: Partial<FakeProduct> = {}) {
    this.product = {
      productId: 'demo-drop-1',
      name: '한정판 스니커즈 · Limited sneakers',
      price: 120_000,
      stock: 50,
      purchaseLimit: 1,
      metadata: { dropSize: '50' },
      ...product,
    }
  }

  /** A moment by the fake's clock. */
  at(ms: number): string {
    return new Date(Date.now() + this.aheadMs + ms).toISOString()
  }

  refuse(status: number, code: string, facts: object): void {
    this.refusals.push({ status, body: { type: 'about:blank', title: code, status, code, detail: code, ...facts } })
  }

  async answer(page: Page): Promise<void> {
    const { productId } = this.product
    const when = (glob: string, work: (route: Route) => Promise<void>) =>
      page.route(glob, (route) => (this.isReachable ? work(route) : route.abort()))
    await when('**/api/drops', (route) =>
      json(route, 200, { now: this.at(0), products: [this.product, ...this.others] }),
    )
    await when(`**/api/products/${productId}`, (route) => json(route, 200, this.product))
    await when(`**/api/products/${productId}/live`, (route) => {
      if (!this.hasStream) return route.abort()
      const { stock, price, opensAt, closesAt } = this.product
      const data = JSON.stringify({ productId, stock, price, opensAt, closesAt, now: this.at(0) })
      return route.fulfill({
        contentType: 'text/event-stream',
        body: `retry: 100\nid: 1\nevent: product\ndata: ${data}\n\n`,
      })
    })
    await when('**/api/orders**', (route) =>
      route.request().method() === 'GET'
        ? json(route, 200, { orders: this.orders.map((order) => this.#viewOf(order)), nextCursor: null })
        : this.#order(route),
    )
    await when('**/api/orders/*/cancel', (route) => this.#end(route, 'cancelled'))
    await when('**/api/payments', (route) => this.#end(route, 'paid'))
  }

  async #order(route: Route): Promise<void> {
    const request = route.request()
    this.keys.push(request.headers()['idempotency-key'] ?? '')
    const refusal = this.refusals.shift()
    if (refusal) return json(route, refusal.status, refusal.body)
    const { quantity } = request.postDataJSON().products[0]
    const order: FakeOrder = {
      orderId: `order-${this.keys.length}`,
      status: 'pending',
      expiresAt: this.at(this.holdMs),
      quantity,
    }
    this.orders = [order, ...this.orders]
    this.product.stock -= quantity
    return json(route, 201, this.#viewOf(order))
  }

  async #end(route: Route, status: 'paid' | 'cancelled'): Promise<void> {
    const [order] = this.orders
    if (!order) return route.abort()
    this.orders = [{ ...order, status }, ...this.orders.slice(1)]
    if (status === 'cancelled') this.product.stock += order.quantity
    const amount = this.product.price * order.quantity
    return json(route, 200, status === 'paid' ? { orderId: order.orderId, amount, balance: 380_000 } : {})
  }

  #viewOf({ orderId, status, expiresAt, quantity }: FakeOrder): object {
    const { productId, name, price } = this.product
    const isOver = status === 'pending' && expiresAt !== null && Date.parse(expiresAt) <= Date.parse(this.at(0))
    const amount = price * quantity
    return {
      orderId,
      userId: 'demo-mina',
      status: isOver ? 'expired' : status,
      lines: [{ productId, name, quantity, unitPrice: price, amount }],
      droppedLines: [],
      totalAmount: amount,
      discountAmount: 0,
      finalAmount: amount,
      couponId: null,
      createdAt: this.at(-1_000),
      expiresAt,
    }
  }
}
