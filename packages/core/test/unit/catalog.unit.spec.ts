import { describe, expect, it } from 'vitest'
import { changeStock, createProduct, maxPrice, maxUnits, placeOrder, updateProduct } from '../../src/commands.js'
import { productView, withoutOverdue } from '../../src/model/product.js'
import { available, foldName } from '../../src/store.js'
import { defaultNow, given, holdOf, orderOf, productOf } from '../../src/testing/index.js'

describe('creating a product', () => {
  it('lists it, with all received units in stock', () => {
    given()
      .when(createProduct, { productId: 'p1', name: '사과', price: 1_200, stock: 7 })
      .thenAccepted((view) =>
        expect(view).toEqual({ productId: 'p1', name: '사과', price: 1_200, stock: 7, listed: true }),
      )
      .thenChanges({
        products: {
          inserted: [
            {
              productId: 'p1',
              name: '사과',
              price: 1_200,
              listed: true,
              received: 7,
              stock: 7,
              held: 0,
              createdAt: defaultNow,
            },
          ],
        },
      })
  })

  it('makes an id if none is given', () => {
    given()
      .when(createProduct, { name: 'Apple', price: 0, stock: 0 })
      .thenAccepted({ productId: 'id-1', price: 0, stock: 0 })
  })

  it('refuses an existing id, even of an unlisted product', () => {
    given(productOf({ listed: false }))
      .when(createProduct, { productId: 'p1', name: 'Again', price: 1, stock: 1 })
      .thenRefused('PRODUCT_ALREADY_EXISTS', { productId: 'p1' })
  })

  it('reserves the id `top` for the popular products', () => {
    given()
      .when(createProduct, { productId: 'top', name: 'Top', price: 1, stock: 1 })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'productId', message: 'is reserved' }] })
  })

  it.each([
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(101) }],
    ['name', { name: 'a\0b' }],
    ['name', { name: '\ud83d' }],
    ['name', { name: ' \u3000 ' }],
    ['name', { name: 'Tea\u202egnp' }],
    ['productId', { productId: '.' }],
    ['productId', { productId: '..' }],
    ['price', { price: -1 }],
    ['price', { price: maxPrice + 1 }],
    ['price', { price: 0.5 }],
    ['stock', { stock: -1 }],
    ['stock', { stock: maxUnits + 1 }],
    ['productId', { productId: 'a/b' }],
  ])('refuses a wrong %s: %j', (path, wrong) => {
    given()
      .when(createProduct, { name: 'Apple', price: 1, stock: 1, ...wrong })
      .thenRefused('INVALID_REQUEST', { errors: [{ path }] })
  })

  it('trims the name', () => {
    given()
      .when(createProduct, { name: ' \u00a0Green  tea\u3000', price: 1, stock: 1 })
      .thenAccepted({ name: 'Green  tea' })
      .thenChanges({ products: { inserted: [{ name: 'Green  tea' }] } })
  })

  it('accepts the highest price, the largest stock, and a name of 100 characters outside the BMP', () => {
    given()
      .when(createProduct, { name: '🍎'.repeat(100), price: maxPrice, stock: maxUnits })
      .thenAccepted({ price: maxPrice, stock: maxUnits })
  })
})

