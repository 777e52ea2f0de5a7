import type { KnexHarnessOptions } from '../kit/knex-harness.js'
import { instead, rewrite, type Tamper } from '../support/tamper.js'

/** The adapter with one mistake in its SQL, or in its handling of a result. */
export interface SqlMutant {
  readonly id: string
  readonly title: string
  readonly tamper: NonNullable<KnexHarnessOptions['tamper']>
  readonly options?: Partial<KnexHarnessOptions>
  /** The law that detects it first. */
  readonly law: string
}

const everywhere = (tamper: Tamper) => () => tamper

const isSave = (text: string): boolean => text.startsWith('with') && /_(inserted_\d*|changing|hot|added) as/.test(text)

/** Ignores a failed save: the commit returns ROLLBACK, and its tag is not checked. */
const swallowed = (): Tamper => {
  let saves = 0
  return async (query, send) => {
    if (isSave(query.text)) {
      saves += 1
      if (saves % 5 === 0) {
        await send(instead(query, 'select 1 / 0', [])).catch(() => undefined)
        return { rows: [['1']], command: 'SELECT' }
      }
    }
    const answer = await send(query)
    return query.text === 'commit' ? { ...answer, command: 'COMMIT' } : answer
  }
}

export const sqlMutants: readonly SqlMutant[] = [
  {
    id: 'M01 M07 M10 in SQL',
    title: 'rows are read without a lock',
    tamper: everywhere(rewrite((text) => text.replaceAll(/ for no key update of t\b/g, ''))),
    law: 'TRANSACT-LOCKS',
  },
  {
    id: 'M16 in SQL',
    title: 'the save runs in a transaction of its own, which commits whatever becomes of the rest',
    options: { pipeline: false },
    tamper: everywhere((query, send) =>
      query.text.startsWith('begin') ? send(instead(query, 'set lock_timeout = 2000')) : send(query),
    ),
    law: 'TRANSACT-LOCKS',
  },
  {
    id: 'M21 M40 in SQL',
    title: 'a failed statement is swallowed, and the tag of the commit is not read',
    options: { pipeline: false },
    tamper: () => swallowed(),
    law: 'TRANSACT-LOCKS',
  },
  {
    id: 'M05 M08 in SQL',
    title: 'an insert that meets a row that is already there passes over it in silence',
    tamper: everywhere(
      rewrite((text) =>
        isSave(text)
          ? text.replaceAll(
              /(_inserted_\d* as \(insert into [\s\S]*? as n(?:\([^)]*\))?)\)/g,
              '$1 on conflict do nothing)',
            )
          : text,
      ),
    ),
    law: 'TRANSACT-ALL-OR-NONE',
  },
  {
    id: 'M29 in SQL',
    title: 'nobody counts how many rows an update has found',
    tamper: everywhere(
      rewrite((text) => (isSave(text) ? text.replace(/select 1 \/ \(case when .* end\)$/s, 'select 1') : text)),
    ),
    law: 'TRANSACT-GONE',
  },
  {
    id: 'M32 in SQL',
    title: 'the outcome of a group is only read, so an open transaction can still commit after the result was no',
    tamper: everywhere(
      rewrite((text) =>
        text.includes('as g (group_id, committed, at)')
          ? `select coalesce((select committed from shop.groups where group_id = $1), false), $2::bigint`
          : text,
      ),
    ),
    law: 'TRANSACT-KNOWN',
  },
  {
    id: 'M33 in SQL',
    title: 'an event is claimed although its lease still runs',
    tamper: everywhere(rewrite((text) => text.replace(/and \(e\.leased_until is null or [^\n]*\n/, '\n'))),
    law: 'OUTBOX-CLAIMED-ONCE',
  },
  {
    id: 'M17 in SQL',
    title: 'a later event of an order does not wait for the earlier one',
    tamper: everywhere(rewrite((text) => text.replace(/and not exists \(\s+select from [^)]*\)/s, ''))),
    law: 'OUTBOX-FIRST-FIRST',
  },
  {
    id: 'references in SQL',
    title: 'nobody looks whether a reference is taken',
    tamper: everywhere(
      rewrite((text) => text.replaceAll('permanent_references r where', 'permanent_references r where false and')),
    ),
    law: 'TRANSACT-LOADS',
  },
  {
    id: 'ended lots in SQL',
    title: 'the sweep overlooks wallets whose lot ends at this very moment',
    tamper: everywhere(rewrite((text) => text.replace('w.next_lot_end <= ', 'w.next_lot_end < '))),
    law: 'READS-SEE',
  },
  {
    id: 'refunded units in SQL',
    title: 'rebuilt daily sums count refunded units as sold',
    tamper: everywhere(rewrite((text) => text.replace(/union all\s+select line ->> 'productId', -.*?\n\)/s, ')'))),
    law: 'UPKEEP-SALES',
  },
  {
    id: 'M39 in SQL',
    title: 'one statement of a transaction goes out on another connection, of a pool that has one',
    options: { connections: 1 },
    tamper: (_, pool) => async (query, send) => {
      if (isSave(query.text)) await pool.raw('select 1')
      return send(query)
    },
    law: 'NO-UNEXPECTED-ERROR',
  },
]

/** M12: one of two servers locks rows in the opposite order. */
export const crossing: NonNullable<KnexHarnessOptions['tamper']> = (store) =>
  rewrite((text) =>
    store === 0 ? text : text.replaceAll(/order by (t\.\w+) for no key update/g, 'order by $1 desc for no key update'),
  )

/** Changes nothing. */
export const unharmed: NonNullable<KnexHarnessOptions['tamper']> = () => (query, send) => send(query)
