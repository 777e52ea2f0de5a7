import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../report/machine.js'
import { type Row, seconds, verdict } from '../report/rows.js'
import type { Phase } from './phases.js'
import type { LoadReport } from './questions.js'
import type { Sample } from './watch.js'

/** A time of the upgrade, and what callers saw. */
export interface Stage {
  readonly what: string
  readonly ms: number
  readonly longestMs: number
  readonly longestCall: string
  /** When that call began, after the stage did. */
  readonly longestAfterMs: number
  readonly failed: number
  readonly locks: readonly string[]
  /** How many connections waited for the migration at one moment, at most. */
  readonly blocked: number
}

export interface UpgradeResults {
  readonly at: string
  readonly machine: Machine
  readonly settings: Readonly<Record<string, unknown>>
  /** Load of the machine before and after, because other programs may have run. */
  readonly loads: readonly [before: number, after: number]
  readonly stages: readonly Stage[]
  readonly rows: readonly Row[]
  readonly errors: readonly string[]
}

/** What callers saw while a phase lasted, and what the migration held. */
export const stageOf = (
  { what, began, ended }: Phase,
  reports: readonly LoadReport[],
  samples: readonly Sample[],
): Stage => {
  const isMet = (call: { readonly began: number; readonly ended: number }) => call.began <= ended && call.ended >= began
  const met = reports.flatMap(({ slowest }) => slowest.filter(isMet))
  const longest = met.reduce((a, b) => (b.ended - b.began > a.ended - a.began ? b : a), {
    what: '–',
    began,
    ended: began,
  })
  const taken = samples.filter(({ at }) => at >= began && at <= ended)
  return {
    what,
    ms: ended - began,
    longestMs: longest.ended - longest.began,
    longestCall: longest.what,
    longestAfterMs: longest.began - began,
    failed: reports.reduce((sum, { failed }) => sum + failed.filter(isMet).length, 0),
    locks: [...new Set(taken.flatMap(({ locks }) => locks))].sort(),
    blocked: taken.reduce((most, { blocked }) => Math.max(most, blocked), 0),
  }
}

export const writeUpgrade = async (folder: string, results: UpgradeResults): Promise<string> => {
  const file = join(folder, 'upgrade.json')
  await mkdir(folder, { recursive: true })
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`)
  return file
}

const milliseconds = (ms: number): string => (ms < 1_000 ? `${ms} ms` : seconds(ms))

/** The tables of the page about operating. */
export const upgradeTables = ({ stages, rows }: Pick<UpgradeResults, 'stages' | 'rows'>): string =>
  [
    '| stage | took | longest call | failed calls | locks of the migration | waited for it |',
    '| --- | ---: | ---: | ---: | --- | ---: |',
    ...stages.map(
      ({ what, ms, longestMs, failed, locks, blocked }) =>
        `| ${what} | ${milliseconds(ms)} | ${milliseconds(longestMs)} | ${failed} | ${locks.join(', ')} | ${blocked} |`,
    ),
    '',
    '| afterwards | found | goal | |',
    '| --- | ---: | ---: | --- |',
    ...rows.map((row) => `| ${row.what} | ${row.value} | ${row.goal ?? ''} | ${verdict(row)} |`),
  ].join('\n')
