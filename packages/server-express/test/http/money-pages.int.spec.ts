import { test } from 'vitest'
import { playPage, posted, type Sent } from './support/page-examples.js'

const paid = { userId: 'mina', amount: 30_000 }
const charge = posted('/api/balance/charge', paid)

/** What happened before the first example of a page. */
const before: Readonly<Record<string, readonly Sent[]>> = {
  'charge-once': [],
  withdraw: [charge, posted('/api/admin/balance/grant', { userId: 'mina', amount: 5_000 })],
  'correct-a-balance': [charge],
  'grant-bonus': [charge],
  'refund-a-part': [charge],
  quote: [charge],
  statement: [
    posted('/api/admin/products', { productId: 'cup', name: 'Cup', price: 900, stock: 10 }),
    posted('/api/balance/charge', { userId: 'mina', amount: 10_000 }),
    posted('/api/balance/charge', { userId: 'joon', amount: 5_000 }),
    posted('/api/admin/balance/grant', { userId: 'mina', amount: 2_000 }),
    posted('/api/admin/balance/withdraw', { userId: 'joon', amount: 1_500 }),
    posted('/api/admin/balance/adjust', { userId: 'joon', change: -500, reason: 'counted again' }),
    posted('/api/orders', { userId: 'mina', products: [{ productId: 'cup', quantity: 4 }] }),
    posted('/api/payments', { userId: 'mina', orderId: '$ORDER_ID' }),
    posted('/api/orders/$ORDER_ID/refund', { lines: [{ productId: 'cup', quantity: 1 }] }),
  ],
  'find-by-reference': [
    posted(charge.path, { ...paid, reference: 'pay_8Kq2', metadata: { provider: 'toss' } }),
    posted('/api/orders', {
      userId: 'mina',
      products: [{ productId: 'mug', quantity: 1 }],
      reference: 'web-1001',
    }),
  ],
}

test.each(Object.keys(before))('the calls of docs/start/money/%s.md get the answers that it shows', async (page) => {
  await playPage({ folder: 'money', page, before: before[page] ?? [] })
})
