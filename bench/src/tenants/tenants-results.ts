import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../report/machine.js'
import { type Row, verdict } from '../report/rows.js'

/** The parts of the measurement, in the order in which they run. */
const partNames = ['migrating', 'library', 'rushing', 'moving', 'auditing'] as const

export type PartName = (typeof partNames)[number]

/** The results of a part, with machine and settings. */
export interface PartResults {
  readonly at: string
  readonly machine: Machine
  readonly settings: Readonly<Record<string, unknown>>
  /** Load of the machine before and after, because other programs may have run. */
  readonly loads: readonly [before: number, after: number]
  readonly rows: readonly Row[]
}

export type TenantsResults = Readonly<Partial<Record<PartName, PartResults>>>

const readResults = async (file: string): Promise<TenantsResults> => {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { parts: TenantsResults }).parts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

/** Merges the results of a part with earlier ones of the others, and writes them. Resolves with all. */
export const writePart = async (folder: string, name: PartName, part: PartResults): Promise<TenantsResults> => {
  const file = join(folder, 'tenants.json')
  await mkdir(folder, { recursive: true })
  const parts = { ...(await readResults(file)), [name]: part }
  await writeFile(file, `${JSON.stringify({ parts }, null, 2)}\n`)
  return parts
}

export const rowsOf = (results: TenantsResults): readonly Row[] =>
  partNames.flatMap((name) => results[name]?.rows ?? [])

/** The table of the page about many shops. */
export const tenantsTable = (rows: readonly Row[]): string =>
  [
    '| what | measured | goal | |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.what} | ${row.value} | ${row.goal ?? ''} | ${verdict(row)} |`),
  ].join('\n')