describe('updating a product', () => {
  it('changes what is given and keeps the rest', () => {
    given(productOf({ held: 3 }))
      .when(updateProduct, { productId: 'p1', price: 5 })
      .thenAccepted((view) =>
        expect(view).toEqual({ productId: 'p1', name: 'Product p1', price: 5, stock: 7, listed: true }),
      )
      .thenChanges({ products: { updated: [{ price: 5, name: 'Product p1', listed: true, stock: 10, held: 3 }] } })
      .when(updateProduct, { productId: 'p1', name: 'Pear', listed: false })
      .thenAccepted({ name: 'Pear', price: 5, listed: false })
  })

  it('trims the new name, and refuses control characters', () => {
    given(productOf())
      .when(updateProduct, { productId: 'p1', name: '  Pear ' })
      .thenAccepted({ name: 'Pear' })
      .when(updateProduct, { productId: 'p1', name: 'Pe\u0007ar' })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'name', message: 'must not hold the character U+0007' }] })
  })

  it('accepts a price of 0', () => {
    given(productOf()).when(updateProduct, { productId: 'p1', price: 0 }).thenAccepted({ price: 0 })
  })

  it('refuses an unknown product', () => {
    given()
      .when(updateProduct, { productId: 'p9', price: 5 })
      .thenRefused('PRODUCT_NOT_FOUND', { productIds: ['p9'] })
  })

  it('updates an unlisted product, and lists it again', () => {
    given(productOf({ listed: false }))
      .when(updateProduct, { productId: 'p1', listed: true })
      .thenAccepted({ listed: true })
  })

  it.each([
    ['name', { name: '' }],
    ['price', { price: maxPrice + 1 }],
    ['listed', { listed: 'yes' as unknown as boolean }],
  ])('refuses a wrong %s', (path, wrong) => {
    given(productOf())
      .when(updateProduct, { productId: 'p1', ...wrong })
      .thenRefused('INVALID_REQUEST', { errors: [{ path }] })
  })

  it('leaves the name and price of a placed order unchanged', () => {
    given(productOf())
      .when(placeOrder, { userId: 'u1', products: [{ productId: 'p1', quantity: 2 }] })
      .when(updateProduct, { productId: 'p1', price: 9_999, name: 'Dear' })
      .thenChanges({ products: { updated: [{ price: 9_999, held: 2 }] } })
  })
})

describe('changing the stock', () => {
  it('adds received units to the stock and to the received total', () => {
    given(productOf({ stock: 10, held: 4, received: 12 }))
      .when(changeStock, { productId: 'p1', change: 5 })
      .thenAccepted({ stock: 11 })
      .thenChanges({ products: { updated: [{ stock: 15, received: 17, held: 4 }] } })
  })

  it('removes units down to what pending orders hold, and not one more', () => {
    given(productOf({ stock: 10, held: 4 }))
      .when(changeStock, { productId: 'p1', change: -7 })
      .thenRefused('STOCK_INSUFFICIENT', { lines: [{ productId: 'p1', requested: 7, available: 6 }] })
      .when(changeStock, { productId: 'p1', change: -6 })
      .thenAccepted({ stock: 0 })
      .thenChanges({ products: { updated: [{ stock: 4, received: 4, held: 4 }] } })
  })

  it('counts overdue holds as free', () => {
    given(productOf({ stock: 10, held: 4 }), orderOf({ lines: [{ quantity: 4 }] }), holdOf({ quantity: 4 }))
      .at(defaultNow + 15 * 60_000)
      .when(changeStock, { productId: 'p1', change: -10 })
      .thenAccepted({ stock: 0 })
      .thenChanges({
        products: { updated: [{ stock: 0, held: 0, received: 0 }] },
        holds: { removed: [{ orderId: 'o1' }] },
      })
  })

  it('stops at the maximum number of units', () => {
    given(productOf({ stock: maxUnits - 1 }))
      .when(changeStock, { productId: 'p1', change: 2 })
      .thenRefused('INVALID_REQUEST', {
        errors: [{ path: 'change', message: `the stock would be above ${maxUnits}` }],
      })
      .when(changeStock, { productId: 'p1', change: 1 })
      .thenAccepted({ stock: maxUnits })
  })

  it('must not be 0', () => {
    given(productOf())
      .when(changeStock, { productId: 'p1', change: 0 })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'change', message: 'must not be 0' }] })
  })

  it('refuses an unknown product', () => {
    given()
      .when(changeStock, { productId: 'p9', change: 1 })
      .thenRefused('PRODUCT_NOT_FOUND', { productIds: ['p9'] })
  })

  it.each([0, -0, 0.5, maxUnits + 1, -maxUnits - 1, '1'])('refuses a change of %j', (change) => {
    given(productOf())
      .when(changeStock, { productId: 'p1', change: change as number })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'change' }] })
  })
})

