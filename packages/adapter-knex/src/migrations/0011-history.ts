import { typesOfEvents } from './0010-events.js'
import { type LaterStep, validated } from './later-steps.js'
import { type Migration, run } from './migration.js'
import { runIfUnused } from './run-if-unused.js'
import { lockTables, withShortWaits } from './short-waits.js'

const id = 'text collate "C"'
const time = 'timestamptz(3)'

/** Rows are few: each records a failover or a restore that lost something. */
const newTable = (s: string) =>
  `create table ${s}.history_losses (
    loss_id ${id} primary key,
    detected_at ${time} not null,
    groups bigint not null check (groups > 0),
    commands bigint not null check (commands > 0),
    first_at ${time} not null,
    last_at ${time} not null,
    from_history text,
    to_history text not null,
    order_ids jsonb not null check (jsonb_typeof(order_ids) = 'array'),
    is_partial boolean not null,
    acknowledged_at ${time},
    note text
  )`

/** Rows that are there are checked later, so that no row is read under the lock. */
const changed = (s: string, types: string) =>
  `alter table ${s}.events drop constraint events_type_check,
    add constraint events_type_check check (type in (${types})) not valid`

const steps: readonly LaterStep[] = [validated('events_type_check', 'events')]

export const history: Migration = {
  name: '0011_history',
  sentence: 'Adds the table of acknowledged commands that a database no longer has, and makes room for their event.',
  steps,
  async up(trx, s) {
    await run(trx, [newTable(s)])
    await withShortWaits(trx, [lockTables(s, ['events']), changed(s, `${typesOfEvents}, 'history.lost'`)])
    await runIfUnused(trx, s, ['events'], steps)
  },
  async down(trx, s) {
    await withShortWaits(trx, [
      lockTables(s, ['events']),
      `delete from ${s}.events where type = 'history.lost'`,
      changed(s, typesOfEvents),
      `drop table ${s}.history_losses`,
    ])
    for (const step of steps) await run(trx, step.statements(s, ''))
  },
}
