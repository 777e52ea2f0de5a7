import { migrate } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const tablesIn = (schema: string): Promise<string[]> =>
  database.knex('pg_tables').where({ schemaname: schema }).orderBy('tablename').pluck('tablename')

describe('a schema that cannot be migrated', () => {
  const failure = async (): Promise<{ name: string; code: string; message: string }> => {
    try {
      await migrate(database.knex)
    } catch (error) {
      return error as never
    }
    throw new Error('it was migrated')
  }

  test('was migrated by a newer version', async () => {
    await migrate(database.knex)
    await database.knex('shop.migrations').insert({ name: '0099_more', batch: 2, migration_time: new Date() })
    expect(await failure()).toMatchObject({
      name: 'SchemaError',
      code: 'NEWER_VERSION',
      message: 'the schema shop was migrated by a newer version (0099_more): run that version, or a later one',
    })
  })

  test.each([
    ['has other columns', 'create table shop.migrations (version int)', 'belongs to another application'],
    [
      'has a lock table with other columns',
      'create table shop.migrations_lock (owner text)',
      'shop.migrations_lock belongs to another application',
    ],
    [
      'records other names',
      `create table shop.migrations (id serial, name text, batch int, migration_time timestamptz);
       insert into shop.migrations (name, batch) values ('20250101_users.js', 1), ('20250102_posts.js', 1)`,
      'records migrations of another application (20250101_users.js, 20250102_posts.js)',
    ],
    [
      'records a later name, but not those of the shop',
      `create table shop.migrations (id serial, name text, batch int, migration_time timestamptz);
       insert into shop.migrations (name, batch) values ('0099_more', 1)`,
      'records migrations of another application (0099_more)',
    ],
  ])('has a table of migrations that %s', async (_, sql, message) => {
    await database.knex.raw(`create schema shop; ${sql}`)
    const before = await tablesIn('shop')
    const error = await failure()
    expect(error).toMatchObject({ name: 'SchemaError', code: 'FOREIGN_MIGRATIONS' })
    expect(error.message).toContain(message)
    expect(error.message).not.toContain('\n')
    expect(await tablesIn('shop')).toEqual(before)
  })

  test("has tables or views of another application with the shop's names", async () => {
    await database.knex.raw(
      `create schema shop; create view shop.wallets as select 1 as one;
       create table shop.orders (id int); create table shop.coupons (id int); create table shop.events (id int)`,
    )
    expect(await failure()).toMatchObject({
      name: 'SchemaError',
      code: 'FOREIGN_TABLES',
      message:
        'the schema shop has tables that the shop did not make (wallets, coupons, orders and 1 more): choose another schema for the shop, or rename them',
    })
    expect(await tablesIn('shop')).toEqual(['coupons', 'events', 'orders'])
  })

  test('is not one with unrelated tables', async () => {
    await database.knex.raw('create schema shop; create table shop.customers (id int)')
    await migrate(database.knex)
    expect(await tablesIn('shop')).toEqual(expect.arrayContaining(['customers', 'wallets']))
  })
})
