import type { Knex } from 'knex'

/** Unusual values of all settings of a database or a role that could affect the adapter's SQL. */
const settings: Readonly<Record<string, string>> = {
  standard_conforming_strings: 'off',
  backslash_quote: 'off',
  escape_string_warning: 'on',
  array_nulls: 'off',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'Pacific/Chatham',
  timezone_abbreviations: 'India',
  extra_float_digits: '-15',
  bytea_output: 'escape',
  xmlbinary: 'hex',
  xmloption: 'document',
  client_encoding: 'LATIN1',
  lc_messages: 'C',
  lc_monetary: 'C',
  lc_numeric: 'C',
  lc_time: 'C',
  search_path: 'nowhere',
  row_security: 'off',
  session_replication_role: 'replica',
  check_function_bodies: 'off',
  default_text_search_config: 'pg_catalog.simple',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  synchronous_commit: 'off',
  client_min_messages: 'error',
  gin_fuzzy_search_limit: '1',
  cursor_tuple_fraction: '0.01',
  plan_cache_mode: 'force_generic_plan',
  jit: 'on',
  jit_above_cost: '0',
  debug_parallel_query: 'on',
  from_collapse_limit: '1',
  join_collapse_limit: '1',
  geqo_threshold: '2',
  enable_indexscan: 'off',
  enable_indexonlyscan: 'off',
  enable_nestloop: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_sort: 'off',
  enable_hashagg: 'off',
  enable_material: 'off',
  enable_memoize: 'off',
  constraint_exclusion: 'on',
  synchronize_seqscans: 'off',
  work_mem: '64kB',
  transaction_timeout: '20s',
}

/** Sets half of them for the database and half for the role. They apply to new connections. */
export const setUnusually = async (knex: Knex): Promise<void> => {
  const { rows } = await knex.raw(`select lower(name) as name from pg_settings`)
  const known = new Set(rows.map(({ name }: { name: string }) => name))
  const { rows: named } = await knex.raw(`select current_database() as database, current_user as role`)
  const [{ database, role }] = named
  const wanted = Object.entries(settings).filter(([name]) => known.has(name.toLowerCase()))
  for (const [index, [name, value]] of wanted.entries()) {
    const [whose, names] = index % 2 === 0 ? ['database ??', [database]] : ['role ?? in database ??', [role, database]]
    await knex.raw(`alter ${whose} set ${name} = '${value.replaceAll(', ', "', '")}'`, names)
  }
}
