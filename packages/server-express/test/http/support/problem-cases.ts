import { StoreError } from '@shop/core/store'
import { expect } from 'vitest'
import { refuse } from '../../../src/http/problem.js'
import type { BuiltInCode } from '../../../src/http/problem-kind.js'
import type { Tenants } from '../../../src/http/tenants.js'
import { couponProblemCases } from './coupon-problem-cases.js'
import { dropProblemCases } from './drop-problem-cases.js'
import { order, type ProblemCase } from './problem-case.js'
import type { ServeOptions } from './served-shop.js'

const failing = (error: unknown): ServeOptions => ({
  store: (store) => ({
    ...store,
    transact: async () => {
      throw error
    },
    reads: {
      ...store.reads,
      product: async () => {
        throw error
      },
    },
  }),
})

/** A server of many shops that has none. */
const noShops: Tenants = {
  areNamedByToken: false,
  nameIn: () => 'nowhere',
  async visit() {
    throw refuse('SHOP_NOT_FOUND')
  },
}

const hold = () => {
  let release = () => {}
  const untilReleased = new Promise<void>((resolve) => {
    release = resolve
  })
  return { untilReleased, release }
}

const held = hold()

/** One case per code. A code without a case fails the test run. */
export const problemCases: Record<BuiltInCode, ProblemCase> = {
  ...dropProblemCases,
  ...couponProblemCases,
  NOT_FOUND: { arrange: ({ call }) => call('GET', '/api/nothing') },
  METHOD_NOT_ALLOWED: { arrange: ({ call }) => call('DELETE', '/api/orders') },
  PAYLOAD_TOO_LARGE: { arrange: ({ call }) => call('POST', '/api/orders', { raw: ' '.repeat(102_401) }) },
  UNSUPPORTED_MEDIA_TYPE: {
    arrange: ({ call }) => call('POST', '/api/orders', { raw: '{}', headers: { 'content-type': 'text/plain' } }),
  },
  LOSS_NOT_FOUND: {
    arrange: ({ call }) => call('POST', '/api/admin/history/losses/none/acknowledge'),
    facts: { lossId: 'none' },
  },
  SHOP_NOT_FOUND: {
    setting: { deps: { tenants: noShops } },
    arrange: ({ call }) => call('GET', '/api/products', { as: null }),
  },
  UNAUTHENTICATED: { arrange: ({ call }) => call('GET', '/api/orders', { as: null }) },
  INVALID_REQUEST: {
    arrange: ({ call }) => call('POST', '/api/balance/charge', { body: { userId: 'a', amount: '5' } }),
    facts: { errors: [{ path: 'amount', message: expect.any(String) }] },
  },
  FORBIDDEN: { arrange: ({ call }) => call('GET', '/api/admin/audit', { as: 'user' }) },
  RATE_LIMITED: {
    setting: { deps: { rateLimit: 1 } },
    arrange: async ({ call }) => {
      await call('POST', '/api/users', { as: 'mina', body: { userId: 'mina' } })
      return call('POST', '/api/users', { as: 'mina', body: { userId: 'mina' } })
    },
  },
  IDEMPOTENCY_KEY_REUSED: {
    arrange: async ({ call }) => {
      const headers = { 'idempotency-key': 'one' }
      await call('POST', '/api/users', { headers, body: { userId: 'first' } })
      return call('POST', '/api/users', { headers, body: { userId: 'second' } })
    },
  },
  IDEMPOTENCY_IN_PROGRESS: {
    setting: {
      shop: (shop) => ({
        ...shop,
        execute: async (...command) => {
          await held.untilReleased
          return shop.execute(...command)
        },
      }),
    },
    arrange: async ({ call }) => {
      const options = { headers: { 'idempotency-key': 'one' }, body: { userId: 'someone' } }
      const calls = Array.from({ length: 101 }, () => call('POST', '/api/users', options))
      const refused = await Promise.race(calls)
      held.release()
      const others = (await Promise.all(calls)).filter((answer) => answer !== refused)
      expect(others.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 201))
      return refused
    },
  },
  REFERENCE_REUSED: {
    arrange: async ({ call }, world) => {
      const userId = await world.user()
      const charge = (amount: number) =>
        call('POST', '/api/balance/charge', { body: { userId, amount, reference: 'pay-1' } })
      await charge(1)
      return charge(2)
    },
    facts: { reference: 'pay-1', entryId: expect.any(String) },
  },
  LEADERSHIP_LOST: {
    setting: {
      shop: (shop) => ({
        ...shop,
        upkeep: {
          ...shop.upkeep,
          refreshRanking: async () => ({
            ok: false,
            refusal: { code: 'LEADERSHIP_LOST', job: 'ranking' },
            replayed: false,
          }),
        },
      }),
    },
    arrange: ({ call }) => call('POST', '/api/admin/products/top/refresh'),
    facts: { job: 'ranking' },
  },
  COMPANION_FAILED: {
    setting: {
      shop: (shop) => ({
        ...shop,
        execute: async () => ({
          ok: false,
          refusal: { code: 'COMPANION_FAILED', companion: 'giftNotes', databaseCode: '23514' },
          replayed: false,
        }),
      }),
    },
    arrange: ({ call }) => call('POST', '/api/users', { body: { userId: 'mina' } }),
    facts: { companion: 'giftNotes', databaseCode: '23514' },
  },
  ORDER_ALREADY_EXISTS: {
    arrange: async ({ call }, world) => {
      const [first, second, productId] = [await world.user(), await world.user(), await world.product()]
      await call('POST', '/api/orders', order(first, productId, { orderId: 'web-1' }))
      return call('POST', '/api/orders', order(second, productId, { orderId: 'web-1' }))
    },
    facts: { orderId: 'web-1' },
  },
  USER_NOT_FOUND: { arrange: ({ call }) => call('GET', '/api/balance/nobody'), facts: { userId: 'nobody' } },
  USER_ALREADY_EXISTS: {
    arrange: async ({ call }, world) => call('POST', '/api/users', { body: { userId: await world.user() } }),
  },
  EVENT_NOT_FOUND: { arrange: ({ call }) => call('POST', '/api/admin/outbox/none/redeliver') },
  EVENT_NOT_DEAD: {
    arrange: async ({ call }, world) => {
      const userId = await world.user()
      const orderId = await world.order(userId, await world.product())
      await call('POST', `/api/orders/${orderId}/cancel`)
      const { body } = await call('GET', '/api/admin/outbox')
      return call('POST', `/api/admin/outbox/${body.events[0].eventId}/redeliver`)
    },
    facts: { eventStatus: 'pending' },
  },
  CHARGE_AMOUNT_INVALID: {
    arrange: async ({ call }, world) =>
      call('POST', '/api/balance/charge', { body: { userId: await world.user(), amount: -1 } }),
    facts: { minimum: 1, maximum: 1_000_000, unit: 1 },
  },
  BALANCE_LIMIT_EXCEEDED: {
    arrange: async ({ call }, world) =>
      call('POST', '/api/balance/charge', { body: { userId: await world.user(10), amount: 1_000_000 } }),
    facts: { limit: 1_000_000, balance: 10 },
  },
  BONUS_LOTS_EXCEEDED: {
    arrange: async ({ call }, world) => {
      const userId = await world.user()
      const grant = () => call('POST', '/api/admin/balance/grant', { body: { userId, amount: 1 } })
      for (let lots = 0; lots < 50; lots += 1) await grant()
      return grant()
    },
    facts: { limit: 50 },
  },
  ORDER_NOT_FOUND: { arrange: ({ call }) => call('GET', '/api/orders/none'), facts: { orderId: 'none' } },
  PAYMENT_NOT_FOUND: { arrange: ({ call }) => call('GET', '/api/payments/none'), facts: { paymentId: 'none' } },
  ORDER_NOT_PENDING: {
    arrange: async ({ call }, world) => {
      const orderId = await world.order(await world.user(), await world.product())
      await call('POST', `/api/orders/${orderId}/cancel`)
      return call('POST', `/api/orders/${orderId}/cancel`)
    },
    facts: { orderStatus: 'cancelled' },
  },
  ORDER_NOT_PAID: {
    arrange: async ({ call }, world) =>
      call('POST', `/api/orders/${await world.order(await world.user(), await world.product())}/refund`),
    facts: { orderStatus: 'pending' },
  },
  REFUND_EXCEEDS_ORDER: {
    arrange: async ({ call }, world) => {
      const userId = await world.user(5_000)
      const orderId = await world.order(userId, await world.product({ productId: 'mug' }))
      await world.payment(userId, orderId)
      return call('POST', `/api/orders/${orderId}/refund`, { body: { lines: [{ productId: 'mug', quantity: 2 }] } })
    },
    facts: { lines: [{ productId: 'mug', requested: 2, refundable: 1 }] },
  },
  PRODUCT_NOT_FOUND: { arrange: ({ call }) => call('GET', '/api/products/none'), facts: { productIds: ['none'] } },
  PRODUCT_ALREADY_EXISTS: {
    arrange: async ({ call }, world) =>
      call('POST', '/api/admin/products', {
        body: { productId: await world.product(), name: 'again', price: 1, stock: 1 },
      }),
  },
  STOCK_INSUFFICIENT: {
    arrange: async ({ call }, world) => {
      const productId = await world.product({ productId: 'scarce', stock: 0 })
      return call('POST', '/api/orders', order(await world.user(), productId))
    },
    facts: { lines: [{ productId: 'scarce', requested: 1, available: 0 }] },
  },
  BALANCE_INSUFFICIENT: {
    arrange: async ({ call }, world) => {
      const userId = await world.user(5)
      const orderId = await world.order(userId, await world.product())
      return call('POST', '/api/payments', { body: { userId, orderId } })
    },
    facts: { balance: 5, required: 1_000 },
  },
  PRODUCT_SOLD_OUT: {
    setting: { policies: { catalog: { soldOut: 'refused' } } },
    arrange: async ({ call }, world) => call('GET', `/api/products/${await world.product({ stock: 0 })}`),
  },
  INTERNAL: {
    setting: failing(new Error('select secret from vault')),
    arrange: ({ call }) => call('POST', '/api/users', { body: { userId: 'someone' } }),
  },
  UNAVAILABLE: {
    setting: failing(new StoreError('unavailable', 'connect ECONNREFUSED 10.0.0.7')),
    arrange: ({ call }) => call('GET', '/api/products/any'),
  },
}
