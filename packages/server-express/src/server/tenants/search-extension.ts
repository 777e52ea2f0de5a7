import type { Knex } from 'knex'

/** Whether this user may put a trusted extension that is not installed into the schema `public`. */
const mayInstall = `select from pg_available_extension_versions v
  join pg_available_extensions e on e.name = v.name and e.default_version = v.version
  where e.name = 'pg_trgm' and e.installed_version is null and v.trusted
    and has_database_privilege(current_database(), 'create')
    and to_regnamespace('public') is not null and has_schema_privilege('public', 'create')`

/**
 * Installs `pg_trgm` for all shops of a database, if this user may. Otherwise the tables of the first shop would
 * bring it into the schema of that shop, and it would end with that shop.
 */
export const shareSearchExtension = async (knex: Knex): Promise<void> => {
  const { rows } = await knex.raw(mayInstall)
  if (rows.length > 0) await knex.raw('create extension if not exists pg_trgm with schema public')
}

/** Takes the extension out of the schema of a shop that leaves the database. */
export const releaseSearchExtension = async (knex: Knex, schema: string): Promise<void> => {
  const { rows } = await knex.raw(
    `select from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm' and n.nspname = ?`,
    [schema],
  )
  if (rows.length > 0) await knex.raw('alter extension pg_trgm set schema public')
}
