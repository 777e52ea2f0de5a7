import type { Knex } from 'knex'
import { migrationSource } from '../../src/migrations/index.js'

/** Brings the database to the schema of an earlier version: the one with only these migrations. */
export const migrateAsBefore = async (knex: Knex, isIncluded: (name: string) => boolean): Promise<void> => {
  await knex.raw('create schema if not exists shop')
  const { getMigrations, ...source } = migrationSource('"shop"')
  await knex.migrate.latest({
    schemaName: 'shop',
    tableName: 'migrations',
    migrationSource: {
      ...source,
      getMigrations: async (extensions) => (await getMigrations(extensions)).filter(({ name }) => isIncluded(name)),
    },
  })
}
