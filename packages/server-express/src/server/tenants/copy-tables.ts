import type { Knex } from 'knex'
import { TenantsFailure } from './context.js'

/** Rows in one statement. */
const batchSize = 1_000

/** Tables in which `migrate` records what it did: it has done so in the new place. */
const records = ['migrations', 'migrations_lock']

/**
 * For the transaction: no time limits, and values as text that means the same in both databases.
 */
export const copySettings = `select set_config(name, value, true) from (values
    ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'),
    ('datestyle', 'ISO'), ('intervalstyle', 'postgres'), ('timezone', 'UTC'), ('bytea_output', 'hex'),
    ('extra_float_digits', '1')) as wanted (name, value)
  where name in (select name from pg_settings)`

interface Table {
  readonly name: string
  /** A view shows rows of tables: it has none to copy. */
  readonly isView: boolean
  /** Names and types of its columns, in their order. */
  readonly columns: string
}

const tablesOf = async (knex: Knex, schema: string): Promise<readonly Table[]> => {
  const { rows } = await knex.raw(
    `select quote_ident(c.relname) as name, c.relkind = 'v' as "isView", string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', '
       order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname = ? and c.relkind not in ('i', 'I', 'S', 'c', 't') and c.relname <> all(?::text[])
     group by c.relname, c.relkind order by c.relname`,
    [schema, records],
  )
  return rows
}

/**
 * The names of the tables that both schemas have, alike, without views.
 * @throws TenantsFailure if a table or a view is not alike, or not in both: it is not the shop's.
 */
export const sameTables = async (
  from: { readonly knex: Knex; readonly schema: string },
  to: { readonly knex: Knex; readonly schema: string },
): Promise<readonly string[]> => {
  const [here, there] = await Promise.all([tablesOf(from.knex, from.schema), tablesOf(to.knex, to.schema)])
  const expected = new Map(there.map((table) => [table.name, table]))
  const isAlike = ({ name, isView, columns }: Table) =>
    expected.get(name)?.isView === isView && expected.get(name)?.columns === columns
  const other = here.filter((table) => !isAlike(table)).map(({ name }) => name)
  if (other.length === 0 && here.length === there.length)
    return here.filter(({ isView }) => !isView).map(({ name }) => name)
  const names = other.join(', ') || 'some are missing'
  throw new TenantsFailure(
    `the schema ${from.schema} has not exactly the tables of the shop (${names}): move it by pg_dump`,
  )
}

/** Copies all rows of a table. `from` is a transaction. Resolves with their number. */
export const copyTable = async (
  from: Knex,
  to: Knex,
  {
    source,
    target,
    onRows,
  }: { readonly source: string; readonly target: string; readonly onRows: (rows: number) => void },
): Promise<void> => {
  // A row as the text of its type: no value changes on the way, whatever its type.
  await from.raw(`declare shop_move no scroll cursor for select t::text as row from ${source} t`)
  for (;;) {
    const { rows } = await from.raw(`fetch ${batchSize} from shop_move`)
    if (rows.length === 0) break
    // Without the offset, each column would parse the row again.
    await to.raw(
      `insert into ${target} select (row).* from (select text::${target} as row from unnest(?::text[]) text offset 0) rows`,
      [rows.map(({ row }: { row: string }) => row)],
    )
    onRows(rows.length)
  }
  await from.raw('close shop_move')
}

/** Differs if a row differs. Both databases must use `copySettings`. */
export const digestOf = async (knex: Knex, table: string): Promise<string> => {
  const { rows } = await knex.raw(
    `select count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) as digest from ${table} t`,
  )
  return rows[0].digest
}
