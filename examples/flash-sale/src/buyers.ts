import { isShopProblem, type ShopClient } from '@shop/server-express/client'
import type { Sale } from './arguments.js'
import type { BuyerOutcome } from './meter.js'

const price = 1_000
/** Every preset accepts a charge of this amount. */
const charge = 10_000

/** The item of a sale, and the requests of a buyer. */
export interface Counter {
  /** Opens the wallet of a buyer, if the sale costs money. */
  prepare(userId: string): Promise<void>
  /** One buyer's attempt, from the first request to the last response. Throws if the server refuses it. */
  buy(userId: string): Promise<void>
}

const couponCounter = async (client: ShopClient, quantity: number): Promise<Counter> => {
  const { couponId } = await client.post('/api/admin/coupons', {
    body: {
      name: 'Flash sale',
      discount: { kind: 'percentage', percent: 10 },
      quantity,
      validUntil: new Date(Date.now() + 86_400_000).toISOString(),
    },
  })
  return {
    prepare: (userId) => register(client, userId),
    buy: async (userId) => void (await client.post('/api/coupon/issue', { body: { userId, couponId } })),
  }
}

const stockCounter = async (client: ShopClient, quantity: number): Promise<Counter> => {
  const body = { name: 'Flash sale', price, stock: quantity }
  const { productId } = await client.post('/api/admin/products', { body })
  return {
    async prepare(userId) {
      await register(client, userId)
      await client.post('/api/balance/charge', { body: { userId, amount: charge } })
    },
    async buy(userId) {
      const products = [{ productId, quantity: 1 }]
      const { orderId, status } = await client.post('/api/orders', { body: { userId, products } })
      if (status !== 'paid') await client.post('/api/payments', { body: { userId, orderId } })
    },
  }
}

const register = async (client: ShopClient, userId: string): Promise<void> => {
  await client.post('/api/users', { body: { userId } })
}

/** Creates the product or the coupon of the sale. */
export const openCounter = (client: ShopClient, { kind, quantity }: Sale): Promise<Counter> =>
  kind === 'coupons' ? couponCounter(client, quantity) : stockCounter(client, quantity)

/** Runs one attempt. A refusal is a result; UNAVAILABLE, RATE_LIMITED or no response is a failure. */
export const endingOf = async (attempt: Promise<void>): Promise<BuyerOutcome> => {
  try {
    await attempt
    return 'won'
  } catch (error) {
    return isShopProblem(error) && error.status < 500 && error.status !== 429 ? 'refused' : 'failed'
  }
}

/** Runs `work` for 0 to `count` - 1 with limited concurrency. */
export const inParallel = async (
  count: number,
  concurrency: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> => {
  let next = 0
  const worker = async () => {
    while (next < count) {
      const index = next
      next += 1
      await work(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker))
}
