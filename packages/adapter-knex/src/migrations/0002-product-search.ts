import type { Knex } from 'knex'
import type { Migration } from './migration.js'

const index = 'products_search'

/** The schema in which the extension is installed, quoted. */
const trigramSchema = async (trx: Knex): Promise<string | undefined> => {
  const { rows } = await trx.raw(
    `select quote_ident(n.nspname) as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace
     where e.extname = 'pg_trgm' and has_schema_privilege(n.oid, 'usage')`,
  )
  return rows[0]?.schema
}

/** A user with the privilege CREATE on the database may install trusted extensions. */
const mayInstall = async (trx: Knex): Promise<boolean> => {
  const { rows } = await trx.raw(
    `select from pg_available_extension_versions v join pg_available_extensions e on e.name = v.name and e.default_version = v.version
     where e.name = 'pg_trgm' and e.installed_version is null
       and (v.trusted and has_database_privilege(current_database(), 'create')
         or (select rolsuper from pg_roles where rolname = current_user))`,
  )
  return rows.length > 0
}

export const productSearch: Migration = {
  name: '0002_product_search',
  sentence:
    'Makes searching products by a part of their name fast, where the server has pg_trgm; elsewhere it stays a scan.',
  async up(trx, schema) {
    if (await mayInstall(trx)) await trx.raw(`create extension pg_trgm with schema ${schema}`)
    const extension = await trigramSchema(trx)
    if (extension === undefined) return
    await trx.raw(
      `create index ${index} on ${schema}.products using gin (folded_name ${extension}.gin_trgm_ops) where listed`,
    )
  },
  /** Keeps the extension, because others may use it. */
  async down(trx, schema) {
    await trx.raw(`drop index if exists ${schema}.${index}`)
  },
}
