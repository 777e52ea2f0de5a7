import { describe, expect, test } from 'vitest'
import { serveShops, stock, twoDatabases } from './support.js'

const databases = twoDatabases()

const order = { userId: 'mina', products: [{ productId: 'mug', quantity: 1 }] }

describe('two shops on two databases', () => {
  test('sell at once, with the same schema, users, products and keys, and stay apart', async () => {
    const served = await serveShops({
      books: { database: databases.a.url, schema: 'same', currency: 'USD' },
      music: { database: databases.b.url, schema: 'same', preset: 'coupon-at-payment' },
    })
    const { call } = served
    await Promise.all([stock(served, 'books', { units: 3 }), stock(served, 'music', { units: 7 })])
    const headers = { 'idempotency-key': 'one' }
    const [inBooks, inMusic] = await Promise.all([
      call('books', 'POST', '/api/orders', { body: order, headers }),
      call('music', 'POST', '/api/orders', { body: order, headers }),
    ])
    expect([inBooks.status, inMusic.status]).toEqual([201, 201])
    expect(inBooks.body.orderId).not.toBe(inMusic.body.orderId)
    expect([inBooks.body.currency, inMusic.body.currency]).toEqual(['USD', undefined])
    const stockOf = async (shopId: string) =>
      (await call(shopId, 'GET', '/api/products/mug', { tokenOf: null })).body.stock
    expect(await Promise.all([stockOf('books'), stockOf('music')])).toEqual([2, 6])
    expect((await call('music', 'GET', `/api/orders/${inBooks.body.orderId}`)).status).toBe(404)
  })
})
