import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Results } from '../report/write-results.js'
import type { Chart } from '../results.js'
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
export const drawCharts = (folder: string, results: Results): Promise<string[]> =>
  Promise.all(
    merged(Object.values(results).flatMap(({ charts = [] }) => charts)).map(async (chart) => {
      const file = join(folder, `${chart.name}.svg`)
      await writeFile(file, lineChart(chart))
      return file
    }),
  )
