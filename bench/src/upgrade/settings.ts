import { parseArgs } from 'node:util'

/** Sizes and durations of the measurement of an upgrade. Times are in milliseconds. */
export interface UpgradeSettings {
  /** A built checkout of the release before. */
  readonly before: string
  readonly orders: number
  readonly users: number
  /** Callers of each of the two processes. */
  readonly callers: number
  /** How long each stage lasts, beside the migration. */
  readonly stageMs: number
  readonly outFolder: string
}

const usual = { orders: 1_000_000, users: 50_000, callers: 12, stageMs: 15_000 }

/** Everything as short as possible: a smoke test, not a measurement. */
const slice = { orders: 5_000, users: 200, callers: 4, stageMs: 1_000 }

export const usage = `Usage: npm run test:upgrade -- [--slice] [--orders N] [--out FOLDER]

Migrates a shop with many orders while the release before sells in it, then replaces that release. It takes some minutes,
and needs git for the release before.
`

/** @throws TypeError for an unknown option, RangeError for a wrong number */
export const readSettings = (args: readonly string[], outFolder: string): UpgradeSettings | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      before: { type: 'string' },
      orders: { type: 'string' },
      out: { type: 'string' },
      slice: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  const base = values.slice ? slice : usual
  const orders = Number(values.orders ?? base.orders)
  if (!Number.isSafeInteger(orders) || orders < base.users)
    throw new RangeError(`--orders must be at least ${base.users}`)
  if (values.before === undefined) throw new RangeError('--before is missing: start this with npm run test:upgrade')
  return { ...base, orders, before: values.before, outFolder: values.out ?? outFolder }
}
