import type { StoreHarness } from '../../src/conformance/index.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { available, type CompanionRow } from '../../src/store.js'

export const inMemoryHarness: StoreHarness = {
  name: 'in memory',
  async create({ clock }) {
    const problem = ({ note }: CompanionRow) => (note === 'fails' ? '23514' : undefined)
    const store = inMemoryStore({ clock, companions: { notes: { problem } } })
    return {
      store,
      peek: async () => ({
        balances: Object.fromEntries(store.rows('wallets').map(({ userId, balance }) => [userId, balance])),
        available: Object.fromEntries(store.rows('products').map((row) => [row.productId, available(row)])),
        issuedCoupons: store.rows('issuedCoupons').map(({ couponId, userId }) => `${couponId} ${userId}`),
        orders: Object.fromEntries(store.rows('orders').map(({ orderId, status }) => [orderId, status])),
        events: Object.fromEntries(store.rows('events').map(({ eventId, status }) => [eventId, status])),
      }),
      companion: { name: 'notes', rows: async () => store.companionRows('notes') },
      close: async () => {},
    }
  },
}
