import { describe, expect, test } from 'vitest'
import type { CallOptions } from './support/client.js'
import { serveShop } from './support/served-shop.js'

const product = { name: 'Mug', price: 1, stock: 1 }
const coupon = {
  name: 'Opening',
  discount: { kind: 'fixed', amount: 1 },
  quantity: 1,
  validUntil: '2999-01-01T00:00:00Z',
}
const order = { userId: 'a', products: [{ productId: 'p', quantity: 1 }] }
const line = (over: object) => ({ ...order, products: [{ productId: 'p', quantity: 1, ...over }] })

/** Path, body, and the paths of the errors. */
const malformed: readonly (readonly [string, unknown, string])[] = [
  ['/api/users', {}, 'userId'],
  ['/api/users', { userId: '' }, 'userId'],
  ['/api/users', { userId: 'a b' }, 'userId'],
  ['/api/users', { userId: 'a'.repeat(65) }, 'userId'],
  ['/api/users', { userId: 'a\n' }, 'userId'],
  ['/api/users', { userId: '.' }, 'userId'],
  ['/api/users', { userId: '..' }, 'userId'],
  ['/api/users', { userId: ['a'] }, 'userId'],
  ['/api/users', { userId: 'a', balance: 5 }, 'balance'],
  ['/api/users', JSON.parse('{"userId":"a","__proto__":{"isAdmin":true}}'), '__proto__'],
  ['/api/balance/charge', { userId: 'a', amount: 1.5 }, 'amount'],
  ['/api/balance/charge', { userId: 'a', amount: true }, 'amount'],
  ['/api/balance/charge', { userId: 'a', amount: null }, 'amount'],
  ['/api/balance/charge', { userId: 'a', amount: 1e16 }, 'amount'],
  ['/api/balance/charge', { userId: 'a', Amount: 5 }, 'Amount'],
  ['/api/orders', { ...order, products: [] }, 'products'],
  ['/api/orders', { ...order, products: Array(101).fill(order.products[0]) }, 'products'],
  ['/api/orders', line({ quantity: 0 }), 'products[0].quantity'],
  ['/api/orders', line({ quantity: 10_001 }), 'products[0].quantity'],
  ['/api/orders', line({ price: 0 }), 'products[0].price'],
  ['/api/orders', { ...order, products: null }, 'products'],
  ['/api/orders', { ...order, status: 'paid' }, 'status'],
  ['/api/admin/products', { ...product, productId: 'top' }, 'productId'],
  ['/api/admin/products', { ...product, name: '' }, 'name'],
  ['/api/admin/products', { ...product, name: 'x'.repeat(101) }, 'name'],
  ['/api/admin/products', { ...product, name: 'a\0b' }, 'name'],
  ['/api/admin/products', { ...product, name: '\ud800' }, 'name'],
  ['/api/admin/products', { ...product, name: ' \u3000' }, 'name'],
  ['/api/admin/products', { ...product, name: 'Mug\u202egnp' }, 'name'],
  ['/api/admin/products', { ...product, productId: '..' }, 'productId'],
  ['/api/admin/coupons', { ...coupon, name: 'Open\u0085ing' }, 'name'],
  ['/api/admin/products', { ...product, price: 9_000_000_001 }, 'price'],
  ['/api/admin/products', { ...product, price: -1 }, 'price'],
  ['/api/admin/products/p/stock', { change: 0 }, 'change'],
  ['/api/admin/coupons', { ...coupon, discount: { kind: 'free' } }, 'discount.kind'],
  ['/api/admin/coupons', { ...coupon, discount: { kind: 'fixed', amount: 0 } }, 'discount.amount'],
  ['/api/admin/coupons', { ...coupon, discount: { kind: 'fixed', amount: 1, percent: 5 } }, 'discount.percent'],
  ['/api/admin/coupons', { ...coupon, discount: { kind: 'percentage', percent: 101 } }, 'discount.percent'],
  ['/api/admin/coupons', { ...coupon, quantity: 0 }, 'quantity'],
  ['/api/admin/coupons', { ...coupon, validUntil: '2999-01-01' }, 'validUntil'],
  ['/api/admin/coupons', { ...coupon, validUntil: '2999-01-01T00:00:00' }, 'validUntil'],
  ['/api/admin/coupons', { ...coupon, validUntil: '2999-01-01T00:00Z' }, 'validUntil'],
  ['/api/admin/coupons', { ...coupon, validUntil: '2999-02-29T00:00:00+09:00' }, 'validUntil'],
  ['/api/admin/coupons', { ...coupon, validUntil: '2999-01-01T00:00:00+24:00' }, 'validUntil'],
  ['/api/admin/coupons', { ...coupon, validUntil: '2999-02-30T00:00:00Z' }, 'validUntil'],
  ['/api/admin/coupons', { ...coupon, validUntil: 32_472_144_000_000 }, 'validUntil'],
  ['/api/admin/coupons', { ...coupon, validFrom: '2999-01-01T00:00:00Z' }, 'validUntil'],
]

