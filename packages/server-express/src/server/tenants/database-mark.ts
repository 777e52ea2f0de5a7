import type { Knex } from 'knex'

/**
 * A text that two connections share only if they lead to the same database, whatever their URLs say. Any role may read
 * it. It changes when Postgres starts: compare marks of one moment only.
 */
export const databaseMark = async (knex: Knex): Promise<string> => {
  const { rows } = await knex.raw(
    `select concat_ws(' ', oid, datname, extract(epoch from pg_postmaster_start_time())) as mark
     from pg_database where datname = current_database()`,
  )
  return rows[0].mark
}
