import type { CallOptions, RawResponse } from './client.js'
import { type ServeOptions, serveShop } from './served-shop.js'
import { worldOf } from './world.js'

/** The parts that two answers must share. */
export const answered = ({ status, body, headers }: RawResponse) => {
  const { requestId, detail, ...rest } = body
  return [status, rest, headers.location]
}

export const isReplayed = ({ headers }: RawResponse) => headers['idempotent-replayed'] === 'true'

export const provider: CallOptions = { as: 'provider', scope: 'shop:charge' }

/** A shop, and a user who has charged 10,000 and paid two orders of 2 units at 1,000 each. */
export const shopWithOrders = async (options: ServeOptions = {}) => {
  const served = await serveShop(options)
  const { call } = served
  const world = worldOf(call)
  const userId = await world.user(10_000)
  const productId = await world.product({ stock: 100 })
  const buy = async () => {
    const orderId = await world.order(userId, productId, { products: [{ productId, quantity: 2 }] })
    await world.payment(userId, orderId)
    return orderId
  }
  const [orderId, otherOrderId] = [await buy(), await buy()]
  const balance = async (): Promise<number> => (await call('GET', `/api/balance/${userId}`)).body.balance
  return { ...served, world, userId, productId, orderId, otherOrderId, balance }
}

export type ShopWithOrders = Awaited<ReturnType<typeof shopWithOrders>>

/** A request of each kind that takes a reference. `over` changes its body. */
export const kinds: Readonly<
  Record<string, { readonly path: (shop: ShopWithOrders) => string; readonly body: (shop: ShopWithOrders) => object }>
> = {
  charge: { path: () => '/api/balance/charge', body: ({ userId }) => ({ userId, amount: 300 }) },
  grant: { path: () => '/api/admin/balance/grant', body: ({ userId }) => ({ userId, amount: 300 }) },
  withdrawal: { path: () => '/api/admin/balance/withdraw', body: ({ userId }) => ({ userId, amount: 300 }) },
  adjustment: {
    path: () => '/api/admin/balance/adjust',
    body: ({ userId }) => ({ userId, change: -300, reason: 'counted again' }),
  },
  order: {
    path: () => '/api/orders',
    body: ({ userId, productId }) => ({ userId, products: [{ productId, quantity: 1 }] }),
  },
  refund: {
    path: ({ orderId }) => `/api/orders/${orderId}/refund`,
    body: ({ productId }) => ({ lines: [{ productId, quantity: 1 }] }),
  },
}
export const kindNames = Object.keys(kinds)

/** Sends a request of a kind with the reference `ref-1`. */
export const send = (shop: ShopWithOrders, kind: string, over: object = {}, options: CallOptions = {}) => {
  const { path, body } = kinds[kind] as (typeof kinds)[string]
  return shop.call('POST', path(shop), { ...options, body: { ...body(shop), reference: 'ref-1', ...over } })
}