describe('a malformed request', () => {
  test.each(malformed)('POST %s %j has an error at %s', async (path, body, where) => {
    const { call } = await serveShop()
    const { status, body: problem } = await call('POST', path, { body })
    expect([status, problem.code]).toEqual([400, 'INVALID_REQUEST'])
    expect(problem.errors.map((error: { path: string }) => error.path)).toContain(where)
  })

  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`field-${index}`, 1]))
  const told = (where: string) => Array.from({ length: 10 }, (_, index) => `${where}field-${index}`)

  test.each<[string, string, CallOptions, string, number]>([
    ['a body', '/api/users', { body: many(6_000) }, '', 5_991],
    ['a line', '/api/orders', { body: line(many(1_000)) }, 'products[0].', 990],
  ])(
    'with many unknown fields in %s lists the first ones and counts the others',
    async (_, path, options, where, more) => {
      const { call } = await serveShop()
      const { body } = await call('POST', path, options)
      expect(body.errors).toHaveLength(11)
      expect(body.errors.at(-1)).toEqual({ path: '', message: `and ${more.toLocaleString('en')} more` })
      const unknown = body.errors.filter(({ message }: { message: string }) => message === 'is not a known field')
      expect(told(where)).toEqual(expect.arrayContaining(unknown.map(({ path }: { path: string }) => path)))
    },
  )

  test('with many unknown parameters lists the first ones and counts the others', async () => {
    const { call } = await serveShop()
    for (const path of ['/api/products', '/api/products/some']) {
      const { body } = await call('GET', `${path}?${Object.keys(many(500)).join('&')}`)
      const paths = body.errors.map((error: { path: string }) => error.path)
      expect(paths).toEqual([...told(''), ''])
      expect(body.errors.at(-1).message).toBe('and 490 more')
    }
  })
})

test('ids accept every allowed character, and names any letter', async () => {
  const { call } = await serveShop()
  const name = '가🍵'.repeat(50)
  const made = await call('POST', '/api/admin/products', { body: { ...product, productId: 'A-z_0.9:', name } })
  expect(made.body).toMatchObject({ productId: 'A-z_0.9:', name })
  expect((await call('GET', '/api/products/A-z_0.9%3A')).body.name).toBe(name)
})

test('a name is trimmed, keeps joiners, and a refused one names its character', async () => {
  const { call } = await serveShop()
  const made = await call('POST', '/api/admin/products', {
    body: { ...product, name: ' 👩\u200d🍳 می\u200cخواهم\u00a0' },
  })
  expect(made.body.name).toBe('👩\u200d🍳 می\u200cخواهم')
  const path = `/api/admin/products/${made.body.productId}`
  expect((await call('PATCH', path, { body: { name: '\tMug' } })).body.errors).toEqual([
    { path: 'name', message: 'must not hold the character U+0009' },
  ])
  expect((await call('PATCH', path, { body: { name: '  Mug ' } })).body.name).toBe('Mug')
})

test.each([
  ['2999-01-01T00:00:00+09:00', '2998-12-31T15:00:00.000Z'],
  ['2999-01-01T00:00:00.5-01:30', '2999-01-01T01:30:00.500Z'],
])('the time %s is answered in UTC', async (validUntil, inUtc) => {
  const { call } = await serveShop()
  const made = await call('POST', '/api/admin/coupons', { body: { ...coupon, couponId: 'c', validUntil } })
  expect([made.status, made.body.validUntil]).toEqual([201, inUtc])
  const changed = await call('PATCH', '/api/admin/coupons/c', { body: { validUntil } })
  expect([changed.status, changed.body.validUntil]).toEqual([200, inUtc])
})

test('a null that an answer holds is accepted by the request', async () => {
  const { call } = await serveShop()
  const made = await call('POST', '/api/admin/coupons', { body: { ...coupon, minimumOrderAmount: null } })
  expect([made.status, made.body.minimumOrderAmount]).toEqual([201, null])
  await call('POST', '/api/admin/products', { body: { ...product, productId: 'p' } })
  const placed = await call('POST', '/api/orders', { as: 'a', body: { ...order, couponId: null } })
  expect([placed.status, placed.body.couponId]).toEqual([201, null])
})

test('money is exact to the last digit', async () => {
  const { call } = await serveShop({ preset: 'hold-at-order' })
  const charge = (amount: number) => call('POST', '/api/balance/charge', { body: { userId: 'rich', amount } })
  expect((await charge(999_999_999_999_999)).body.balance).toBe(999_999_999_999_999)
  expect((await charge(2)).body).toMatchObject({ code: 'BALANCE_LIMIT_EXCEEDED', balance: 999_999_999_999_999 })
})

test.each([
  ['trace-1:a_b.c', true],
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  ['a b', false],
  ['<script>', false],
])('the request id %.20s is kept: %s', async (id, kept) => {
  const { call } = await serveShop()
  const { headers } = await call('GET', '/healthz', { headers: { 'x-request-id': id } })
  expect(headers['x-request-id'] === id).toBe(kept)
})

test('log and metrics contain the route, never a path, a body or a token', async () => {
  const { call, log, answered } = await serveShop()
  await call('POST', '/api/balance/charge', { as: 'payer', body: { userId: 'payer', amount: 31_337 } })
  await call('GET', '/api/orders/some-order', { as: 'payer' })
  expect(answered.map(({ method, route, status, code }) => [method, route, status, code])).toEqual([
    ['POST', '/api/balance/charge', 200, undefined],
    ['GET', '/api/orders/{orderId}', 404, 'ORDER_NOT_FOUND'],
  ])
  const lines = log()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ route, status, caller }) => [route, status, caller])).toEqual([
    ['/api/balance/charge', 200, 'payer'],
    ['/api/orders/{orderId}', 404, 'payer'],
  ])
  expect(log()).not.toMatch(/31337|eyJ|some-order/)
})
