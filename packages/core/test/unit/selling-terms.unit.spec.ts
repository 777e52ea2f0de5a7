import { describe, expect, it } from 'vitest'
import { createProduct, iso, type Product, updateProduct } from '../../src/commands.js'
import type { SellingTerms } from '../../src/index.js'
import { adminProductView, isDrop, isOnSale, priceAt, productView } from '../../src/model/product.js'
import { given, defaultNow as now, productOf } from '../../src/testing/index.js'

const base = { name: 'Mug', price: 1_000, stock: 5 }
const sale = { price: 600, from: now + 10, until: now + 20 }
const terms = {
  opensAt: now + 5,
  closesAt: now + 50,
  sale,
  purchaseLimit: 2,
  metadata: { series: 'spring' },
} as const

const shownSale = { price: 600, from: iso(sale.from), until: iso(sale.until) }

describe('creating a product with terms', () => {
  it('keeps and tells them', () => {
    given()
      .when(createProduct, { productId: 'p1', ...base, ...terms })
      .thenAccepted((view) =>
        expect(view).toEqual({
          productId: 'p1',
          ...base,
          listed: true,
          regularPrice: 1_000,
          sale: shownSale,
          opensAt: iso(now + 5),
          closesAt: iso(now + 50),
          purchaseLimit: 2,
          metadata: { series: 'spring' },
        }),
      )
      .thenChanges({ products: { inserted: [{ price: 1_000, ...terms }] } })
  })

  it('has none by default, nor with null', () => {
    const none = { opensAt: null, closesAt: null, sale: null, purchaseLimit: null, metadata: null }
    for (const input of [{}, none, { metadata: {} }]) {
      given()
        .when(createProduct, { productId: 'p1', ...base, ...input })
        .thenAccepted((view) => expect(view).toEqual({ productId: 'p1', ...base, listed: true }))
        .thenChanges({ products: { inserted: [none] } })
    }
  })

  it('takes times as dates and as text, also times in the past', () => {
    given()
      .when(createProduct, {
        ...base,
        opensAt: new Date(5),
        sale: { price: 0, from: iso(0), until: '1970-01-01T09:00:00.001+09:00' },
      })
      .thenChanges({ products: { inserted: [{ opensAt: 5, sale: { price: 0, from: 0, until: 1 } }] } })
  })

  it.each<[string, SellingTerms, string]>([
    ['a product that closes when it opens', { opensAt: now, closesAt: now }, 'closesAt'],
    ['a product that closes before it opens', { opensAt: now, closesAt: now - 1 }, 'closesAt'],
    ['a sale that ends when it begins', { sale: { ...sale, until: sale.from } }, 'sale.until'],
    ['a sale at the regular price', { sale: { ...sale, price: 1_000 } }, 'sale.price'],
    ['a sale above the regular price', { sale: { ...sale, price: 1_001 } }, 'sale.price'],
    ['a sale below 0', { sale: { ...sale, price: -1 } }, 'sale'],
    ['a sale without its end', { sale: { price: 1, from: 1 } as never }, 'sale'],
    ['a sale with an unknown field', { sale: { ...sale, name: 'x' } as never }, 'sale'],
    ['a sale that is no object', { sale: 600 as never }, 'sale'],
    ['a wrong time', { opensAt: 'tomorrow' }, 'opensAt'],
    ['a time before 1970', { closesAt: -1 }, 'closesAt'],
    ['a limit of 0', { purchaseLimit: 0 }, 'purchaseLimit'],
    ['half a unit as the limit', { purchaseLimit: 1.5 }, 'purchaseLimit'],
    ['a limit beyond all units', { purchaseLimit: 10 ** 12 + 1 }, 'purchaseLimit'],
    ['metadata that is not text', { metadata: { a: 1 as never } }, 'metadata'],
  ])('refuses %s, before it looks whether the product exists', (_, wrong, path) => {
    given(productOf())
      .when(createProduct, { productId: 'p1', ...base, ...wrong })
      .thenRefused('INVALID_REQUEST', { errors: [{ path }] })
    given(productOf())
      .when(updateProduct, { productId: 'p1', ...wrong })
      .thenRefused('INVALID_REQUEST', { errors: [{ path }] })
  })

  it('tells everything that is wrong at once', () => {
    given()
      .when(createProduct, { ...base, opensAt: 2, closesAt: 1, sale: { price: 1_000, from: 2, until: 2 } })
      .thenRefused('INVALID_REQUEST', {
        errors: [{ path: 'closesAt' }, { path: 'sale.until' }, { path: 'sale.price' }],
      })
  })
})

