import { describe, expect, test } from 'vitest'
import { barChart } from '../src/charts/bar-chart.js'
import { lineChart } from '../src/charts/line-chart.js'
import { inTurn, timesCost } from '../src/figures/in-turn.js'
import { latencies, median, spread } from '../src/figures/statistics.js'
import { goals, verdictOf } from '../src/goals.js'
import { tableOf } from '../src/report/table.js'

describe('figures', () => {
  test('the median is the middle value, or the mean of the two middle values', () => {
    expect(median([5, 1, 3])).toBe(3)
    expect(median([4, 1, 3, 10])).toBe(3.5)
    expect(median([])).toBeNaN()
  })

  test('the spread is half the range, as a share of the median', () => {
    expect(spread([8, 10, 12])).toBeCloseTo(0.2)
    expect(spread([10])).toBe(0)
  })

  test('percentiles use the nearest rank', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => 1_000 - index)
    expect(latencies(values)).toEqual({ p50: 500, p90: 900, p99: 990, p999: 999, max: 1_000 })
  })

  test('contestants are measured in alternation', async () => {
    const order: string[] = []
    const contestant = (name: string) => ({
      name,
      unit: '/s',
      turn: async () => ({ figure: order.push(name) }),
    })
    const series = await inTurn([contestant('a'), contestant('b')], 3, () => {})
    expect(order.join('')).toBe('ababab')
    expect(series.map(({ samples }) => samples)).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ])
  })

  test('a cost is a multiple of the other, by processor time where that is known', () => {
    const ours = { name: 'ours', unit: '/s', samples: [1_000], processor: [30, 60, 90] }
    const limit = { name: 'limit', unit: '/s', samples: [9_000], processor: [40] }
    expect(timesCost('17a', ours, limit).value).toBeCloseTo(1.5)
    const { processor: _, ...timed } = limit
    expect(timesCost('17a', { name: 'ours', unit: '/s', samples: [3_000] }, timed).value).toBeCloseTo(3)
  })
})

describe('verdicts', () => {
  const byId = (id: string) => goals.find((goal) => goal.id === id) ?? goals[0]

  test('a higher-is-better ratio is met from the goal on, and held from the floor on', () => {
    expect([31, 30, 29, 15, 14].map((value) => verdictOf(byId('1a'), value))).toEqual([
      'met',
      'met',
      'held',
      'held',
      'missed',
    ])
  })

  test('a lower-is-better ratio is met up to the goal, and held up to the floor', () => {
    expect([1.1, 1.2, 1.3, 2, 2.1].map((value) => verdictOf(byId('5a'), value))).toEqual([
      'met',
      'met',
      'held',
      'held',
      'missed',
    ])
  })

  test('the table has rows for measured goals only', () => {
    const ours = { name: 'issues', unit: '/s', samples: [90, 100, 110] }
    const lines = tableOf([{ goal: '1a', value: 20, ours, against: { ...ours, samples: [5] } }]).split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/^1a .* 100\/s ±10 % .* 20\.0× .* held/)
  })
})

test('a chart draws every line inside its frame', () => {
  const svg = lineChart({
    name: 'chart',
    title: 'a < b',
    x: 'x',
    y: 'y',
    logarithmic: true,
    lines: [
      {
        name: 'one',
        points: [
          [1, 10],
          [100, 1_000],
        ],
      },
      {
        name: 'two',
        points: [
          [1, 20],
          [10, 700],
        ],
      },
    ],
  })
  expect(svg).toContain('<title>a &lt; b</title>')
  expect(svg.match(/<polyline/g)).toHaveLength(2)
  const heights = [...svg.matchAll(/cy="([\d.]+)"/g)].map(([, y]) => Number(y))
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(52)
  expect(Math.max(...heights)).toBeLessThanOrEqual(380 - 84)
})

test('stacked bars begin where the one before ends, and the longest fits', () => {
  const svg = barChart({
    name: 'bars',
    title: 'costs',
    unit: '×',
    parts: ['a', 'b'],
    groups: [
      {
        name: 'issue',
        bars: [
          { name: 'limit', values: [0.75, 0.25], label: '10 µs' },
          { name: 'ours', values: [1, 3], label: '40 µs' },
        ],
      },
    ],
  })
  const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)" height="13"/g)]
  const [, , longer, end] = bars.map(([, x, width]) => ({ x: Number(x), end: Number(x) + Number(width) }))
  expect(bars).toHaveLength(4)
  expect(end?.x).toBeCloseTo(longer?.end ?? 0, 0)
  expect(end?.end).toBeLessThanOrEqual(360 - 60)
  expect(svg).toContain('>40 µs<')
})
