import { median } from '../figures/statistics.js'
import type { LibraryRun } from '../library/questions.js'
import type { Chart, Finding } from '../results.js'

/** How much longer the slowest hundredth waits than the one in the middle. */
export const latencyFinding = (goal: '11a' | '11b', runs: readonly LibraryRun[]): Finding => {
  const samples = runs.map(({ latency: { p50, p99 } }) => p99 / p50)
  return { goal, value: median(samples), ours: { name: 'p99 ÷ p50', unit: '×', samples } }
}

const shares = [
  [50, 'p50'],
  [90, 'p90'],
  [99, 'p99'],
  [99.9, 'p999'],
] as const

/** A line of the chart of latencies: several parts contribute to it. */
export const latencyLine = (name: string, runs: readonly LibraryRun[]): Chart => ({
  name: 'latency',
  title: 'Latency under load, 512 callers',
  x: 'percentile',
  y: 'ms',
  lines: [
    {
      name,
      points: shares.map(([share, field]) => [share, median(runs.map(({ latency }) => latency[field]))] as const),
    },
  ],
})
