import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { query } from '../stage/postgres.js'
import { productCount } from '../stage/seed.js'
import { atMost } from '../tenants/rows.js'
import { fillShop } from './fill.js'
import { type Phase, phasesOf } from './phases.js'
import type { LoadReport, Sent } from './questions.js'
import { Release } from './release.js'
import type { UpgradeSettings } from './settings.js'
import { stageOf, type UpgradeResults } from './upgrade-results.js'
import { verify } from './verify.js'
import { Reader, Watch } from './watch.js'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const migrator = 'migration'
const sums = {
  scans: `select sum(seq_tup_read) as found from pg_stat_user_tables where relname in ('orders', 'wallet_entries')`,
  charges: `select count(*) as found from shop.wallet_entries where kind = 'charge'`,
} as const

interface Run {
  readonly settings: UpgradeSettings
  readonly url: string
  readonly show: (line: string) => void
}

type Found = Pick<UpgradeResults, 'stages' | 'rows' | 'errors'>

/** Kills a migration as it builds its first index. Resolves with its statements if it was faster. */
const interrupt = async (migrating: Release, url: string): Promise<readonly Sent[]> => {
  const migrated = migrating.migrate()
  const faster = migrated.catch(() => [])
  for (;;) {
    const building = await query(url, 'select from pg_stat_progress_create_index')
    if (building.length > 0) {
      migrating.kill()
      return []
    }
    const statements = await Promise.race([faster, pause(5)])
    if (statements) return statements
  }
}

export const upgrade = async ({ settings, url, show }: Run): Promise<Found> => {
  const started: Release[] = []
  const release = (folder: string, name: string): Release => {
    const made = new Release(folder, url, name)
    started.push(made)
    return made
  }
  const phases: Phase[] = []
  const during = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    show(what)
    const began = Date.now()
    const result = await work()
    phases.push({ what, began, ended: Date.now() })
    return result
  }
  const found = async (what: keyof typeof sums) => Number((await query(url, sums[what]))[0]?.['found'])
  const load = { callers: settings.callers, users: settings.users, products: productCount }
  const aWhile = () => pause(settings.stageMs)
  try {
    const before = [release(settings.before, 'before-1'), release(settings.before, 'before-2')] as const
    await before[0].migrate()
    show(`filling the shop of the release before with ${settings.orders.toLocaleString('en')} orders`)
    await fillShop(url, settings)
    const charges = await found('charges')

    const reports: LoadReport[] = []
    const watch = new Watch(url, migrator)
    const reader = new Reader(url, { readsMs: 4_000, restsMs: 1_000 })
    for (const each of before) await each.start(load)
    await during('the release before alone', aWhile)
    const statements = [
      ...(await during('a migration that is killed as it builds an index', () =>
        interrupt(release(checkout, migrator), url),
      )),
    ]
    const migrating = release(checkout, migrator)
    statements.push(...(await during('the migration, as a whole', () => migrating.migrate())))
    phases.push(...phasesOf(statements))
    const scanned = await found('scans')
    await during('the release before on the new schema', aWhile)
    const scans = (await found('scans')) - scanned
    const violationsBefore = await during('its audit', () => before[0].audit())
    const after = [release(checkout, 'after-1'), release(checkout, 'after-2')] as const
    await during('both releases', async () => {
      await after[0].start(load)
      await aWhile()
      reports.push(await before[0].end())
      await after[1].start(load)
      await aWhile()
      reports.push(await before[1].end())
    })
    await during('the new release alone', aWhile)
    for (const each of after) reports.push(await each.end())
    await reader.stop()
    const samples = await watch.stop()

    show('the last audit')
    const violations = await migrating.audit()
    for (const each of [...violationsBefore, ...violations].slice(0, 10)) show(each)
    const failed = reports.flatMap((report) => report.failed)
    const calls = reports.reduce((sum, report) => sum + report.calls, 0)
    const number = (value: number) => value.toLocaleString('en')
    return {
      stages: phases.map((phase) => stageOf(phase, reports, samples)),
      rows: [
        atMost(`Failed calls, of ${number(calls)}`, failed.length, 0, number),
        atMost('Violations that the release before finds on the new schema', violationsBefore.length, 0, number),
        atMost('Violations that the new release finds in the end', violations.length, 0, number),
        atMost('Rows that the release before reads in scans of orders and entries', scans, settings.orders, number),
        ...(await verify(url, reports, charges)),
      ],
      errors: failed.map(({ what, error }) => `${what}: ${error}`),
    }
  } finally {
    for (const each of started) await each.stop()
  }
}
