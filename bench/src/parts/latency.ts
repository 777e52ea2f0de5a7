import { median } from '../figures/statistics.js'
import type { LibraryRun } from '../library/questions.js'
import type { Chart, Finding } from '../results.js'

/** The ratio of p99 to p50. */
export const latencyFinding = (goal: '11a' | '11b', runs: readonly LibraryRun[]): Finding => {
  const samples = runs.map(({ latency: { p50, p99 } }) => p99 / p50)
  return { goal, value: median(samples), ours: { name: 'p99 ÷ p50', unit: '×', samples } }
}

/** Percentiles by rarity: one caller in this many waits longer. */
const rarities = [
  [2, 'p50'],
  [10, 'p90'],
  [100, 'p99'],
  [1_000, 'p999'],
] as const

/** A line of the latency chart. Several parts contribute to it. */
export const latencyLine = (name: string, runs: readonly LibraryRun[]): Chart => ({
  name: 'latency',
  title: 'Latency under load',
  x: 'one caller in so many waits longer',
  y: 'ms',
  logarithmic: true,
  lines: [
    {
      name,
      points: rarities.map(([rarity, field]) => [rarity, median(runs.map(({ latency }) => latency[field]))] as const),
    },
  ],
})
