import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { median, spread } from '../figures/statistics.js'
import { goals, verdictOf } from '../goals.js'
import type { Chart, Finding, Note, Series } from '../results.js'
import type { Machine } from './machine.js'

export interface Results {
  readonly machine: Machine
  readonly settings: Readonly<Record<string, unknown>>
  /** The load of the machine before and after each part: others may have been at work. */
  readonly loads: Readonly<Record<string, readonly [before: number, after: number]>>
  readonly findings: readonly Finding[]
  readonly series: readonly Series[]
  readonly charts: readonly Chart[]
  readonly notes: readonly Note[]
}

const withMedian = (series: Series | undefined) =>
  series && { ...series, median: median(series.samples), spread: spread(series.samples) }

/** Writes everything that was measured, as JSON; answers where to. */
export const writeResults = async (folder: string, { findings, series, ...rest }: Results): Promise<string> => {
  const judged = goals.flatMap((goal) => {
    const finding = findings.find((each) => each.goal === goal.id)
    if (!finding) return []
    const { value, ours, against } = finding
    return [
      { ...goal, value, verdict: verdictOf(goal, value), ours: withMedian(ours), measuredAgainst: withMedian(against) },
    ]
  })
  const file = join(folder, 'latest.json')
  await mkdir(folder, { recursive: true })
  await writeFile(file, `${JSON.stringify({ ...rest, goals: judged, series: series.map(withMedian) }, null, 2)}\n`)
  return file
}
