import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { UpgradeResults } from '../src/upgrade/upgrade-results.js'

const run = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const execute = promisify(execFile)

/** Without the index that the killed migration has begun: the database finishes it. */
const stagesOfUpgrade = [
  'the release before alone',
  'a migration that is killed as it builds an index',
  'the migration, as a whole',
  'build the index orders_payment_id',
  '0012_payments: put the view in place of the table',
  '0014_recent_sales: add a table and a view',
  'drop the index wallet_entries_by_order',
  'compare the old table of payments, and drop it',
  'build the index orders_deadlines',
  'drop the index orders_pending',
  'build the index orders_open',
  'drop the index orders_open_of_user',
  'the release before on the new schema',
  'its audit',
  'both releases',
  'the new release alone',
]

const hasHistory = async (): Promise<boolean> => {
  try {
    return (await execute('git', ['-C', root, 'rev-parse', '--is-shallow-repository'])).stdout.trim() === 'false'
  } catch {
    return false
  }
}

test('a short upgrade of a small shop under load loses nothing', { timeout: 600_000 }, async ({ skip }) => {
  if (!(await hasHistory())) skip('the release before is built from git, whose history is not here')
  const folder = await mkdtemp(join(tmpdir(), 'shop-bench-upgrade-slice-'))
  try {
    const { stdout } = await execute(process.execPath, [run, 'upgrade', '--slice', '--out', folder], {
      maxBuffer: 2 ** 24,
    })
    const { rows, stages } = JSON.parse(await readFile(join(folder, 'upgrade.json'), 'utf8')) as UpgradeResults
    expect(rows.filter(({ met }) => met !== true)).toEqual([])
    expect(stages.map(({ what }) => what)).toEqual(stagesOfUpgrade)
    for (const { what } of rows) expect(stdout).toContain(`| ${what} |`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