describe('changing the terms of a product', () => {
  const changing = (input: SellingTerms & { readonly price?: number }, row: Partial<Product> = terms) =>
    given(productOf({ ...base, ...row })).when(updateProduct, { productId: 'p1', ...input })

  it('leaves omitted ones as they are', () => {
    changing({ purchaseLimit: 3 }).thenChanges({ products: { updated: [{ ...terms, purchaseLimit: 3 }] } })
    changing({ price: 700 }).thenChanges({ products: { updated: [{ ...terms, price: 700 }] } })
  })

  it.each(['opensAt', 'closesAt', 'sale', 'purchaseLimit', 'metadata'] as const)('removes %s with null', (name) => {
    changing({ [name]: null }).thenChanges({ products: { updated: [{ ...terms, [name]: null }] } })
  })

  it('judges the product as it would become', () => {
    changing({ closesAt: now + 5 }).thenRefused('INVALID_REQUEST', { errors: [{ path: 'closesAt' }] })
    changing({ closesAt: now + 6 }).thenAccepted({ closesAt: iso(now + 6) })
    changing({ opensAt: now + 50 }).thenRefused('INVALID_REQUEST', { errors: [{ path: 'closesAt' }] })
    changing({ opensAt: now + 50, closesAt: null }).thenAccepted({ opensAt: iso(now + 50) })
    changing({ price: 600 }).thenRefused('INVALID_REQUEST', { errors: [{ path: 'sale.price' }] })
    changing({ price: 601 }).thenAccepted({ regularPrice: 601 })
    changing({ price: 600, sale: null }).thenAccepted({ price: 600 })
  })

  it('refuses an unknown product before its terms as a whole', () => {
    given()
      .when(updateProduct, { productId: 'p9', opensAt: 2, closesAt: 1 })
      .thenRefused('PRODUCT_NOT_FOUND', { productIds: ['p9'] })
  })
})

describe('a product by the clock', () => {
  const product = productOf({ ...base, ...terms }).row

  it('is on sale from opensAt until just before closesAt', () => {
    expect([now + 4, now + 5, now + 49, now + 50].map((at) => isOnSale(product, at))).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect(isOnSale({ opensAt: null, closesAt: null }, now)).toBe(true)
    expect(isOnSale({ opensAt: null, closesAt: now }, now - 1)).toBe(true)
    expect(isOnSale({ opensAt: now, closesAt: null }, now)).toBe(true)
  })

  it('costs the sale price from its start until just before its end', () => {
    expect([now + 9, now + 10, now + 19, now + 20].map((at) => priceAt(product, at))).toEqual([1_000, 600, 600, 1_000])
  })

  it('shows buyers a sale that is announced or runs, and administrators also one that has ended', () => {
    for (const at of [now, sale.from, sale.until - 1]) {
      expect(productView(product, { now: at })).toMatchObject({ sale: shownSale, regularPrice: 1_000 })
      expect(adminProductView(product, { now: at })).toMatchObject({ sale: shownSale, regularPrice: 1_000 })
    }
    const [shown, told] = [productView(product, { now: sale.until }), adminProductView(product, { now: sale.until })]
    expect(shown).not.toHaveProperty('sale')
    expect(shown).not.toHaveProperty('regularPrice')
    expect(told).toMatchObject({ sale: shownSale, price: 1_000 })
    expect(told).not.toHaveProperty('regularPrice')
  })

  it('is a drop while it is listed, has hours, and has not closed', () => {
    const none = { opensAt: null, closesAt: null }
    expect(isDrop({ ...product, ...none }, now)).toBe(false)
    expect(isDrop({ ...product, ...none, opensAt: now + 1 }, now)).toBe(true)
    expect(isDrop({ ...product, ...none, opensAt: 0 }, now)).toBe(true)
    expect(isDrop({ ...product, listed: false }, now)).toBe(false)
    expect(isDrop(product, now + 49)).toBe(true)
    expect(isDrop(product, now + 50)).toBe(false)
  })
})
