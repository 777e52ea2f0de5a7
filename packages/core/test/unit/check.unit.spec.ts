import { describe, expect, it } from 'vitest'
import { placeOrder } from '../../src/index.js'
import { boolean, checkFields, id, integer, optional, text } from '../../src/shared/check.js'

describe('a text', () => {
  const ten = text(10)

  it.each(['x', 'x'.repeat(10), '가'.repeat(10), '👩'.repeat(10), 'e\u0301', '\ud83d\udc69'])('may be %j', (value) => {
    expect(ten(value)).toBeUndefined()
  })

  it('is counted in code points, not in UTF-16 units', () => {
    expect('👩'.repeat(10)).toHaveLength(20)
    expect(ten('👩'.repeat(10))).toBeUndefined()
    expect(ten('👩'.repeat(11))).toBe('must be a text of 1 to 10 characters')
  })

  it.each(['', 'x'.repeat(11), 7, null, undefined, ['x'], {}, new String('x')])('may not be %j', (value) => {
    expect(ten(value)).toBe('must be a text of 1 to 10 characters')
  })

  it.each(['\0', 'a\0b', '\ud83d', '\udc69', 'a\ud83dz', '\udc69\ud83d'])(
    'may not hold a NUL or a lone surrogate: %j',
    (value) => {
      expect(ten(value)).toBe('must be well-formed and hold no NUL')
    },
  )
})

describe('a whole number', () => {
  const check = integer(-5, 5)

  it.each([-5, 0, 5])('may be %i', (value) => {
    expect(check(value)).toBeUndefined()
  })

  it.each([-6, 6, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '1', true, null, undefined, [1], 1n])(
    'may not be %s',
    (value) => {
      expect(check(value)).toBe('must be a whole number from -5 to 5')
    },
  )

  it('is exact: none beyond 2^53 - 1', () => {
    expect(integer(0, Number.MAX_VALUE)(2 ** 53)).toBeDefined()
    expect(integer(0, Number.MAX_VALUE)(2 ** 53 - 1)).toBeUndefined()
  })
})

describe('the other checks', () => {
  it('know ids and truth values, and coerce nothing', () => {
    expect([id('a:b'), boolean(true), boolean(false)]).toEqual([undefined, undefined, undefined])
    expect(id('a b')).toBe('must be 1 to 64 characters of A-Z a-z 0-9 _ . : -')
    for (const value of ['true', 1, 0, null, undefined]) expect(boolean(value)).toBe('must be true or false')
  })

  it('let an optional value be left out, but not be null', () => {
    expect(optional(id)(undefined)).toBeUndefined()
    expect(optional(id)('a')).toBeUndefined()
    expect(optional(id)(null)).toBeDefined()
  })
})

describe('checking fields', () => {
  it('answers every field that is wrong, in the order of the checks, each under its path', () => {
    const checks = { a: id, b: integer(1, 2), c: boolean }
    expect(checkFields({ c: 1, b: 2 }, checks, 'at[3].')).toEqual([
      { path: 'at[3].a', message: 'must be 1 to 64 characters of A-Z a-z 0-9 _ . : -' },
      { path: 'at[3].c', message: 'must be true or false' },
    ])
    expect(checkFields({ a: 'x', b: 1, c: true }, checks)).toEqual([])
  })

  it('answers for a line that is nothing at all, instead of breaking', () => {
    const products = [null, 7] as unknown as { productId: string; quantity: number }[]
    expect(placeOrder.check({ userId: 'u1', products }).map(({ path }) => path)).toEqual([
      'products[0].productId',
      'products[0].quantity',
      'products[1].productId',
      'products[1].quantity',
    ])
  })
})
