import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Results } from '../report/write-results.js'
import type { Chart } from '../results.js'
import { barChart } from './bar-chart.js'
import { lineChart } from './line-chart.js'

/** Merges charts of the same name: several parts can contribute lines to one chart. */
const merged = (charts: readonly Chart[]): readonly Chart[] => {
  const byName = new Map<string, Chart>()
  for (const chart of charts) {
    const before = byName.get(chart.name)
    byName.set(chart.name, before ? { ...before, lines: [...before.lines, ...chart.lines] } : chart)
  }
  return [...byName.values()]
}

/** Writes every chart as SVG. Resolves with the file names. */
export const drawCharts = (folder: string, results: Results): Promise<string[]> => {
  const parts = Object.values(results)
  const pictures = [
    ...merged(parts.flatMap(({ charts = [] }) => charts)).map((chart) => [chart.name, lineChart(chart)] as const),
    ...parts.flatMap(({ barCharts = [] }) => barCharts).map((chart) => [chart.name, barChart(chart)] as const),
  ]
  return Promise.all(
    pictures.map(async ([name, picture]) => {
      const file = join(folder, `${name}.svg`)
      await writeFile(file, picture)
      return file
    }),
  )
}
