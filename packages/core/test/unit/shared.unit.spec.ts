import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  isId,
  isShopRefusal,
  isShopUnavailable,
  isStoreError,
  type Refusal,
  ShopRefusal,
  ShopUnavailable,
  timeOrderedIds,
} from '../../src/index.js'
import { InvariantViolated, invariant } from '../../src/shared/invariant.js'
import { isOutcome } from '../../src/shared/refusal.js'
import { canonicalJson, StoreError, type StoreErrorKind } from '../../src/store.js'

describe('canonical JSON', () => {
  it('is the same for any member order, at any depth', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}')
    expect(canonicalJson({ a: null, b: [{ c: 2, d: 1 }] })).toBe(canonicalJson({ b: [{ d: 1, c: 2 }], a: null }))
  })

  it('keeps the order of lists, and leaves out members that are undefined', () => {
    expect(canonicalJson([2, 1])).toBe('[2,1]')
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
    expect(canonicalJson([undefined, 1])).toBe('[null,1]')
    expect(canonicalJson(undefined)).toBe('null')
  })

  it('escapes names and texts as JSON does', () => {
    expect(canonicalJson({ '"': '\n' })).toBe('{"\\"":"\\n"}')
  })

  it('parses to the original value, for any member order', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, each]) => [name, shuffled(each)]),
      )
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(shuffled(JSON.parse(text)))).toBe(text)
      }),
    )
  })

  it('distinguishes different values', () => {
    const texts = [{}, [], '', 0, false, null, { a: 1 }, { a: '1' }, { a: [1] }, { a: { b: 1 } }].map(canonicalJson)
    expect(new Set(texts).size).toBe(texts.length)
  })
})

describe('an id', () => {
  it.each(['a', '...', '.a', '..a', 'A-Z_0.9:x', 'x'.repeat(64), '019ac2d0-0000-7000-8000-000000000000'])(
    'may be %s',
    (id) => {
      expect(isId(id)).toBe(true)
    },
  )

  it.each(['', '.', '..', 'x'.repeat(65), 'a b', 'a/b', 'a\n', 'é', 'a%', 7, null, undefined, ['a']])(
    'may not be %j',
    (id) => {
      expect(isId(id)).toBe(false)
    },
  )
})

