import { describe, expect, it } from 'vitest'
import { placeOrder } from '../../src/commands.js'
import { boolean, checkFields, id, integer, nameProblem, nullish, optional, text } from '../../src/shared/check.js'
import { idRule } from '../../src/shared/id.js'

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

describe('a name', () => {
  it.each([
    ['letters of any script', 'Große 녹차 شاي'],
    ['a hundred code points beyond the basic plane', '👩'.repeat(100)],
    ['an emoji that joiners hold together', '👩\u200d👩\u200d👧'],
    ['an emoji with a variation selector', '☕\ufe0f'],
    ['a flag made of tag characters', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'],
    ['Persian with a non-joiner', 'می\u200cخواهم'],
    ['direction marks', '\u200fشاي\u200e (Tea)\u061c'],
    ['blanks around a hundred code points', ` ${'x'.repeat(100)}\u00a0\u3000`],
    ['a soft hyphen inside', 'Tee\u00adkanne'],
  ])('may be %s', (_, name) => {
    expect(nameProblem(name)).toBeUndefined()
  })

  it.each([
    ['a NUL', 'a\0b', 'U+0000'],
    ['a line feed', 'a\nb', 'U+000A'],
    ['a line feed at its end', 'a\n', 'U+000A'],
    ['an escape', '\u001b[31mTea', 'U+001B'],
    ['a delete', 'a\u007f', 'U+007F'],
    ['a next line', 'a\u0085', 'U+0085'],
    ['the last control character', 'a\u009fb', 'U+009F'],
    ['a line separator', 'a\u2028b', 'U+2028'],
    ['a paragraph separator', 'a\u2029b', 'U+2029'],
    ['a left-to-right embedding', 'a\u202ab', 'U+202A'],
    ['a right-to-left embedding', 'a\u202bb', 'U+202B'],
    ['the end of an embedding', 'a\u202cb', 'U+202C'],
    ['a left-to-right override', 'a\u202db', 'U+202D'],
    ['a right-to-left override', 'exe.\u202egnp', 'U+202E'],
    ['a left-to-right isolate', 'a\u2066b', 'U+2066'],
    ['a right-to-left isolate', 'a\u2067b', 'U+2067'],
    ['a first-strong isolate', 'a\u2068b', 'U+2068'],
    ['the end of an isolate', 'a\u2069b', 'U+2069'],
  ])('may not hold %s', (_, name, character) => {
    expect(nameProblem(name)).toBe(`must not hold the character ${character}`)
  })

  it('may hold every other character', { timeout: 30_000 }, () => {
    const refused: number[] = []
    for (let code = 0; code <= 0x10ffff; code += 1) {
      if (nameProblem(`a${String.fromCodePoint(code)}b`) !== undefined) refused.push(code)
    }
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
    expect(refused).toEqual([
      ...range(0x00, 0x1f),
      ...range(0x7f, 0x9f),
      ...range(0x2028, 0x202e),
      ...range(0x2066, 0x2069),
      ...range(0xd800, 0xdfff),
    ])
  })

  it.each(['', ' ', '\u00a0\u3000\ufeff', 'x'.repeat(101), 7, null, undefined, ['x']])('may not be %j', (name) => {
    expect(nameProblem(name)).toBe('must be a text of 1 to 100 characters')
  })

  it.each(['\u200b', '\u200d\u200c', ' \u200e ', '\u3164', '\u00ad', '\u200b \u200b'])(
    'may not be invisible: %j',
    (name) => {
      expect(nameProblem(name)).toBe('must hold a character that can be seen')
    },
  )

  it.each(['a\ud83d', '\udc69b'])('may not hold a lone surrogate: %j', (name) => {
    expect(nameProblem(name)).toBe('must be well-formed and hold no NUL')
  })
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

  it('is exact, so at most 2^53 - 1', () => {
    expect(integer(0, Number.MAX_VALUE)(2 ** 53)).toBeDefined()
    expect(integer(0, Number.MAX_VALUE)(2 ** 53 - 1)).toBeUndefined()
  })
})

describe('the other checks', () => {
  it('check ids and booleans without coercion', () => {
    expect([id('a:b'), boolean(true), boolean(false)]).toEqual([undefined, undefined, undefined])
    expect(id('a b')).toBe(idRule)
    for (const value of ['true', 1, 0, null, undefined]) expect(boolean(value)).toBe('must be true or false')
  })

  it('accept a missing optional value, but not null', () => {
    expect(optional(id)(undefined)).toBeUndefined()
    expect(optional(id)('a')).toBeUndefined()
    expect(optional(id)(null)).toBeDefined()
  })

  it('let a value that answers may hold as null be null', () => {
    for (const value of [undefined, null, 'a']) expect(nullish(id)(value)).toBeUndefined()
    expect(nullish(id)('a b')).toBe(idRule)
  })
})

describe('checking fields', () => {
  it('returns every wrong field with its path, in the order of the checks', () => {
    const checks = { a: id, b: integer(1, 2), c: boolean }
    expect(checkFields({ c: 1, b: 2 }, checks, 'at[3].')).toEqual([
      { path: 'at[3].a', message: idRule },
      { path: 'at[3].c', message: 'must be true or false' },
    ])
    expect(checkFields({ a: 'x', b: 1, c: true }, checks)).toEqual([])
  })

  it('reports a line that is not an object, without throwing', () => {
    const products = [null, 7] as unknown as { productId: string; quantity: number }[]
    expect(placeOrder.check({ userId: 'u1', products }).map(({ path }) => path)).toEqual([
      'products[0].productId',
      'products[0].quantity',
      'products[1].productId',
      'products[1].quantity',
    ])
  })
})
