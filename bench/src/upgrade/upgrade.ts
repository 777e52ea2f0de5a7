import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { atMost } from '../report/rows.js'
import { query } from '../stage/postgres.js'
import { productCount } from '../stage/seed.js'
import { fillShop } from './fill.js'
import { type Phase, phasesOf } from './phases.js'
import type { LoadReport } from './questions.js'
import { Release } from './release.js'
import type { UpgradeSettings } from './settings.js'
import { stageOf, type UpgradeResults } from './upgrade-results.js'
import { verify } from './verify.js'
import { Reader, Watch } from './watch.js'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const migrator = 'migration'
/** Far more rows than a call needs, and far fewer than one that reads a whole index. */
const rowsOfCall = 100
const rowsReadSql = `select sum(seq_tup_read + idx_tup_fetch) as found from pg_stat_user_tables
  where schemaname = 'shop' and relname in ('orders', 'wallet_entries')`

interface Run {
  readonly settings: UpgradeSettings
  readonly url: string
  readonly show: (line: string) => void
}

type Found = Pick<UpgradeResults, 'stages' | 'rows' | 'errors'>

/** Kills a migration as it builds its first index. The index cannot be finished before this transaction ends. */
const kill = async (migrating: Release, url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read')
    await client.query('select from pg_class limit 1')
    const ended = migrating.migrate().then(
      () => 'ended by itself',
      (error: Error) => error.message,
    )
    const isBuilding = async () => (await query(url, 'select from pg_stat_progress_create_index')).length > 0
    while (!(await isBuilding())) {
      const how = await Promise.race([ended, pause(5)])
      if (how) throw new Error(`the migration was not killed: ${how}`)
    }
    migrating.kill()
    const how = await ended
    if (!how.endsWith('SIGKILL')) throw new Error(`the migration was not killed: ${how}`)
  } finally {
    await client.end()
  }
}

export const upgrade = async ({ settings, url, show }: Run): Promise<Found> => {
  const started: { stop(): Promise<unknown> }[] = []
  const start = <T extends { stop(): Promise<unknown> }>(made: T): T => {
    started.push(made)
    return made
  }
  const release = (folder: string, name: string): Release => start(new Release(folder, url, name))
  const phases: Phase[] = []
  const during = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    show(what)
    const began = Date.now()
    const result = await work()
    phases.push({ what, began, ended: Date.now() })
    return result
  }
  const rowsRead = async () => Number((await query(url, rowsReadSql))[0]?.['found'])
  const load = { callers: settings.callers, users: settings.users, products: productCount }
  const aWhile = () => pause(settings.stageMs)
  try {
    const before = [release(settings.before, 'before-1'), release(settings.before, 'before-2')] as const
    await before[0].migrate()
    show(`filling the shop of the release before with ${settings.orders.toLocaleString('en')} orders`)
    await fillShop(url, settings)

    const reports: LoadReport[] = []
    const watch = start(new Watch(url, migrator))
    const reader = start(new Reader(url, { readsMs: 4_000, restsMs: 1_000 }))
    for (const each of before) await each.start(load)
    await during('the release before alone', aWhile)
    await during('a migration that is killed as it builds an index', () => kill(release(checkout, migrator), url))
    const migrating = release(checkout, migrator)
    const statements = await during('the migration, as a whole', () => migrating.migrate())
    phases.push(...phasesOf(statements))
    // Its connections report the rows that they have read when they end, at the latest.
    await migrating.stop()
    const readBefore = await rowsRead()
    const onNewSchema = { began: Date.now(), ended: 0 }
    await during('the release before on the new schema', aWhile)
    const read = (await rowsRead()) - readBefore
    onNewSchema.ended = Date.now()
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
    const violations = await release(checkout, 'audit').audit()
    for (const each of [...violationsBefore, ...violations].slice(0, 10)) show(each)
    const failed = reports.flatMap((report) => report.failed)
    const calls = reports.flatMap(({ began }) => began)
    const callsOnNewSchema = calls.filter((at) => at >= onNewSchema.began && at <= onNewSchema.ended).length
    const number = (value: number) => value.toLocaleString('en')
    const rounded = (value: number) => number(Math.round(value))
    return {
      stages: phases.map((phase) => stageOf(phase, reports, samples)),
      rows: [
        atMost(`Failed calls, of ${number(calls.length)}`, failed.length, 0, number),
        atMost('Violations that the release before finds on the new schema', violationsBefore.length, 0, number),
        atMost('Violations that the new release finds in the end', violations.length, 0, number),
        atMost(
          'Rows of orders and entries that a call of it reads there',
          read / callsOnNewSchema,
          rowsOfCall,
          rounded,
        ),
        ...(await verify(url, reports)),
      ],
      errors: failed.map(({ what, error }) => `${what}: ${error}`),
    }
  } finally {
    // The first error counts, not what stopping says after it.
    await Promise.allSettled(started.map((each) => each.stop()))
  }
}
