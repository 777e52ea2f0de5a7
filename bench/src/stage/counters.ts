import { query } from './postgres.js'

/** What Postgres has counted so far: for the whole server what concerns its log, otherwise for one database. */
export interface Counters {
  /** Rows of one table. */
  readonly inserted: number
  readonly pages: number
  readonly pagesRead: number
  readonly logBytes: number
  readonly pageImages: number
  readonly fileBytes: number
  /** Where the log of the last checkpoint begins. */
  readonly checkpoint: string
  readonly vacuums: number
  readonly analyses: number
}

const sql = (table: string): string => `select
  (select n_tup_ins from pg_stat_user_tables where schemaname = 'shop' and relname = '${table}') as inserted,
  blks_hit + blks_read as pages, blks_read as pages_read,
  pg_current_wal_insert_lsn() - '0/0'::pg_lsn as log_bytes, (select wal_fpi from pg_stat_wal) as page_images,
  pg_database_size(current_database()) as file_bytes, (select redo_lsn from pg_control_checkpoint()) as checkpoint,
  (select sum(autovacuum_count) from pg_stat_user_tables) as vacuums,
  (select sum(autoanalyze_count) from pg_stat_user_tables) as analyses
from pg_stat_database where datname = current_database()`

interface CountersOptions {
  readonly url: string
  /** The table of the shop whose inserted rows are counted. */
  readonly table: string
}

/** Needs Postgres 14 or later. */
export const countersOf = async ({ url, table }: CountersOptions): Promise<Counters> => {
  const [row = {}] = await query(url, sql(table))
  const number = (name: string): number => Number(row[name] ?? 0)
  return {
    inserted: number('inserted'),
    pages: number('pages'),
    pagesRead: number('pages_read'),
    logBytes: number('log_bytes'),
    pageImages: number('page_images'),
    fileBytes: number('file_bytes'),
    checkpoint: String(row['checkpoint']),
    vacuums: number('vacuums'),
    analyses: number('analyses'),
  }
}
