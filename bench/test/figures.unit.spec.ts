import { describe, expect, test } from 'vitest'
import { lineChart } from '../src/charts/line-chart.js'
import { inTurn } from '../src/figures/in-turn.js'
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
