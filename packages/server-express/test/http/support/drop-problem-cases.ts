import { order, type ProblemCase } from './problem-case.js'

/** The problems of hours, limits, open orders and coupons for products. */
export const dropProblemCases = {
  TOO_MANY_PENDING_ORDERS: {
    setting: { policies: { order: { pendingPerUser: 1 } } },
    arrange: async ({ call }, world) => {
      const [userId, productId] = [await world.user(), await world.product()]
      await world.order(userId, productId)
      return call('POST', '/api/orders', order(userId, productId))
    },
    facts: { limit: 1 },
  },
  PRODUCT_NOT_ON_SALE: {
    arrange: async ({ call }, world) => {
      const productId = await world.product({ productId: 'later', opensAt: '2998-01-01T00:00:00.000Z' })
      return call('POST', '/api/orders', order(await world.user(), productId))
    },
    facts: { products: [{ productId: 'later', opensAt: '2998-01-01T00:00:00.000Z', closesAt: null }] },
  },
  PURCHASE_LIMIT_EXCEEDED: {
    arrange: async ({ call }, world) => {
      const [userId, productId] = [await world.user(), await world.product({ productId: 'rare', purchaseLimit: 1 })]
      await world.order(userId, productId)
      return call('POST', '/api/orders', order(userId, productId))
    },
    facts: { lines: [{ productId: 'rare', limit: 1, bought: 1, requested: 1 }] },
  },
  COUPON_NOT_APPLICABLE: {
    arrange: async ({ call }, world) => {
      const [userId, couponId] = [await world.user(), await world.coupon({ productIds: ['another'] })]
      await world.issue(userId, couponId)
      return call('POST', '/api/orders', order(userId, await world.product(), { couponId }))
    },
  },
} satisfies Record<string, ProblemCase>
