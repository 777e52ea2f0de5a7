import type { StoreHarness } from '../../src/conformance/index.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { available } from '../../src/store.js'

export const inMemoryHarness: StoreHarness = {
  name: 'in memory',
  async create({ clock }) {
    const store = inMemoryStore({ clock })
    return {
      store,
      peek: async () => ({
        balances: Object.fromEntries(store.rows('wallets').map(({ userId, balance }) => [userId, balance])),
        available: Object.fromEntries(store.rows('products').map((row) => [row.productId, available(row)])),
        issuedCoupons: store.rows('issuedCoupons').map(({ couponId, userId }) => `${couponId} ${userId}`),
        orders: Object.fromEntries(store.rows('orders').map(({ orderId, status }) => [orderId, status])),
        events: Object.fromEntries(store.rows('events').map(({ eventId, status }) => [eventId, status])),
      }),
      close: async () => {},
    }
  },
}
