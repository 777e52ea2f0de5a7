import { execFile } from 'node:child_process'
import { appendFile, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { knexConnection, knexStore, migrate } from '@shop/adapter-knex'
import { createShop, type LostHistory } from '@shop/core'
import { startProxy } from '@shop/test-support/redis'
import { expect, onTestFinished, test } from 'vitest'
import { clusterFolder } from '../../src/embedded-postgres/cluster.js'
import { startEmbeddedPostgres } from '../../src/embedded-postgres/index.js'

const run = promisify(execFile)

const timelineOf = (identity: string | null): string | undefined => identity?.split('.')[1]

test('a restart loses nothing; a restore of older files and a restore to another timeline are reported', async () => {
  const home = await mkdtemp(join(tmpdir(), 'shop-history-'))
  await chmod(home, 0o711)
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const [dataDir, copy] = [join(home, 'data'), join(home, 'copy')]
  let postgres = await startEmbeddedPostgres({ dataDir, durable: false })
  onTestFinished(() => postgres.stop())
  const front = await startProxy(postgres.url)
  onTestFinished(() => front.stop())
  const knex = knexConnection(front.url, {
    pool: { max: 2 },
    log: { warn: () => {}, error: () => {}, debug: () => {} },
  })
  onTestFinished(() => knex.destroy())
  await migrate(knex)
  const shop = createShop({ store: knexStore(knex) })
  onTestFinished(() => shop.close())
  const lost: LostHistory[] = []
  const kept: number[] = []
  const watch = shop.history.watch({
    everyMs: 100,
    onLost: (each) => lost.push(each),
    onKept: ({ groups }) => kept.push(groups),
  })
  await watch.check()

  /** Stops Postgres, changes its files, and starts it. */
  const restart = async (change: () => Promise<unknown> = async () => {}): Promise<void> => {
    await postgres.stop()
    await change()
    postgres = await startEmbeddedPostgres({ dataDir, durable: false })
    front.leadTo(postgres.url)
    front.cut()
    await expect
      .poll(
        () =>
          watch.check().then(
            () => true,
            () => false,
          ),
        { timeout: 20_000, interval: 50 },
      )
      .toBe(true)
  }
  const restore = async (): Promise<void> => {
    await rm(dataDir, { recursive: true })
    await run('cp', ['-a', copy, dataDir])
  }

  await shop.users.register({ userId: 'ann' })
  await restart(() => run('cp', ['-a', dataDir, copy]))
  expect([kept, lost]).toEqual([[1], []])

  await shop.users.register({ userId: 'bob' })
  await restart(restore)
  expect(lost).toMatchObject([{ commands: 1, groups: 1 }])
  expect(timelineOf(lost[0]?.to ?? null)).toBe(timelineOf(lost[0]?.from ?? null))

  await shop.users.register({ userId: 'eve' })
  await shop.users.register({ userId: 'fay' })
  await restart(async () => {
    await restore()
    // The end of a restore to a point in time: Postgres begins a timeline of its own.
    await appendFile(join(clusterFolder(dataDir), 'postgresql.auto.conf'), `restore_command = 'false'\n`)
    await writeFile(join(clusterFolder(dataDir), 'recovery.signal'), '', { mode: 0o644 })
  })
  expect(lost.slice(1)).toMatchObject([{ commands: 2, groups: 2 }])
  expect(timelineOf(lost[1]?.to ?? null)).not.toBe(timelineOf(lost[1]?.from ?? null))
  // The restore has lost the record of the loss before, too: it was recorded again.
  const { items } = await shop.history.losses({ open: true })
  expect(items.map(({ commands }) => commands).sort()).toEqual([1, 2])
  const { violations } = await shop.audit()
  expect(violations.map(({ law }) => law)).toEqual(['HISTORY-KEPT', 'HISTORY-KEPT'])
  for (const { lossId } of items) await shop.history.acknowledge({ lossId })
  expect((await shop.audit()).ok).toBe(true)
}, 120_000)
