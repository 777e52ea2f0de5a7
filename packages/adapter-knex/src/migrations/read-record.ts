import type { Knex } from 'knex'
import { quoteSchema, tableNames } from '../database/names.js'
import { migrations } from './index.js'
import { SchemaError } from './schema-error.js'

export const recordTable = 'migrations'

/** The columns of the tables in which knex records migrations. */
const recordColumns: Readonly<Record<string, readonly string[]>> = {
  [recordTable]: ['id', 'name', 'batch', 'migration_time'],
  [`${recordTable}_lock`]: ['index', 'is_locked'],
}

const shown = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`

/** Tables and views of a schema that have a name of the shop's tables, with their columns. */
const relations = async (knex: Knex, schema: string): Promise<ReadonlyMap<string, readonly string[]>> => {
  const { rows } = await knex.raw(
    `select c.relname as name,
       array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ? and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname = any(?::text[]) order by c.relname`,
    [schema, [...tableNames, ...Object.keys(recordColumns)]],
  )
  return new Map(rows.map(({ name, columns }: { name: string; columns: string[] }) => [name, columns]))
}

const recorded = async (knex: Knex, schema: string): Promise<readonly string[]> => {
  const { rows } = await knex.raw(`select name from ${quoteSchema(schema)}.${recordTable} order by id`)
  return rows.map(({ name }: { name: string }) => name)
}

/**
 * The names of the shop's migrations that have run in this schema.
 * @throws SchemaError if a newer version has migrated it, or if it has tables of another application.
 */
export const readRecord = async (knex: Knex, schema: string): Promise<ReadonlySet<string>> => {
  const found = await relations(knex, schema)
  const foreign = Object.entries(recordColumns).find(([table, columns]) => {
    const has = found.get(table)
    return has && !columns.every((column) => has.includes(column))
  })
  if (foreign) {
    throw new SchemaError(
      'FOREIGN_MIGRATIONS',
      `the table ${schema}.${foreign[0]} belongs to another application: choose another schema for the shop`,
    )
  }
  const names = found.has(recordTable) ? await recorded(knex, schema) : []
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = names.filter((name) => !known.has(name))
  const latest = migrations.at(-1)?.name ?? ''
  if (unknown.length > 0) {
    throw unknown.every((name) => /^\d{4}_/.test(name) && name > latest) &&
      [...known].every((name) => names.includes(name))
      ? new SchemaError(
          'NEWER_VERSION',
          `the schema ${schema} was migrated by a newer version (${shown(unknown)}): run that version, or a later one`,
        )
      : new SchemaError(
          'FOREIGN_MIGRATIONS',
          `the table ${schema}.${recordTable} records migrations of another application (${shown(unknown)}): choose another schema for the shop`,
        )
  }
  const taken = tableNames.filter((name) => found.has(name))
  if (names.length === 0 && taken.length > 0) {
    throw new SchemaError(
      'FOREIGN_TABLES',
      `the schema ${schema} has tables that the shop did not make (${shown(taken)}): choose another schema for the shop, or rename them`,
    )
  }
  return new Set(names)
}
