import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processorRatio } from '../figures/in-turn.js'
import { median, spread } from '../figures/statistics.js'
import { goals, verdictOf } from '../goals.js'
import type { Finding, PartResult, Series } from '../results.js'
import type { Machine } from './machine.js'

/** The results of a part, with machine and settings. */
export interface Measured extends PartResult {
  readonly at: string
  readonly machine: Machine
  readonly settings: Readonly<Record<string, unknown>>
  /** Load of the machine before and after, because other programs may have run. */
  readonly loads: readonly [before: number, after: number]
}

export type Results = Readonly<Record<string, Measured>>

const withMedian = (series: Series) => ({ ...series, median: median(series.samples), spread: spread(series.samples) })

const judged = (finding: Finding) => {
  const { goal: id, value, ours, against } = finding
  const goal = goals.find((each) => each.id === id)
  const verdict = goal && verdictOf(goal, value)
  const measured = { ours: withMedian(ours), ...(against && { against: withMedian(against) }) }
  return { goal: id, what: goal?.what, value, verdict, byProcessorTime: processorRatio(finding), ...measured }
}

const readResults = async (file: string): Promise<Results> => {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { parts: Results }).parts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

/** Merges the results with earlier ones of other parts, and writes them as JSON. Resolves with all results. */
export const writeResults = async (folder: string, measured: Results): Promise<{ file: string; results: Results }> => {
  const file = join(folder, 'latest.json')
  await mkdir(folder, { recursive: true })
  const results = { ...(await readResults(file)), ...measured }
  const parts = Object.fromEntries(
    Object.entries(results).map(([name, part]) => [
      name,
      { ...part, findings: part.findings?.map(judged), series: part.series?.map(withMedian) },
    ]),
  )
  await writeFile(file, `${JSON.stringify({ parts }, null, 2)}\n`)
  return { file, results }
}
