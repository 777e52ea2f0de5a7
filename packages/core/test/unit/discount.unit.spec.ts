import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxMoney } from '../../src/commands.js'
import type { Discount } from '../../src/index.js'
import { checkDiscount, discountAmount } from '../../src/model/discount.js'

const total = fc.oneof(
  fc.nat({ max: maxMoney }),
  fc.nat({ max: 1_000 }),
  fc.integer({ min: maxMoney - 1_000, max: maxMoney }),
)
const percent = fc.integer({ min: 1, max: 100 })
const amount = fc.oneof(fc.integer({ min: 1, max: maxMoney }), fc.integer({ min: 1, max: 1_000 }))

const least = (a: bigint, b: bigint) => [a, b].sort((x, y) => (x < y ? -1 : 1))[0]

describe('a discount', () => {
  it('subtracts a percentage of the total, rounded down, exactly', () => {
    fc.assert(
      fc.property(total, percent, (sum, share) => {
        const exact = (BigInt(sum) * BigInt(share)) / 100n
        expect(BigInt(discountAmount({ kind: 'percentage', percent: share }, sum))).toBe(exact)
      }),
      { numRuns: 2_000 },
    )
  })

  it('subtracts at most the maximum of a percentage', () => {
    fc.assert(
      fc.property(total, percent, amount, (sum, share, maximum) => {
        const exact = least((BigInt(sum) * BigInt(share)) / 100n, BigInt(maximum))
        expect(BigInt(discountAmount({ kind: 'percentage', percent: share, maximum }, sum))).toBe(exact)
      }),
      { numRuns: 2_000 },
    )
  })

  it('subtracts a fixed amount, but never more than the total', () => {
    fc.assert(
      fc.property(total, amount, (sum, fixed) => {
        expect(discountAmount({ kind: 'fixed', amount: fixed }, sum)).toBe(Math.min(fixed, sum))
      }),
    )
  })

  it('is a whole number from 0 to the total', () => {
    const discount = fc.oneof(
      fc.record({ kind: fc.constant('fixed' as const), amount }),
      fc.record({ kind: fc.constant('percentage' as const), percent, maximum: fc.option(amount, { nil: undefined }) }),
    )
    fc.assert(
      fc.property(discount, total, (each, sum) => {
        const off = discountAmount(each, sum)
        return Number.isSafeInteger(off) && off >= 0 && off <= sum
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    [{ kind: 'percentage', percent: 33 }, 101, 33],
    [{ kind: 'percentage', percent: 1 }, 99, 0],
    [{ kind: 'percentage', percent: 100 }, 99, 99],
    [{ kind: 'percentage', percent: 50, maximum: 1_000 }, 10_000, 1_000],
    [{ kind: 'percentage', percent: 99 }, maxMoney, 8_917_127_262_193_581],
    [{ kind: 'fixed', amount: 500 }, 400, 400],
    [{ kind: 'fixed', amount: 500 }, 0, 0],
  ] satisfies [Discount, number, number][])('%j of %i is %i', (discount, sum, off) => {
    expect(discountAmount(discount, sum)).toBe(off)
  })
})

describe('the shape of a discount', () => {
  const wrong = (discount: unknown) => checkDiscount(discount as Discount).map(({ path }) => path)

  it('is right with 1 to 100 percent, and with or without a maximum', () => {
    expect(wrong({ kind: 'percentage', percent: 1 })).toEqual([])
    expect(wrong({ kind: 'percentage', percent: 100, maximum: 1 })).toEqual([])
    expect(wrong({ kind: 'fixed', amount: maxMoney })).toEqual([])
  })

  it.each([
    [{ kind: 'percentage', percent: 0 }, 'discount.percent'],
    [{ kind: 'percentage', percent: 101 }, 'discount.percent'],
    [{ kind: 'percentage', percent: 10.5 }, 'discount.percent'],
    [{ kind: 'percentage' }, 'discount.percent'],
    [{ kind: 'percentage', percent: 10, maximum: 0 }, 'discount.maximum'],
    [{ kind: 'percentage', percent: 10, maximum: null }, 'discount.maximum'],
    [{ kind: 'fixed', amount: 0 }, 'discount.amount'],
    [{ kind: 'fixed', amount: -1 }, 'discount.amount'],
    [{ kind: 'fixed', amount: 2 ** 53 }, 'discount.amount'],
    [{ kind: 'free' }, 'discount.kind'],
    [{}, 'discount.kind'],
    [null, 'discount.kind'],
    [undefined, 'discount.kind'],
  ])('is wrong for %j at %s', (discount, path) => {
    expect(wrong(discount)).toEqual([path])
  })

  it('must be fixed or percentage', () => {
    expect(checkDiscount({ kind: 'free' } as never)).toEqual([
      { path: 'discount.kind', message: 'must be fixed or percentage' },
    ])
  })
})
