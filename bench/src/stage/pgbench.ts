import { execFile } from 'node:child_process'
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const distribution = '/usr/lib/postgresql'

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The newest version, if the distribution installs several. */
const distributionFolders = (): string[] => {
  try {
    return readdirSync(distribution)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(distribution, version, 'bin'))
  } catch {
    return []
  }
}

const missingPgbench =
  'pgbench is missing, and the baselines are measured with it. The Postgres of npm does not hold it: install your ' +
  "distribution's (Debian, Ubuntu: postgresql-contrib or postgresql; macOS: brew install postgresql), or put it on PATH."

/** Finds pgbench on PATH or in Debian's folder. Throws if there is none. */
export const findPgbench = (): string => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...distributionFolders()]
  const found = folders.map((folder) => join(folder, 'pgbench')).find(isProgram)
  if (found === undefined) throw new Error(missingPgbench)
  return found
}

export type Baseline =
  | 'issue-tx'
  | 'issue-one'
  | 'issue-batch'
  | 'charge-tx'
  | 'charge-one'
  | 'checkout-tx'
  | 'checkout-one'

export const baselineFile = (name: string): string =>
  fileURLToPath(new URL(`../baselines/${name}.sql`, import.meta.url))

export interface PgbenchRun {
  readonly perSecond: number
  readonly count: number
  /** Mean, in milliseconds. */
  readonly latency: number
}

/**
 * Runs one script with prepared statements, for whole seconds. If less than a second is requested, it runs a
 * few transactions.
 */
export const runPgbench = async (
  url: string,
  baseline: Baseline,
  { clients = 8, seconds }: { readonly clients?: number; readonly seconds: number },
): Promise<PgbenchRun> => {
  const threads = Math.min(2, clients)
  const length = seconds < 1 ? ['-t', 5] : ['-T', Math.round(seconds)]
  const options = ['-n', '-M', 'prepared', '-c', clients, '-j', threads, ...length]
  const { stdout } = await promisify(execFile)(findPgbench(), [
    ...options.map(String),
    '-f',
    baselineFile(baseline),
    url,
  ])
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1])
  const latency = Number(/^latency average = ([\d.]+)/m.exec(stdout)?.[1])
  const count = Number(/^number of transactions actually processed: (\d+)/m.exec(stdout)?.[1])
  if (!(perSecond > 0 && count > 0)) throw new Error(`pgbench reported no result:\n${stdout}`)
  return { perSecond, count, latency }
}
