import { expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop } from '../../src/index.js'
import { auditStore } from '../../src/store.js'

it('an audit reads one consistent snapshot during concurrent writes', async () => {
  const store = inMemoryStore()
  const shop = createShop({ store })
  await shop.products.create({ productId: 'p', name: 'P', price: 0, stock: 2 })
  const order = { userId: 'u', products: [{ productId: 'p', quantity: 1 }] }
  const { orderId } = await shop.orders.place(order)
  await shop.payments.pay({ userId: 'u', orderId })
  const snapshot = await store.audit()
  await shop.orders.refund({ orderId })
  await shop.orders.place(order)
  await expect(auditStore({ audit: async () => snapshot })).resolves.toMatchObject({ violations: [] })
  await expect(shop.audit()).resolves.toMatchObject({ violations: [] })
})

it('the movements and the references of a snapshot are of its moment', async () => {
  const store = inMemoryStore()
  const shop = createShop({ store })
  await shop.balance.charge({ userId: 'u', amount: 500, reference: 'r-1' })
  const snapshot = await store.audit()
  await shop.balance.charge({ userId: 'u', amount: 70, reference: 'r-2' })
  const { movements } = await snapshot.movements({ from: 0, until: Number.MAX_SAFE_INTEGER })
  const references: string[] = []
  for await (const { key } of snapshot.references()) references.push(key.reference)
  expect(movements.find(({ kind }) => kind === 'charge')).toEqual({ kind: 'charge', amount: 500 })
  expect(references).toEqual(['r-1'])
})
