import { type HistoryStore, type MissingGroups, StoreError } from '@shop/core/store'
import type { Knex } from 'knex'
import { isLogHidden, sqlStateOf } from '../database/classify-error.js'
import { type Database, openDatabase } from '../database/database.js'
import type { PgPool } from '../database/pg-pool.js'
import type { QueryResult } from '../database/session.js'
import { databaseNow, fromInstant, prepared, type Statement } from '../database/statement.js'
import { noTimeline, timeline } from '../database/timeline.js'
import { ids } from '../rows/column.js'

/** Ids in one query. */
const batch = 5_000

const insufficientPrivilege = '42501'

const whole = { system: '(select system_identifier from pg_control_system())', log: timeline }

/**
 * The start of Postgres is a part of the identity: files that were restored have the timeline that they had, and a crash
 * without `fsync` or with `synchronous_commit = off` loses commits on the same one. In recovery the expression for the
 * timeline fails, so no standby answers.
 */
const databaseIdentity = ({ system, log }: typeof whole): string =>
  `concat_ws('.', ${system}, ${log},
     (date_part('epoch', pg_postmaster_start_time()) * 1000000)::bigint,
     (select oid from pg_database where datname = current_database()))`

const identityOf = (names: Database['names'], parts: typeof whole): string =>
  `concat_ws('.', ${databaseIdentity(parts)}, '${names.groups}'::regclass::oid)`

/** Some hosting services keep a part of the identity to themselves: then the rest is the identity. */
const withoutHidden = (error: unknown, parts: typeof whole): typeof whole => {
  if (isLogHidden(error)) return { ...parts, log: noTimeline }
  return sqlStateOf(error) === insufficientPrivilege ? { ...parts, system: `'-'` } : parts
}

/** Asks with the whole identity, and from the first refusal on with what the server shows of it. */
const asking = <Statements>(statementsOf: (parts: typeof whole) => Statements, query: Database['query']) => {
  let parts = whole
  let statements = statementsOf(parts)
  const ask = async (
    choose: (statements: Statements) => Statement,
    values?: readonly unknown[],
  ): Promise<QueryResult['rows']> => {
    try {
      return await query(choose(statements), values)
    } catch (error) {
      const rest = withoutHidden(error, parts)
      if (rest.log === parts.log && rest.system === parts.system) throw error
      parts = rest
      statements = statementsOf(parts)
      return ask(choose, values)
    }
  }
  return ask
}

/**
 * Reads what names one history of a whole database. It changes whenever `store.history.identity` of a shop in it does, unless
 * only the schema of that shop was restored: so the shops of a database can share one read, see `identity` of
 * `shop.history.watch`. Rejects with a `StoreError`.
 */
export const knexHistoryIdentity = (
  source: Knex | PgPool,
  options: { readonly prepared?: boolean | undefined } = {},
): (() => Promise<string>) => {
  const { query } = openDatabase(source, options)
  const ask = asking((parts) => prepared(`select ${databaseIdentity(parts)}`), query)
  return async () => String((await ask((statement) => statement))[0]?.[0])
}

/** Whether the database still has what it committed. Asks on the connections of commands. */
export const historyOn = ({ names, query, now }: Database): HistoryStore => {
  const statementsOf = (parts: typeof whole) => {
    const identity = identityOf(names, parts)
    return {
      identity: prepared(`select ${identity}`),
      missing: prepared(
        `select ${identity}, coalesce($2::bigint, ${databaseNow}), (select ${fromInstant('min(g.at)')} from ${names.groups} g), missing.id
         from (select) one left join (
           select asked.id from unnest($1::text[]) asked(id)
           where not exists (select from ${names.groups} g where g.group_id = asked.id and g.committed)
         ) missing on true`,
      ),
    }
  }
  const ask = asking(statementsOf, query)

  const missingOf = async (groupIds: readonly string[]): Promise<MissingGroups> => {
    const rows = await ask(({ missing }) => missing, [ids(groupIds), now()])
    const [history, time, oldest = null] = rows[0] ?? []
    return {
      history: String(history),
      groupIds: rows.flatMap(([, , , id]) => (id === null || id === undefined ? [] : [id])),
      now: Number(time),
      oldestMarkAt: oldest === null ? null : Number(oldest),
    }
  }

  return {
    async identity() {
      return String((await ask(({ identity }) => identity))[0]?.[0])
    },
    async missing(groupIds) {
      let found = await missingOf(groupIds.slice(0, batch))
      for (let first = batch; first < groupIds.length; first += batch) {
        const more = await missingOf(groupIds.slice(first, first + batch))
        if (more.history !== found.history)
          throw new StoreError('unavailable', 'another server took over during the check')
        found = { ...more, groupIds: [...found.groupIds, ...more.groupIds] }
      }
      return found
    },
  }
}
