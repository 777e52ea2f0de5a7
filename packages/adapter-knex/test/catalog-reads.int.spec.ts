import { foldName, type Store } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { holdOf, noon, productOf } from './support/rows.js'

let database: ShopDatabase
let store: Store
let time = noon

beforeAll(async () => {
  database = await openShopDatabase()
  store = database.store({ clock: { now: () => time } })
})
afterAll(() => database.drop())
beforeEach(async () => {
  time = noon
  await database.clear()
})

describe('products', () => {
  test('show how many held units are overdue', async () => {
    const tea = productOf('tea', { held: 6 })
    const holds = [holdOf('o1', 'tea', { quantity: 1 }), holdOf('o2', 'tea', { quantity: 2, expiresAt: noon + 60_001 })]
    await put(store, {
      inserted: { products: [tea], holds: [...holds, holdOf('o3', 'tea', { quantity: 3, expiresAt: noon })] },
    })
    expect(await store.reads.product('tea')).toEqual({ now: noon, found: { ...tea, overdue: 3 } })
    time = noon + 60_000
    expect(await store.reads.product('tea')).toEqual({ now: time, found: { ...tea, overdue: 4 } })
    expect(await store.reads.product('mug')).toEqual({ now: time, found: undefined })
  })

  test('are found by their ids, listed or not, with the time', async () => {
    expect(await store.reads.productsWithIds(['tea'])).toEqual({ now: noon, found: [] })
    await put(store, {
      inserted: { products: [productOf('tea', { listed: false }), productOf('mug'), productOf('cup')] },
    })
    const { now, found } = await store.reads.productsWithIds(['tea', 'none', 'mug'])
    expect(now).toBe(noon)
    expect(found.map(({ productId, overdue }) => `${productId} ${overdue}`).sort()).toEqual(['mug 0', 'tea 0'])
  })

  test('that open or close are listed by the time of opening, then by id, until they close', async () => {
    expect(await store.reads.drops({ limit: 5 })).toEqual({ now: noon, found: [] })
    const products = [
      productOf('plain'),
      productOf('b', { opensAt: noon + 5, purchaseLimit: 1, metadata: { edition: '50' } }),
      productOf('a', { opensAt: noon + 5 }),
      productOf('early', { opensAt: noon - 5 }),
      productOf('always', { closesAt: noon + 1, held: 2 }),
      productOf('closed', { opensAt: noon - 9, closesAt: noon }),
      productOf('hidden', { opensAt: noon, listed: false }),
    ]
    await put(store, { inserted: { products, holds: [holdOf('o', 'always', { quantity: 2, expiresAt: noon })] } })
    const idsOf = async (limit: number) => (await store.reads.drops({ limit })).found.map(({ productId }) => productId)
    expect(await idsOf(10)).toEqual(['always', 'early', 'a', 'b'])
    expect(await idsOf(2)).toEqual(['always', 'early'])
    const { found } = await store.reads.drops({ limit: 10 })
    expect([found[0], found[3]]).toEqual([
      { ...products[4], overdue: 2 },
      { ...products[1], overdue: 0 },
    ])
    time = noon + 1
    expect(await idsOf(10)).toEqual(['early', 'a', 'b'])
  })

  test('are listed newest first, by offset, with the total', async () => {
    const products = ['a', 'b', 'c', 'd', 'e'].map((id, index) =>
      productOf(id, { createdAt: noon + Math.floor(index / 2), listed: id !== 'd' }),
    )
    await put(store, { inserted: { products, holds: [holdOf('o', 'e', { expiresAt: noon })] } })
    const page = await store.reads.products({ offset: 1, limit: 2 })
    expect(page.found.map(({ productId }) => productId)).toEqual(['c', 'a'])
    expect(page.total).toBe(4)
    expect((await store.reads.products({ offset: 0, limit: 1 })).found).toMatchObject([{ productId: 'e', overdue: 1 }])
    expect(await store.reads.products({ offset: 9, limit: 2 })).toEqual({ now: noon, found: [], total: 4 })
    expect(await store.reads.products({ offset: 0, limit: 0 })).toEqual({ now: noon, found: [], total: 4 })
  })

  test('include unlisted ones only if asked, also when both are asked at once', async () => {
    const products = ['a', 'b', 'c'].map((id) => productOf(id, { name: `Mug ${id}`, listed: id !== 'b' }))
    await put(store, { inserted: { products } })
    const idsOf = async (query: { keyword?: string; includeUnlisted?: boolean }) => {
      const { found, total } = await store.reads.products({ offset: 0, limit: 2, ...query })
      return [total, ...found.map(({ productId }) => productId)]
    }
    const asked = [undefined, 'mug', 'mug b'].flatMap((keyword) =>
      [false, true].map((includeUnlisted) => idsOf({ ...(keyword && { keyword }), includeUnlisted })),
    )
    expect(await Promise.all(asked)).toEqual([
      [2, 'a', 'c'],
      [3, 'a', 'b'],
      [2, 'a', 'c'],
      [3, 'a', 'b'],
      [0],
      [1, 'b'],
    ])
  })

  test.each([
    ['müg', ['mug']],
    ['MÜG', ['mug']],
    ['mu\u0308g', ['mug']],
    ['GROSSE', ['mug']],
    ['große', ['mug']],
    ['녹차', ['green']],
    ['차', ['green']],
    ['차', ['green']],
    ['%', ['percent']],
    ['_', ['underscore']],
    ['\\', ['backslash']],
    ["'", ['quote']],
    ['', ['backslash', 'green', 'mug', 'percent', 'quote', 'underscore']],
    ['no such thing', []],
  ])('are found by %j', async (keyword, expected) => {
    const names = {
      mug: 'Große MÜG',
      green: '제주 녹차',
      percent: '100% silk',
      underscore: 'a_b',
      backslash: 'a\\b',
      quote: "o'clock",
    }
    await put(store, { inserted: { products: Object.entries(names).map(([id, name]) => productOf(id, { name })) } })
    const { found, total } = await store.reads.products({ offset: 0, limit: 10, keyword: foldName(keyword) })
    expect(found.map(({ productId }) => productId)).toEqual(expected)
    expect(total).toBe(expected.length)
  })

  test.each([Number.NaN, -1, 0.5, '1; drop table orders' as never])('refuse %s as a number of rows', async (bad) => {
    await expect(store.reads.products({ offset: 0, limit: bad })).rejects.toThrow(RangeError)
    await expect(store.reads.products({ offset: bad, limit: 1 })).rejects.toThrow(RangeError)
    await expect(store.reads.orders({ limit: bad })).rejects.toThrow(RangeError)
  })

  test('appear in the ranking with their current fields', async () => {
    expect(await store.reads.ranking()).toEqual({ now: noon, found: { ranking: undefined, products: [] } })
    const ranking = {
      name: 'popular' as const,
      products: ['mug', 'tea', 'gone'].map((productId) => ({ productId, sold: 1, views: 2 })),
      from: '2026-05-15',
      to: '2026-05-17',
      asOf: noon,
    }
    await put(store, { inserted: { rankings: [{ ...ranking, products: [] }] } })
    expect(await store.reads.ranking()).toMatchObject({ found: { ranking: { products: [] }, products: [] } })
    await put(store, {
      updated: { rankings: [ranking] },
      inserted: { products: [productOf('tea'), productOf('mug', { listed: false })] },
    })
    const { found } = await store.reads.ranking()
    expect(found.ranking).toEqual(ranking)
    expect(found.products.map(({ productId, overdue }) => `${productId} ${overdue}`).sort()).toEqual(['mug 0', 'tea 0'])
  })
})
