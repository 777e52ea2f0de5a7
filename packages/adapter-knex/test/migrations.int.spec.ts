import { knexConnection, migrate, migrateDown } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.js'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const tablesIn = async (schema: string): Promise<string[]> => {
  const { rows } = await database.knex.raw(
    `select tablename from pg_tables where schemaname = ? and tablename not like 'migrations%' order by tablename`,
    [schema],
  )
  return rows.map(({ tablename }: { tablename: string }) => tablename)
}

describe('migrating', () => {
  test('creates the tables once', async () => {
    await migrate(database.knex)
    const made = await tablesIn('shop')
    expect(made).toContain('wallets')
    expect(made).toHaveLength(20)
    await migrate(database.knex)
    expect(await tablesIn('shop')).toEqual(made)
    expect(await database.knex('shop.migrations').pluck('name').orderBy('id')).toEqual(
      migrations.map(({ name }) => name),
    )
  })

  test('works from five servers at once', async () => {
    const servers = Array.from({ length: 5 }, () => knexConnection(database.url))
    await Promise.all(servers.map((server) => migrate(server)))
    expect(await database.knex('shop.migrations').pluck('name')).toHaveLength(migrations.length)
    await Promise.all(servers.map((server) => server.destroy()))
  })

  test('down removes everything, and up creates it again', async () => {
    await migrate(database.knex)
    const made = await tablesIn('shop')
    await migrateDown(database.knex)
    expect(await tablesIn('shop')).toEqual([])
    await migrate(database.knex)
    expect(await tablesIn('shop')).toEqual(made)
  })

  test('separates several shops in one database', async () => {
    await Promise.all(['shop', 'Second_Shop'].map((schema) => migrate(database.knex, { schema })))
    await migrateDown(database.knex)
    expect(await tablesIn('shop')).toEqual([])
    expect(await tablesIn('Second_Shop')).toContain('wallets')
  })

  test('refuses a schema that is not a plain name', async () => {
    for (const schema of ['', 'pg_shop', 'a"b', 'a;b', 'x'.repeat(64), 'shop.wallets']) {
      await expect(migrate(database.knex, { schema }), schema).rejects.toThrow(TypeError)
    }
  })

  test('fails as a whole, and can be retried', async () => {
    await database.knex.raw('create schema shop; create table shop.wallets (mine int)')
    await expect(migrate(database.knex)).rejects.toThrow('has tables that the shop did not make (wallets)')
    await database.knex.raw('drop table shop.wallets')
    await migrate(database.knex)
    expect(await tablesIn('shop')).toHaveLength(20)
  })

  test('leaves room for updates of hot rows, so that they change no index', async () => {
    await migrate(database.knex)
    await database.knex.raw(
      `insert into shop.products (product_id, name, folded_name, price, listed, supplied, stock, held, created_at)
       select 'p' || number, 'name', 'name', 1, true, 1000, 1000, 0, now() from generate_series(1, 1000) number`,
    )
    const bytes = async (relation: string) => {
      const { rows } = await database.knex.raw('select pg_relation_size(?::regclass)::int as bytes', [relation])
      return rows[0].bytes as number
    }
    const before = await bytes('shop.products_pkey')
    // So few that they fit without a cleanup of dead rows, which another transaction's snapshot could delay.
    for (let round = 0; round < 3; round += 1) await database.knex.raw('update shop.products set stock = stock - 1')
    expect(await bytes('shop.products_pkey')).toBe(before)
  })

  test('every migration states its purpose', () => {
    for (const { sentence, name } of migrations) expect(sentence, name).toMatch(/^[A-Z].*\.$/)
  })
})

describe('the search index', () => {
  const searchIndex = async (schema = 'shop') => {
    const { rows } = await database.knex.raw(
      `select indexdef from pg_indexes where schemaname = ? and indexname = 'products_search'`,
      [schema],
    )
    return rows[0]?.indexdef as string | undefined
  }

  const hasTrigrams = async () =>
    (await database.knex.raw(`select from pg_available_extensions where name = 'pg_trgm'`)).rows.length > 0

  test('exists if the server has trigrams', async () => {
    await migrate(database.knex)
    if (await hasTrigrams()) expect(await searchIndex()).toContain('gin_trgm_ops')
    else expect(await searchIndex()).toBeUndefined()
  })

  test('uses trigrams that are installed elsewhere', async () => {
    if (!(await hasTrigrams())) return
    await database.knex.raw('create schema "Extensions"; create extension pg_trgm with schema "Extensions"')
    await migrate(database.knex)
    expect(await searchIndex()).toContain('"Extensions".gin_trgm_ops')
  })

  test('is omitted for a user without the privilege to install the extension', async () => {
    const role = `plain_${Date.now()}`
    await database.knex.raw(`create role ${role} login password 'secret'; create schema shop authorization ${role}`)
    const { rows } = await database.knex.raw('select current_database() as name')
    await database.knex.raw(`revoke create on database ${rows[0].name} from ${role}`)
    const url = new URL(database.url)
    url.username = role
    url.password = 'secret'
    const plain = knexConnection(url.href)
    await migrate(plain)
    expect(await searchIndex()).toBeUndefined()
    await plain.destroy()
    await database.knex.raw(`drop owned by ${role} cascade; drop role ${role}`)
  })
})
