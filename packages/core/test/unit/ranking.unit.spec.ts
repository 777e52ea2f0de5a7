import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { presetNames, presets, type TieBreaker } from '../../src/index.js'
import { rankingView } from '../../src/model/ranking.js'
import { type Rankable, type Ranking, rankingWindow, rankProducts } from '../../src/store.js'
import { defaultNow, productOf } from '../../src/testing/index.js'

const { ranking: standard } = presets.standard
const sold = (productId: string, units: number, more: Partial<Rankable> = {}): Rankable => ({
  productId,
  sold: units,
  views: 0,
  createdAt: 0,
  ...more,
})
const ids = (ranked: readonly { productId: string }[]) => ranked.map(({ productId }) => productId).join(' ')

describe('ranking products', () => {
  it('lists the five products that sold most', () => {
    const candidates = [3, 9, 1, 7, 5, 8].map((units, index) => sold(`p${index}`, units))
    expect(rankProducts(candidates, standard)).toEqual(
      [
        ['p1', 9],
        ['p5', 8],
        ['p3', 7],
        ['p4', 5],
        ['p0', 3],
      ].map(([productId, units]) => sold(productId as string, units as number)),
    )
  })

  it('lists no product whose sales in the window, less refunds, are 0 or below', () => {
    expect(ids(rankProducts([sold('p1', 0), sold('p2', -1), sold('p3', 1)], standard))).toBe('p3')
  })

  it('orders ties by views, then newest first, then by product id', () => {
    const candidates = [
      sold('b', 5, { views: 1, createdAt: 1 }),
      sold('a', 5, { views: 1, createdAt: 1 }),
      sold('c', 5, { views: 1, createdAt: 2 }),
      sold('d', 5, { views: 2, createdAt: 0 }),
      sold('e', 6),
    ]
    expect(ids(rankProducts(candidates, standard))).toBe('e d c a b')
  })

  it.each([
    [[], 'a b c'],
    [['views'], 'b a c'],
    [['newest'], 'c a b'],
    [['newest', 'views'], 'c b a'],
    [['views', 'newest'], 'b c a'],
  ] as [TieBreaker[], string][])('applies the tie-breakers %j in their order: %s', (tieBreakers, expected) => {
    const candidates = [
      sold('a', 5, { views: 1, createdAt: 1 }),
      sold('b', 5, { views: 2, createdAt: 1 }),
      sold('c', 5, { views: 1, createdAt: 2 }),
    ]
    expect(ids(rankProducts(candidates, { size: 5, tieBreakers }))).toBe(expected)
  })

  it('does not change the given list', () => {
    const candidates = [sold('a', 1), sold('b', 2)]
    rankProducts(candidates, standard)
    expect(ids(candidates)).toBe('a b')
  })

  it('equals a ranking that counts the better products, for any sales in any order', () => {
    const small = fc.integer({ min: -1, max: 3 })
    const candidates = fc.uniqueArray(
      fc.record({ productId: fc.string({ minLength: 1, maxLength: 2 }), sold: small, views: small, createdAt: small }),
      { selector: ({ productId }) => productId, maxLength: 12 },
    )
    const tieBreakers = fc.constantFrom<TieBreaker[]>(
      [],
      ['views'],
      ['newest'],
      ['views', 'newest'],
      ['newest', 'views'],
    )
    const isAhead = (a: Rankable, b: Rankable, breakers: readonly TieBreaker[]): boolean => {
      if (a.sold !== b.sold) return a.sold > b.sold
      for (const breaker of breakers) {
        if (breaker === 'views' && a.views !== b.views) return a.views > b.views
        if (breaker === 'newest' && a.createdAt !== b.createdAt) return a.createdAt > b.createdAt
      }
      return a.productId < b.productId
    }
    fc.assert(
      fc.property(candidates, tieBreakers, fc.integer({ min: 1, max: 6 }), (all, breakers, size) => {
        const selling = all.filter((each) => each.sold > 0)
        const places: string[] = []
        for (const each of selling)
          places[selling.filter((other) => isAhead(other, each, breakers)).length] = each.productId
        const ranked = rankProducts(all, { size, tieBreakers: breakers })
        expect(ranked.map(({ productId }) => productId)).toEqual(places.slice(0, size))
        expect(rankProducts([...all].reverse(), { size, tieBreakers: breakers })).toEqual(ranked)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('the window of a ranking', () => {
  const window = (timeZone: string, now: string, more: Partial<typeof standard> = {}) => {
    const { from, to } = rankingWindow({ ...standard, timeZone, ...more }, Date.parse(now))
    return [from, to]
  }

  it.each(presetNames)('is three calendar days that end as %s says', (preset) => {
    const { ranking } = presets[preset]
    expect(rankingWindow(ranking, defaultNow)).toEqual({
      timeZone: 'Asia/Seoul',
      ...(preset === 'coupon-at-payment'
        ? { from: '2025-06-12', to: '2025-06-14' }
        : { from: '2025-06-13', to: '2025-06-15' }),
    })
  })

  it('advances at midnight in the policy’s time zone, not in UTC', () => {
    expect(window('Asia/Seoul', '2025-06-14T14:59:59.999Z')).toEqual(['2025-06-12', '2025-06-14'])
    expect(window('Asia/Seoul', '2025-06-14T15:00:00.000Z')).toEqual(['2025-06-13', '2025-06-15'])
  })

  it.each([
    ['America/New_York', '2025-03-11T03:59:59.999Z', ['2025-03-08', '2025-03-10']],
    ['America/New_York', '2025-03-11T04:00:00.000Z', ['2025-03-09', '2025-03-11']],
    ['America/New_York', '2025-11-04T04:59:59.999Z', ['2025-11-01', '2025-11-03']],
    ['America/New_York', '2025-11-04T05:00:00.000Z', ['2025-11-02', '2025-11-04']],
    ['Europe/London', '2025-03-30T23:00:00.000Z', ['2025-03-29', '2025-03-31']],
    ['Europe/London', '2025-10-26T23:59:59.999Z', ['2025-10-24', '2025-10-26']],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', ['2011-12-29', '2011-12-31']],
  ])('counts calendar days, not spans of 24 hours: %s at %s', (timeZone, now, expected) => {
    expect(window(timeZone, now)).toEqual(expected)
  })

  it.each([
    ['2025-03-10T04:30:00Z', '2025-03-09'],
    ['2025-11-03T04:30:00Z', '2025-11-01'],
  ])('ends yesterday by the calendar, even if 24 hours before %s is another day', (now, to) => {
    expect(window('America/New_York', now, { includeToday: false })[1]).toBe(to)
  })

  it('is one day if the policy says so', () => {
    expect(window('Asia/Seoul', '2025-06-15T03:00:00Z', { days: 1 })).toEqual(['2025-06-15', '2025-06-15'])
    expect(window('Asia/Seoul', '2025-06-15T03:00:00Z', { days: 1, includeToday: false })).toEqual([
      '2025-06-14',
      '2025-06-14',
    ])
  })
})

describe('the popular products in a read', () => {
  const ranking: Ranking = {
    name: 'popular',
    products: ['p3', 'p1', 'p2'].map((productId, index) => ({ productId, sold: 9 - index, views: index })),
    from: '2025-06-13',
    to: '2025-06-15',
    asOf: defaultNow,
  }
  const window = { timeZone: 'Asia/Seoul', from: '2025-06-14', to: '2025-06-16' }
  const rows = ['p1', 'p2', 'p3'].map((productId) => productOf({ productId, price: 700 }).row)

  it('have a rank and the current name and price, and show their window', () => {
    const view = rankingView(ranking, rows, { window, limit: 2, now: defaultNow })
    expect(view).toEqual({
      products: [
        { rank: 1, productId: 'p3', name: 'Product p3', price: 700, sold: 9, views: 0 },
        { rank: 2, productId: 'p1', name: 'Product p1', price: 700, sold: 8, views: 1 },
      ],
      from: '2025-06-13',
      to: '2025-06-15',
      asOf: '2025-06-15T03:00:00.000Z',
    })
  })

  it('leave out unlisted products, and later ranks move up', () => {
    const [p1, p2, p3] = rows
    const shown = rankingView(
      ranking,
      [p1, p2, p3].flatMap((row) => (row ? [{ ...row, listed: row.productId !== 'p3' }] : [])),
      { window, limit: 5, now: defaultNow },
    )
    expect(shown.products.map(({ rank, productId }) => [rank, productId])).toEqual([
      [1, 'p1'],
      [2, 'p2'],
    ])
  })

  it('are empty before the first computation, with the current window', () => {
    expect(rankingView(undefined, [], { window, limit: 5, now: defaultNow })).toEqual({
      products: [],
      from: '2025-06-14',
      to: '2025-06-16',
      asOf: null,
    })
  })
})