describe('a product', () => {
  const product = productOf({ stock: 10, held: 4, price: 300 }).row

  it('has id, name, price and the units that can be ordered now', () => {
    expect(productView(product, { now: defaultNow })).toEqual({
      productId: 'p1',
      name: 'Product p1',
      price: 300,
      stock: 6,
    })
    expect(available(product)).toBe(6)
  })

  it('releases its overdue holds in a plain read', () => {
    expect(withoutOverdue({ ...product, overdue: 3 })).toEqual({ ...product, held: 1 })
  })
})

describe('folding a name for search', () => {
  it.each([
    ['upper and lower case', 'MÜG', 'müg'],
    ['composed and decomposed umlauts', 'm\u00fcg', 'mu\u0308g'],
    ['composed and decomposed Hangul', '사과'.normalize('NFC'), '사과'.normalize('NFD')],
    ['full-width and plain letters', 'Ａｐｐｌｅ', 'apple'],
    ['half-width and plain kana', 'ｺｰﾋｰ', 'コーヒー'],
    ['ligatures', 'ﬁg', 'FIG'],
    ['capital and small sharp s', 'STRAẞE', 'straße'],
    ['a sharp s and two of them', 'straße', 'STRASSE'],
    ['a capital sharp s and two of them', 'GROẞ', 'gross'],
    ['an i with its dot', 'İstanbul', 'istanbul'],
    ['an i with its dot, decomposed', 'I\u0307stanbul', 'ISTANBUL'],
    ['an i without a dot', 'ısırgan', 'ISIRGAN'],
    ['an iota beneath', 'ᾳδω', 'ΑΙΔΩ'],
    ['an iota beside', 'ᾼδω', 'αιδω'],
    ['an iota beneath, with accents', 'ᾲ', 'Ὰι'],
    ['a sigma in any position', 'ΟΔΟΣ', 'οδοσ'],
    ['a final sigma', 'οδος', 'οδοσ'],
    ['the Kelvin sign', '\u212aiwi', 'kiwi'],
    ['the Ångström sign', '\u212b', 'å'],
    ['the micro sign', '\u00b5', 'Μ'],
    ['a long s', 'ſ', 'S'],
    ['letters that compose only in lower case', 'J\u030c', '\u01f0'],
    ['a digraph in title case', 'ǅ', 'ǆ'],
    ['an Armenian ligature', 'և', 'ԵՒ'],
    ['Georgian capitals', 'Თბილისი', 'თბილისი'],
    ['Cherokee small letters', 'ꭰ', 'Ꭰ'],
  ])('treats %s as equal', (_, one, other) => {
    expect(foldName(one)).toBe(foldName(other))
  })

  it.each([
    ['accents', 'resume', 'résumé'],
    ['scripts', 'A', 'А'],
    ['an i with another mark', 'i', 'ï'],
  ])('distinguishes %s: folding is not transliteration', (_, one, other) => {
    expect(foldName(one)).not.toBe(foldName(other))
  })

  it('folds every character like its other cases and compositions', { timeout: 30_000 }, () => {
    const wrong: string[] = []
    for (let code = 0; code <= 0x10ffff; code += 1) {
      if (code >= 0xd800 && code < 0xe000) continue
      const character = String.fromCodePoint(code)
      const others = [
        character.toUpperCase(),
        character.toLowerCase(),
        character.normalize('NFD'),
        character.normalize('NFKD'),
      ].filter((other) => other !== character)
      if (others.length === 0) continue
      const folded = foldName(character)
      if ([folded, ...others].some((other) => foldName(other) !== folded)) wrong.push(code.toString(16))
    }
    expect(wrong).toEqual([])
  })

  it('leaves % and _ unchanged', () => {
    expect(foldName('100%_A')).toBe('100%_a')
  })

  it('is idempotent: folding twice changes nothing more', () => {
    for (const name of [
      'İstanbul',
      'STRAẞE',
      'ﬃ',
      'ᾳ',
      'Ⅷ',
      '사과',
      'ϓ',
      'ǅ',
      '\u1e9e',
      'Å',
      'Ω',
      'J\u030c',
      'T\u0308',
    ])
      expect(foldName(foldName(name)), name).toBe(foldName(name))
  })
})
