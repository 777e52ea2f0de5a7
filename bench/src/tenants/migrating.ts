import { setTimeout as pause } from 'node:timers/promises'
import { type Row, seconds } from '../report/rows.js'
import { query } from '../stage/postgres.js'
import type { TenantsSettings } from './settings.js'
import type { Stage } from './stage.js'

const migrated = async ({ databases }: Stage): Promise<number> => {
  const counts = await Promise.all(
    [databases.a, databases.b].map(({ url }) =>
      query(url, `select count(*)::int as count from pg_tables where tablename = 'groups' and schemaname like 'shop%'`),
    ),
  )
  return counts.reduce((sum, [row]) => sum + Number(row?.['count'] ?? 0), 0)
}

/** Makes the schemas of all shops with `tenants migrate`, which is killed after a third of them. */
export const migrating = async (
  stage: Stage,
  _: TenantsSettings,
  show: (line: string) => void,
): Promise<readonly Row[]> => {
  const count = stage.shops.length
  const first = stage.start(['migrate'])
  const began = performance.now()
  let isRunning = true
  void first.ended.then(() => {
    isRunning = false
  })
  let killedAt = 0
  while (isRunning) {
    killedAt = await migrated(stage)
    show(`migrating: ${killedAt} of ${count} shops`)
    if (killedAt >= count / 3) break
    await pause(200)
  }
  first.kill()
  await first.ended
  const rest = stage.start(['migrate'])
  let isResting = true
  void rest.ended.then(() => {
    isResting = false
  })
  while (isResting) {
    show(`migrating: ${await migrated(stage)} of ${count} shops, after a kill`)
    await Promise.race([rest.ended, pause(2_000)])
  }
  const ended = await rest.ended
  if (ended.code !== 0) throw new Error(`tenants migrate: ${ended.stdout}${ended.stderr}`)
  const ms = performance.now() - began
  show('migrating: again, with nothing to do')
  const again = await stage.run(['migrate'])
  const n = count.toLocaleString('en')
  return [
    { what: `\`tenants migrate\` of ${n} new schemas, killed after ${killedAt} and run again`, value: seconds(ms) },
    { what: `\`tenants migrate\` of ${n} schemas that are up to date`, value: seconds(again.ms) },
  ]
}
