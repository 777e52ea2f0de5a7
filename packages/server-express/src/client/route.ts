/** The header that names the route of a request. A balancer may hash it; servers ignore it. */
export const routeHeader = 'x-shop-route'

/**
 * Chooses the route of an order from the distinct ids of its products. Orders that may wait for each other's products need
 * one route. The result is 1 to 64 characters of `A-Za-z0-9_.:-`.
 */
export type RouteOfOrder = (productIds: readonly string[]) => string

/** The lowest id: every order of one product has the id of that product. */
export const lowestProduct: RouteOfOrder = (productIds) => [...productIds].sort()[0] as string

type Fields = Readonly<Record<string, unknown>>

/** What names the rows of a call. */
export interface RoutedCall {
  readonly params?: { readonly path?: Fields }
  readonly body?: unknown
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Text that is not an id could break a header. */
const headerText = /^[A-Za-z0-9_.:-]{1,64}$/

/** How many orders are remembered. */
const maxOrders = 1_000

/** The distinct products of the lines of an order. */
const productsOf = (lines: unknown): readonly string[] => [
  ...new Set(listOf(lines).flatMap((line) => textOf(fieldsOf(line)['productId']) ?? [])),
]

/**
 * The routes of requests: the coupon that they claim, the product that they change, or what {@link RouteOfOrder} says of
 * an order. A request that pays or changes an order knows only its id, so the products of the 1,000 orders that were
 * answered last are remembered. An order that was not seen has its own id as route.
 */
export class Routes {
  readonly #ofProducts: RouteOfOrder
  readonly #products = new Map<string, readonly string[]>()

  constructor(ofProducts: RouteOfOrder) {
    this.#ofProducts = ofProducts
  }

  /** The route of a request that writes. Undefined if it changes no row that others may want, too. */
  of(path: unknown, { params, body }: RoutedCall): string | undefined {
    if (path === '/api/orders/quote') return undefined
    const named = { ...fieldsOf(body), ...params?.path }
    const orderId = textOf(named['orderId'])
    const ordered = productsOf(named['products'])
    const products = ordered.length > 0 ? ordered : this.#products.get(orderId ?? '')
    const route = products
      ? this.#ofProducts(products)
      : (orderId ?? textOf(named['couponId']) ?? textOf(named['productId']))
    return route !== undefined && headerText.test(route) ? route : undefined
  }

  /** Remembers the orders of an answer: an order, a payment or a list of orders. */
  learn(answer: unknown): void {
    const { orders, order = answer } = fieldsOf(answer)
    for (const each of [order, ...listOf(orders)]) {
      const { orderId, lines } = fieldsOf(each)
      const products = productsOf(lines)
      if (typeof orderId !== 'string' || products.length === 0) continue
      this.#products.delete(orderId)
      this.#products.set(orderId, products)
    }
    for (const oldest of this.#products.keys()) {
      if (this.#products.size <= maxOrders) break
      this.#products.delete(oldest)
    }
  }
}
