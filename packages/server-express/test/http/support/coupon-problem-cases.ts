import { order, type ProblemCase } from './problem-case.js'

const deadline = '2999-01-01T00:00:00.000Z'

/** The problems of coupons. */
export const couponProblemCases = {
  COUPON_ALREADY_EXISTS: {
    arrange: async ({ call }, world) => {
      const discount = { kind: 'fixed', amount: 1 }
      const couponId = await world.coupon()
      return call('POST', '/api/admin/coupons', {
        body: { couponId, name: 'again', discount, quantity: 1, validUntil: deadline },
      })
    },
  },
  COUPON_NOT_FOUND: { arrange: ({ call }) => call('GET', '/api/admin/coupons/none'), facts: { couponId: 'none' } },
  COUPON_ALREADY_ISSUED: {
    arrange: async ({ call }, world) => {
      const [userId, couponId] = [await world.user(), await world.coupon()]
      await world.issue(userId, couponId)
      return call('POST', '/api/coupon/issue', { body: { userId, couponId } })
    },
  },
  COUPON_NOT_OWNED: {
    arrange: async ({ call }, world) =>
      call('POST', '/api/orders', order(await world.user(), await world.product(), { couponId: await world.coupon() })),
  },
  COUPON_ALREADY_USED: {
    arrange: async ({ call }, world) => {
      const [userId, productId, couponId] = [await world.user(), await world.product(), await world.coupon()]
      await world.issue(userId, couponId)
      await world.order(userId, productId, { couponId })
      return call('POST', '/api/orders', order(userId, productId, { couponId }))
    },
  },
  COUPON_NOT_YET_VALID: {
    arrange: async ({ call }, world) => {
      const couponId = await world.coupon({ validFrom: '2998-01-01T00:00:00.000Z' })
      return call('POST', '/api/coupon/issue', { body: { userId: await world.user(), couponId } })
    },
    facts: { validFrom: '2998-01-01T00:00:00.000Z' },
  },
  COUPON_EXPIRED: {
    arrange: async ({ call }, world) => {
      const couponId = await world.coupon({ validFrom: '2001-01-01T00:00:00Z', validUntil: '2002-01-01T00:00:00.000Z' })
      return call('POST', '/api/coupon/issue', { body: { userId: await world.user(), couponId } })
    },
    facts: { validUntil: '2002-01-01T00:00:00.000Z' },
  },
  COUPON_SOLD_OUT: {
    arrange: async ({ call }, world) => {
      const couponId = await world.coupon({ quantity: 1 })
      await world.issue(await world.user(), couponId)
      return call('POST', '/api/coupon/issue', { body: { userId: await world.user(), couponId } })
    },
  },
  COUPON_MINIMUM_NOT_MET: {
    arrange: async ({ call }, world) => {
      const [userId, couponId] = [await world.user(), await world.coupon({ minimumOrderAmount: 5_000 })]
      await world.issue(userId, couponId)
      return call('POST', '/api/orders', order(userId, await world.product(), { couponId }))
    },
    facts: { minimumOrderAmount: 5_000 },
  },
} satisfies Record<string, ProblemCase>
