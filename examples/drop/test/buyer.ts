import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** A person with a browser: keeps the cookie, and repeats a request with its key until the answer is definite. */
export class Buyer {
  readonly #url: string
  readonly userId: string
  #cookie = ''
  /** How often a request had no definite answer. */
  repeats = 0

  constructor(url: string, userId: string) {
    this.#url = url
    this.userId = userId
  }

  async signIn(): Promise<Answer> {
    return this.#post('/sign-in', { name: this.userId })
  }

  async order(): Promise<Answer> {
    return this.#post('/api/orders', { userId: this.userId, products: [{ productId: 'print', quantity: 1 }] })
  }

  async pay(orderId: unknown): Promise<Answer> {
    return this.#post('/api/payments', { userId: this.userId, orderId })
  }

  async cancel(orderId: unknown): Promise<Answer> {
    return this.#post(`/api/orders/${orderId}/cancel`, {})
  }

  async #post(path: string, body: object): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID(), cookie: this.#cookie }
    for (;;) {
      const response = await fetch(this.#url + path, { method: 'POST', headers, body: JSON.stringify(body) }).catch(
        () => undefined,
      )
      const answer = (await response?.json().catch(() => undefined)) as Answer['body'] | undefined
      if (response && answer && response.status < 500 && answer['code'] !== 'IDEMPOTENCY_IN_PROGRESS') {
        const cookies = response.headers.getSetCookie()
        if (cookies.length > 0) this.#cookie = cookies.map((each) => each.split(';')[0]).join('; ')
        return { status: response.status, body: answer }
      }
      this.repeats += 1
      await setTimeout(20)
    }
  }
}
