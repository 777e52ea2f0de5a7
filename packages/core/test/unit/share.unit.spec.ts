import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxMoney } from '../../src/commands.js'
import { netAmounts, shareOf } from '../../src/model/share.js'
import { lineOf } from '../../src/testing/index.js'

const weights = fc.array(fc.oneof(fc.nat({ max: 10 }), fc.nat({ max: 10 ** 6 }), fc.nat({ max: 9_000_000_000_000 })), {
  minLength: 1,
  maxLength: 100,
})
const amount = fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: maxMoney }))

/** Each weight with its share: what is exact rounded down, and what remains of it, as integers over the total. */
const judged = (sum: number, all: readonly number[]) => {
  const total = all.reduce((before, weight) => before + BigInt(weight), 0n)
  const shares = shareOf(sum, all)
  return all.map((weight, index) => {
    const exact = BigInt(sum) * BigInt(weight)
    const share = BigInt(shares[index] as number)
    return { index, extra: share - exact / total, remainder: exact % total }
  })
}

describe('shares by largest remainder', () => {
  it.each<[number, number[], number[]]>([
    [1_000, [3_000, 1_000, 333], [692, 231, 77]],
    [1, [100, 100], [1, 0]],
    [200, [100, 100, 100], [67, 67, 66]],
    [330, [334, 333, 333], [110, 110, 110]],
    [10, [1, 1, 1, 1], [3, 3, 2, 2]],
    [7, [0, 5, 0], [0, 7, 0]],
    [5, [0, 0], [3, 2]],
    [0, [1, 2], [0, 0]],
    [0, [0], [0]],
    [maxMoney, [maxMoney, maxMoney], [4_503_599_627_370_496, 4_503_599_627_370_495]],
    [maxMoney, [1, 1, 1], [3_002_399_751_580_331, 3_002_399_751_580_330, 3_002_399_751_580_330]],
  ])('of %i over %j are %j', (sum, all, shares) => {
    expect(shareOf(sum, all)).toEqual(shares)
  })

  it('add up exactly', () => {
    fc.assert(
      fc.property(amount, weights, (sum, all) => {
        const shares = shareOf(sum, all)
        expect(shares.every((share) => Number.isSafeInteger(share) && share >= 0)).toBe(true)
        expect(shares.reduce((before, share) => before + BigInt(share), 0n)).toBe(BigInt(sum))
      }),
    )
  })

  it('are the exact ones rounded down, or one more for the largest remainders, ties to the earlier', () => {
    fc.assert(
      fc.property(
        amount,
        weights.filter((all) => all.some((weight) => weight > 0)),
        (sum, all) => {
          const judgements = judged(sum, all)
          expect(judgements.every(({ extra }) => extra === 0n || extra === 1n)).toBe(true)
          for (const raised of judgements.filter(({ extra }) => extra === 1n))
            for (const other of judgements.filter(({ extra }) => extra === 0n)) {
              const isTie = raised.remainder === other.remainder
              expect(isTie ? raised.index < other.index : raised.remainder > other.remainder).toBe(true)
            }
        },
      ),
    )
  })

  it('give a weight of 0 nothing, unless all weights are 0', () => {
    fc.assert(
      fc.property(
        amount,
        weights.filter((all) => all.some((weight) => weight > 0)),
        (sum, all) => {
          const shares = shareOf(sum, all)
          expect(all.every((weight, index) => weight > 0 || shares[index] === 0)).toBe(true)
        },
      ),
    )
  })
})

describe('the net amounts of lines', () => {
  const lines = fc
    .array(fc.record({ unitPrice: fc.nat({ max: 9_000_000_000 }), quantity: fc.integer({ min: 1, max: 10_000 }) }), {
      minLength: 1,
      maxLength: 100,
    })
    .map((all) => all.map(lineOf))

  it('are the amounts without a discount', () => {
    fc.assert(
      fc.property(lines, (all) => {
        expect(netAmounts({ lines: all, discountAmount: 0, discountedProductIds: null })).toEqual(
          all.map((line) => line.amount),
        )
      }),
    )
  })

  it('add up to what was paid, from 0 to the amount of each line', () => {
    fc.assert(
      fc.property(lines, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
        const total = all.reduce((sum, line) => sum + line.amount, 0)
        const discountAmount = Math.floor(total * part)
        const nets = netAmounts({ lines: all, discountAmount, discountedProductIds: null })
        expect(nets.reduce((sum, net) => sum + net, 0)).toBe(total - discountAmount)
        expect(nets.every((net, index) => net >= 0 && net <= (all[index]?.amount ?? 0))).toBe(true)
      }),
    )
  })
})
