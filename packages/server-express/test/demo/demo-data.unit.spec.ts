import { createShop, presetNames, resolvePolicies } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { chargeable, ensureDemoData } from '../../src/demo/demo-data.js'
import { demoTokens } from '../../src/demo/demo-tokens.js'

const everything = { limit: 100 }

describe.each(presetNames)('under %s', (preset) => {
  test('creates 20 products, 4 coupons for everybody, one with a code, and 3 users with a balance, once', async () => {
    const store = inMemoryStore()
    const shop = createShop({ store, policies: resolvePolicies(preset) })
    await ensureDemoData(shop)
    const { products } = await shop.products.list({ page: 0, size: 100 })
    expect(products).toHaveLength(20)
    for (const { name } of products) expect(name).toMatch(/[가-힣].*[A-Za-z]/)
    const { items: coupons } = await shop.coupons.claimable(everything)
    expect(coupons.map(({ discount }) => discount.kind).sort()).toEqual([
      'fixed',
      'percentage',
      'percentage',
      'percentage',
    ])
    expect(Math.min(...coupons.map(({ quantity }) => quantity))).toBe(10)
    expect(coupons.filter(({ productIds }) => productIds)).toMatchObject([{ couponId: 'demo-tea-time' }])
    expect(await shop.coupons.get({ couponId: 'demo-friends' })).toMatchObject({ code: 'HELLO-FRIEND' })
    expect(
      products
        .filter(({ sale }) => sale)
        .map(({ productId }) => productId)
        .sort(),
    ).toEqual(['demo-headphones', 'demo-honey'])
    for (const userId of ['demo-mina', 'demo-jun', 'demo-sora']) {
      const { balance } = await shop.balance.get({ userId })
      expect(balance).toBeGreaterThan(0)
    }

    await shop.products.update({ productId: 'demo-tea', price: 1 })
    const { balance } = await shop.balance.get({ userId: 'demo-mina' })
    await ensureDemoData(shop)
    expect(await shop.products.get({ productId: 'demo-tea' })).toMatchObject({ price: 1 })
    expect(await shop.balance.get({ userId: 'demo-mina' })).toMatchObject({ balance })
    expect((await shop.products.list({ page: 0, size: 100 })).total).toBe(20)
    expect((await shop.audit()).violations).toEqual([])
  })
})

test('is created once by several concurrent servers', async () => {
  const store = inMemoryStore()
  const shops = Array.from({ length: 3 }, () => createShop({ store }))
  await Promise.all(shops.map((shop) => ensureDemoData(shop)))
  expect(await shops[0]?.balance.get({ userId: 'demo-jun' })).toMatchObject({ balance: 500_000 })
})

test('is completed by the next start after an interruption', async () => {
  const shop = createShop({ store: inMemoryStore() })
  await shop.users.register({ userId: 'demo-sora' })
  await shop.products.create({ productId: 'demo-tea', name: 'tea', price: 1, stock: 1 })
  await ensureDemoData(shop)
  expect(await shop.balance.get({ userId: 'demo-sora' })).toMatchObject({ balance: 500_000 })
  expect((await shop.products.list({ page: 0, size: 1 })).total).toBe(20)
})

test.each([
  [500_000, { minimum: 1, maximum: 1_000_000, unit: 1, balanceLimit: 1_000_000 }, 500_000],
  [500_000, { minimum: 1_000, maximum: 300_000, unit: 1_000, balanceLimit: 1_000_000 }, 300_000],
  [10_000, { minimum: 50_000, maximum: 90_000, unit: 7_000, balanceLimit: 1_000_000 }, 56_000],
  [10_000, { minimum: 1, maximum: 1_000_000, unit: 1, balanceLimit: 99 }, 99],
  [500, { minimum: 600, maximum: 600, unit: 500, balanceLimit: 600 }, undefined],
])('the closest valid charge to %i within %o is %s', (wanted, limits, amount) => {
  expect(chargeable(wanted, limits)).toBe(amount)
})

test('demo tokens are signed, expire, and carry the configured issuer and audience', async () => {
  const secret = '0123456789abcdef0123456789abcdef'
  const { user, administrator } = await demoTokens({ secret, issuer: 'me', audience: 'shop' })
  const key = new TextEncoder().encode(secret)
  const checks = { issuer: 'me', audience: 'shop', algorithms: ['HS256'], requiredClaims: ['exp'] }
  expect((await jwtVerify(user.token, key, checks)).payload).toMatchObject({ sub: 'demo-mina' })
  expect((await jwtVerify(administrator, key, checks)).payload).toMatchObject({ scope: 'shop:admin' })
})
