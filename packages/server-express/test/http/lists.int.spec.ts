import { describe, expect, test } from 'vitest'
import type { CallShop } from './support/client.js'
import { serveShop } from './support/served-shop.js'
import { worldOf } from './support/world.js'

/** Follows the cursors of a list to its end. */
const walk = async (call: CallShop, path: string, key: string, limit: number): Promise<object[]> => {
  const items: object[] = []
  let cursor: string | null = ''
  for (let parts = 0; cursor !== null; parts += 1) {
    expect(parts).toBeLessThan(20)
    const join = path.includes('?') ? '&' : '?'
    const { status, body } = await call('GET', `${path}${join}limit=${limit}${cursor && `&cursor=${cursor}`}`)
    expect(status).toBe(200)
    items.push(...body[key])
    cursor = body.nextCursor
  }
  return items
}

/** A shop with a few rows of every kind, and its lists. */
const fullShop = async () => {
  const { call, clock } = await serveShop()
  const world = worldOf(call)
  const userId = await world.user()
  const productId = await world.product({ stock: 100 })
  for (let index = 0; index < 5; index += 1) {
    await call('POST', '/api/balance/charge', { body: { userId, amount: index + 1 } })
    await world.issue(userId, await world.coupon())
    await call('POST', `/api/orders/${await world.order(userId, productId)}/cancel`)
    if (index % 2 === 0) clock.advance(1)
  }
  const lists = [
    [`/api/balance/${userId}/history`, 'entries'],
    [`/api/coupon/users/${userId}`, 'coupons'],
    ['/api/admin/entries?kind=charge', 'entries'],
    ['/api/coupon', 'coupons'],
    ['/api/admin/coupons', 'coupons'],
    [`/api/orders?userId=${userId}`, 'orders'],
    ['/api/admin/outbox', 'events'],
  ] as const
  return { call, lists }
}

describe('a list', () => {
  test('has the same items in pages as a whole, newest first', async () => {
    const { call, lists } = await fullShop()
    for (const [path, key] of lists) {
      const whole = await walk(call, path, key, 100)
      expect(whole).toHaveLength(5)
      for (const limit of [1, 2, 5]) expect(await walk(call, path, key, limit)).toEqual(whole)
    }
  })

  test('refuses the cursor of another list, and a forged one', async () => {
    const { call, lists } = await fullShop()
    const cursors: string[] = []
    for (const [path] of lists)
      cursors.push((await call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=1`)).body.nextCursor)
    for (const [own, [path]] of lists.entries()) {
      const ask = (cursor: string) => call('GET', `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`)
      for (const [other, cursor] of cursors.entries()) {
        const { status, body } = await ask(cursor)
        expect(status).toBe(own === other ? 200 : 400)
        if (own !== other) expect(body.errors[0].path).toBe('cursor')
      }
      const mine = cursors[own] as string
      const swapped = `${mine.slice(0, -1)}${mine.endsWith('A') ? 'B' : 'A'}`
      for (const bad of ['', '1', '9007199254740991', 'abc', swapped, `${mine}A`, `${mine}=`, mine.slice(1), '%00'])
        expect((await ask(bad)).status).toBe(400)
    }
  })
})

describe('the product list', () => {
  test.each([
    ['', [0, 10]],
    ['page=0&size=10&keyword=', [0, 10]],
    ['page=3', [3, 10]],
    ['size=100', [0, 100]],
    ['page=9007199254740991&size=100', [9007199254740991, 100]],
    ['page=007', [7, 10]],
    ['&&size=5&', [0, 5]],
  ])('accepts ?%s', async (query, [page, size]) => {
    const { call } = await serveShop()
    const { body } = await call('GET', `/api/products?${query}`)
    expect([body.page, body.size]).toEqual([page, size])
  })

  test.each([
    'page=-1',
    'page=+1',
    'page=1.5',
    'page=1e3',
    'page=0x1',
    'page=',
    'page',
    'page=%20',
    'page=1%20',
    'page=Infinity',
    'page=9007199254740992',
    'page=99999999999999999999',
    'page=%EF%BC%91',
    'size=0',
    'size=101',
    'size=1&size=2',
    'size[]=1',
    'page=1;size=2',
    'foo=bar',
    'Page=1',
    '__proto__=1',
    '===',
    'keyword=a%00b',
    'keyword=%C3%28',
    'keyword=%',
    'keyword=%ED%A0%80',
    `keyword=${'k'.repeat(101)}`,
    'keyword=a&keyword=b',
  ])('refuses ?%.40s', async (query) => {
    const { call } = await serveShop()
    const { status, body } = await call('GET', `/api/products?${query}`)
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST'])
    expect(body.errors.length).toBeGreaterThan(0)
  })

  test('shows unlisted products to administrators only', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const [hidden, shown] = [await world.product({ name: 'Mug' }), await world.product({ name: 'Tea' })]
    const unlisted = await call('PATCH', `/api/admin/products/${hidden}`, { body: { listed: false } })
    expect((await call('GET', `/api/admin/products/${hidden}`)).body).toEqual(unlisted.body)
    const all = await call('GET', '/api/admin/products')
    expect(
      new Map(all.body.products.map((each: { productId: string; listed: boolean }) => [each.productId, each.listed])),
    ).toEqual(
      new Map([
        [hidden, false],
        [shown, true],
      ]),
    )
    expect((await call('GET', '/api/admin/products?keyword=MUG&size=1')).body).toEqual({
      products: [unlisted.body],
      page: 0,
      size: 1,
      total: 1,
    })
    expect((await call('GET', '/api/products', { as: null })).body.total).toBe(1)
    for (const path of ['/api/admin/products', `/api/admin/products/${hidden}`]) {
      expect((await call('GET', path, { as: 'somebody' })).body.code).toBe('FORBIDDEN')
      expect((await call('GET', path, { as: null })).body.code).toBe('UNAUTHENTICATED')
    }
    expect((await call('GET', '/api/admin/products/none')).body.code).toBe('PRODUCT_NOT_FOUND')
  })

  test('the keyword length counts characters, not UTF-16 units', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    for (const name of ['Red mug 100%', 'Mug_small', '한글 컵', '🍵'.repeat(100)]) await world.product({ name })
    const total = async (keyword: string) =>
      (await call('GET', `/api/products?keyword=${encodeURIComponent(keyword)}`)).body.total
    expect([await total('%'), await total('_'), await total('MUG'), await total('한글')]).toEqual([1, 1, 2, 1])
    expect([await total("' OR '1'='1"), await total('🍵'.repeat(100))]).toEqual([0, 1])
    expect((await call('GET', '/api/products?keyword=red+mug')).body.total).toBe(1)
  })

  test('routes without parameters refuse them, and writes do, too', async () => {
    const { call } = await serveShop()
    const productId = await worldOf(call).product()
    expect((await call('GET', `/api/products/${productId}?x=1`)).status).toBe(400)
    expect((await call('POST', '/api/users?userId=a', { body: { userId: 'a' } })).status).toBe(400)
    expect((await call('GET', '/healthz?verbose')).status).toBe(400)
  })
})
