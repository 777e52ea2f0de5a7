import type { ProductView } from '@shop/core'

/** What watchers of a product are told. */
export interface LiveProduct
  extends Pick<ProductView, 'productId' | 'stock' | 'price' | 'opensAt' | 'closesAt' | 'currency'> {
  /** The store's time of the read: ISO 8601 in UTC. */
  readonly now: string
}

/** The state of one product as of one read. Its text is made once for all watchers, and only if one needs it. */
export class LiveState {
  readonly #product: LiveProduct
  #text: string | undefined
  /** Equal for states that need no event between them: the time alone is no change, but opening and closing are. */
  readonly key: string

  constructor({ productId, stock, price, opensAt, closesAt, currency }: ProductView, now: string) {
    this.#product = {
      productId,
      stock,
      price,
      ...(opensAt !== undefined && { opensAt }),
      ...(closesAt !== undefined && { closesAt }),
      now,
      ...(currency !== undefined && { currency }),
    }
    const at = Date.parse(now)
    const isOpen = !(Date.parse(opensAt ?? '') > at) && !(Date.parse(closesAt ?? '') <= at)
    this.key = JSON.stringify([stock, price, opensAt, closesAt, isOpen])
  }

  /** The event as it is sent. Its id is the store's time in milliseconds since 1970. */
  get text(): string {
    this.#text ??= `event: product\nid: ${Date.parse(this.#product.now)}\ndata: ${JSON.stringify(this.#product)}\n\n`
    return this.#text
  }
}
