import { describe, expect, it } from 'vitest'
import { ViewCounter } from '../../src/engine/view-counter.js'
import { presetNames } from '../../src/index.js'
import type { Reads } from '../../src/store.js'
import { defaultNow } from '../../src/testing/index.js'
import { dated, finding, reading, refused } from './finding.js'

describe('reading a product', () => {
  it.each(presetNames)('returns the units that can be ordered now (%s)', async (preset) => {
    const { reads } = finding({ product: async () => dated(reading({ stock: 10, held: 4, overdue: 1 })) }, preset)
    expect(await reads.products.get({ productId: 'p1' })).toEqual({
      productId: 'p1',
      name: 'Product p1',
      price: 1_000,
      stock: 7,
    })
  })

  it.each(presetNames)('refuses an unknown or unlisted product (%s)', async (preset) => {
    const code = 'PRODUCT_NOT_FOUND'
    expect(await refused(finding({}, preset).reads.products.get({ productId: 'p9' }))).toEqual({
      code,
      productIds: ['p9'],
    })
    const unlisted = finding({ product: async () => dated(reading({ listed: false })) }, preset)
    expect(await refused(unlisted.reads.products.get({ productId: 'p1' }))).toEqual({ code, productIds: ['p1'] })
    expect(await unlisted.viewed()).toEqual({})
  })

  it.each(presetNames)('returns a sold-out product with stock 0, or refuses it (%s)', async (preset) => {
    const { reads } = finding({ product: async () => dated(reading({ stock: 4, held: 4 })) }, preset)
    const asked = reads.products.get({ productId: 'p1' })
    if (preset === 'partial-orders') expect(await refused(asked)).toEqual({ code: 'PRODUCT_SOLD_OUT', productId: 'p1' })
    else expect(await asked).toMatchObject({ stock: 0 })
  })

  it('counts overdue holds as free, so the product is not sold out', async () => {
    const { reads } = finding(
      { product: async () => dated(reading({ stock: 4, held: 4, overdue: 1 })) },
      'partial-orders',
    )
    expect(await reads.products.get({ productId: 'p1' })).toMatchObject({ stock: 1 })
  })
})

describe('listing products', () => {
  const two = async () => ({
    now: defaultNow,
    found: [reading({ stock: 0 }), reading({ productId: 'p2', held: 3, overdue: 2 })],
    total: 12,
  })

  it.each(presetNames)('returns the page with its sold-out products (%s)', async (preset) => {
    const { reads } = finding({ products: two }, preset)
    expect(await reads.products.list({ page: 1, size: 2 })).toEqual({
      products: [
        { productId: 'p1', name: 'Product p1', price: 1_000, stock: 0 },
        { productId: 'p2', name: 'Product p2', price: 1_000, stock: 9 },
      ],
      page: 1,
      size: 2,
      total: 12,
    })
  })

  it('asks for the right page, with the keyword in search form', async () => {
    const asked: unknown[] = []
    const { reads } = finding({
      products: async (query) => {
        asked.push(query)
        return { now: defaultNow, found: [], total: 0 }
      },
    })
    await reads.products.list({ page: 0, size: 10, keyword: 'MÜG 100%' })
    await reads.products.list({ page: 3, size: 7, keyword: '' })
    expect(asked).toEqual([
      { offset: 0, limit: 10, keyword: 'müg 100%' },
      { offset: 21, limit: 7, keyword: undefined },
    ])
  })

  it.each(presetNames)('shows administrators every product, and counts no view, under %s', async (preset) => {
    const asked: unknown[] = []
    const products: Reads['products'] = async (query) => {
      asked.push(query)
      return {
        now: defaultNow,
        found: [reading({ listed: false, held: 3, overdue: 2 }), reading({ productId: 'p2' })],
        total: 12,
      }
    }
    const { reads, viewed } = finding({ products }, preset)
    expect(await reads.products.listAll({ page: 1, size: 2, keyword: 'Mug' })).toEqual({
      products: [
        { productId: 'p1', name: 'Product p1', price: 1_000, stock: 9, listed: false },
        { productId: 'p2', name: 'Product p2', price: 1_000, stock: 10, listed: true },
      ],
      page: 1,
      size: 2,
      total: 12,
    })
    expect(asked).toEqual([{ offset: 2, limit: 2, keyword: 'mug', includeUnlisted: true }])
    expect(await viewed()).toEqual({})
  })
})

describe('counting views', () => {
  const found = {
    product: async () => dated(reading()),
    products: async () => ({
      now: defaultNow,
      found: [reading({ productId: 'p2' }), reading({ productId: 'p3' })],
      total: 2,
    }),
  }
  it.each([
    ['on-detail', { p1: 1 }],
    ['on-list', { p2: 1, p3: 1 }],
    ['on-both', { p1: 1, p2: 1, p3: 1 }],
    ['never', {}],
  ] as const)('happens %s', async (countViews, expected) => {
    const { reads, viewed } = finding(found, 'standard', { catalog: { countViews } })
    await reads.products.get({ productId: 'p1' })
    await reads.products.list({ page: 0, size: 10 })
    expect(await viewed()).toEqual(expected)
  })

  it('counts the view of a sold-out product that is refused', async () => {
    const { reads, viewed } = finding({ product: async () => dated(reading({ stock: 0 })) }, 'standard', {
      catalog: { soldOut: 'refused' },
    })
    await refused(reads.products.get({ productId: 'p1' }))
    expect(await viewed()).toEqual({ p1: 1 })
  })

  it('never waits for the store, and loses no view when a write fails', async () => {
    const written: Record<string, number>[] = []
    let broken = true
    const counter = new ViewCounter({
      addViews: async (views) => {
        if (broken) throw new Error('away')
        written.push(Object.fromEntries(views))
      },
    })
    for (const productId of ['p1', 'p2', 'p1']) counter.count(productId)
    await expect(counter.flush()).rejects.toThrow('away')
    counter.count('p1')
    broken = false
    await counter.flush()
    await counter.flush()
    expect(written).toEqual([{ p1: 3, p2: 1 }])
  })
})