describe('generated ids', () => {
  const many = 100_000
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  it('are UUIDs of version 7, distinct and increasing', () => {
    const newId = timeOrderedIds()
    const ids = Array.from({ length: many }, newId)
    expect(ids.filter((id) => !pattern.test(id) || !isId(id))).toEqual([])
    expect(new Set(ids).size).toBe(many)
    expect(ids.filter((id, index) => index > 0 && id <= (ids[index - 1] ?? ''))).toEqual([])
  }, 30_000)

  it('stay in order when one millisecond runs out of numbers, and when the clock goes back', () => {
    const clock = vi.spyOn(Date, 'now')
    try {
      for (const byte of [0x00, 0xff]) {
        const newId = timeOrderedIds((bytes) => bytes.fill(byte))
        const ids = [1_750_000_000_000, 1_750_000_000_000, 1_749_999_999_000].flatMap((now) => {
          clock.mockReturnValue(now)
          return Array.from({ length: 6_000 }, newId)
        })
        expect(ids.filter((id) => !pattern.test(id))).toEqual([])
        expect(ids.filter((id, index) => index > 0 && id <= (ids[index - 1] ?? ''))).toEqual([])
      }
    } finally {
      clock.mockRestore()
    }
  })

  it('use a later millisecond than the clock only when this one has run out of numbers', () => {
    const clock = vi.spyOn(Date, 'now').mockReturnValue(1_750_000_000_000)
    try {
      const newId = timeOrderedIds((bytes) => bytes.fill(0))
      const times = Array.from({ length: 4_097 }, newId).map((id) =>
        Number.parseInt(id.replace('-', '').slice(0, 12), 16),
      )
      expect(new Set(times.slice(0, 4_096))).toEqual(new Set([1_750_000_000_000]))
      expect(times[4_096]).toBe(1_750_000_000_001)
    } finally {
      clock.mockRestore()
    }
  })

  it('draw random bytes once for 512 ids', () => {
    const random = vi.fn((bytes: Uint8Array<ArrayBuffer>) => bytes)
    const newId = timeOrderedIds(random)
    for (let made = 0; made < 512; made += 1) newId()
    expect(random).toHaveBeenCalledTimes(1)
    newId()
    expect(random).toHaveBeenCalledTimes(2)
  })

  it('start with the time at which they were made', () => {
    const before = Date.now()
    const id = timeOrderedIds()()
    const made = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    expect(made).toBeGreaterThanOrEqual(before)
    expect(made).toBeLessThanOrEqual(Date.now())
  })

  it('differ between two processes that start in the same millisecond', () => {
    const one = timeOrderedIds()
    const other = timeOrderedIds()
    const ids = Array.from({ length: 1_000 }, () => [one(), other()]).flat()
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('a refusal', () => {
  const refusal: Refusal = { code: 'BALANCE_INSUFFICIENT', balance: 1, required: 2 }

  it('is thrown as an error that contains it', () => {
    const error = new ShopRefusal(refusal, true)
    expect(error).toBeInstanceOf(Error)
    expect([error.code, error.refusal, error.replayed]).toEqual(['BALANCE_INSUFFICIENT', refusal, true])
    expect(error.message).toBe('BALANCE_INSUFFICIENT {"balance":1,"required":2}')
    expect(error.name).toBe('ShopRefusal')
    expect(new ShopRefusal(refusal).replayed).toBe(false)
  })

  it('is recognised by its mark, so that two copies of the package understand each other', () => {
    const foreign = Object.assign(new Error(), { [Symbol.for('@shop/core/ShopRefusal')]: true })
    expect([new ShopRefusal(refusal), foreign].every(isShopRefusal)).toBe(true)
    expect([new Error('x'), refusal, null, undefined, 'x'].some(isShopRefusal)).toBe(false)
  })

  it('is the outcome of an idempotency key unless it is about the request itself', () => {
    expect(isOutcome(refusal)).toBe(true)
    expect(isOutcome({ code: 'USER_NOT_FOUND', userId: 'u1' })).toBe(true)
    expect(isOutcome({ code: 'INVALID_REQUEST', errors: [] })).toBe(false)
    expect(isOutcome({ code: 'IDEMPOTENCY_KEY_REUSED' })).toBe(false)
    expect(isOutcome({ code: 'LEADERSHIP_LOST', job: 'sweep' })).toBe(false)
  })
})

describe('errors other than refusals', () => {
  it.each([
    ['conflict', true],
    ['busy', true],
    ['unavailable', true],
    ['ambiguous', false],
    ['rejected', false],
  ] as [StoreErrorKind, boolean][])('a store error of kind %s is retryable: %s', (kind, retryable) => {
    expect(new StoreError(kind, 'x').isRetryable).toBe(retryable)
  })

  it('are recognised by their marks', () => {
    const errors = [new StoreError('busy', 'x'), new ShopUnavailable('x'), new Error('x'), null]
    expect(errors.map(isStoreError)).toEqual([true, false, false, false])
    expect(errors.map(isShopUnavailable)).toEqual([false, true, false, false])
  })

  it('say whether the effect is in doubt', () => {
    expect(new ShopUnavailable('x').ambiguous).toBe(false)
    expect(new ShopUnavailable('x', { ambiguous: true }).ambiguous).toBe(true)
  })

  it('report broken assumptions only', () => {
    expect(() => invariant(true, 'x')).not.toThrow()
    expect(() => invariant(0, 'nought')).toThrow(new InvariantViolated('nought'))
    expect(new InvariantViolated('nought').name).toBe('InvariantViolated')
  })
})
