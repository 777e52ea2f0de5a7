import { readFileSync } from 'node:fs'
import { knexConnection, knexStore, migrate, migrateDown } from '@shop/adapter-knex'
import { createShop, foldName } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrationSource, migrations } from '../src/migrations/index.js'

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
  test('makes the tables, once', async () => {
    await migrate(database.knex)
    const made = await tablesIn('shop')
    expect(made).toContain('wallets')
    expect(made).toHaveLength(17)
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

  test('down takes everything back, and up makes it anew', async () => {
    await migrate(database.knex)
    const made = await tablesIn('shop')
    await migrateDown(database.knex)
    expect(await tablesIn('shop')).toEqual([])
    await migrate(database.knex)
    expect(await tablesIn('shop')).toEqual(made)
  })

  test('keeps several shops apart in one database', async () => {
    await Promise.all(['shop', 'Second_Shop'].map((schema) => migrate(database.knex, { schema })))
    await migrateDown(database.knex)
    expect(await tablesIn('shop')).toEqual([])
    expect(await tablesIn('Second_Shop')).toContain('wallets')
  })

  test('refuses what is not a plain name for a schema', async () => {
    for (const schema of ['', 'pg_shop', 'a"b', 'a;b', 'x'.repeat(64), 'shop.wallets']) {
      await expect(migrate(database.knex, { schema }), schema).rejects.toThrow(TypeError)
    }
  })

  test('fails as a whole, and can be tried again', async () => {
    await database.knex.raw('create schema shop; create table shop.wallets (mine int)')
    await expect(migrate(database.knex)).rejects.toThrow('has tables that the shop did not make (wallets)')
    await database.knex.raw('drop table shop.wallets')
    await migrate(database.knex)
    expect(await tablesIn('shop')).toHaveLength(17)
  })

  test('leaves hot rows room, so that a rush of updates touches no index', async () => {
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
    // So few that they fit without anything being tidied up, which a snapshot of somebody else could put off.
    for (let round = 0; round < 3; round += 1) await database.knex.raw('update shop.products set stock = stock - 1')
    expect(await bytes('shop.products_pkey')).toBe(before)
  })

  test('every migration says what it is for', () => {
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

  test('is there where the server has trigrams', async () => {
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

  test('is left out for a user who may not install the extension', async () => {
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

describe('a schema that is not ours to migrate', () => {
  const failure = async (): Promise<{ name: string; code: string; message: string }> => {
    try {
      await migrate(database.knex)
    } catch (error) {
      return error as never
    }
    throw new Error('it was migrated')
  }

  test('is one that a newer version has migrated', async () => {
    await migrate(database.knex)
    await database.knex('shop.migrations').insert({ name: '0099_more', batch: 2, migration_time: new Date() })
    expect(await failure()).toMatchObject({
      name: 'SchemaError',
      code: 'NEWER_VERSION',
      message: 'the schema shop was migrated by a newer version (0099_more): run that version, or a later one',
    })
  })

  test.each([
    ['has other columns', 'create table shop.migrations (version int)', 'belongs to something else'],
    [
      'has a lock of other columns',
      'create table shop.migrations_lock (owner text)',
      'shop.migrations_lock belongs to something else',
    ],
    [
      'records other names',
      `create table shop.migrations (id serial, name text, batch int, migration_time timestamptz);
       insert into shop.migrations (name, batch) values ('20250101_users.js', 1), ('20250102_posts.js', 1)`,
      'records migrations of something else (20250101_users.js, 20250102_posts.js)',
    ],
    [
      'records a later name, but not ours',
      `create table shop.migrations (id serial, name text, batch int, migration_time timestamptz);
       insert into shop.migrations (name, batch) values ('0099_more', 1)`,
      'records migrations of something else (0099_more)',
    ],
  ])('is one whose table of migrations %s', async (_, sql, message) => {
    await database.knex.raw(`create schema shop; ${sql}`)
    const before = await tablesIn('shop')
    const error = await failure()
    expect(error).toMatchObject({ name: 'SchemaError', code: 'FOREIGN_MIGRATIONS' })
    expect(error.message).toContain(message)
    expect(error.message).not.toContain('\n')
    expect(await tablesIn('shop')).toEqual(before)
  })

  test('is one in which somebody else has tables, or views, of our names', async () => {
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

  test('is not one that has other tables besides', async () => {
    await database.knex.raw('create schema shop; create table shop.customers (id int)')
    await migrate(database.knex)
    expect(await tablesIn('shop')).toHaveLength(18)
  })
})

describe('names folded anew', () => {
  interface Release {
    readonly migrations: readonly string[]
    readonly products: readonly (Record<string, unknown> & { name: string; product_id: string })[]
  }
  /** Written by the version whose last migration was 0003. */
  const release: Release = JSON.parse(readFileSync(new URL('fixtures/products-of-0003.json', import.meta.url), 'utf8'))

  const migrateAsBefore = async (): Promise<void> => {
    await database.knex.raw('create schema shop')
    const { getMigrations, ...source } = migrationSource('"shop"')
    await database.knex.migrate.latest({
      schemaName: 'shop',
      tableName: 'migrations',
      migrationSource: {
        ...source,
        getMigrations: async (extensions) =>
          (await getMigrations(extensions)).filter(({ name }) => release.migrations.includes(name)),
      },
    })
    expect(await database.knex('shop.migrations').pluck('name').orderBy('id')).toEqual(release.migrations)
  }

  const staleNames = async (): Promise<string[]> => {
    const rows: { name: string; folded_name: string }[] = await database.knex('shop.products').orderBy('product_id')
    return rows.filter(({ name, folded_name }) => folded_name !== foldName(name)).map(({ name }) => name)
  }

  test('are found in a shop that the release before has filled, which keeps all else', async () => {
    await migrateAsBefore()
    await database.knex('shop.products').insert(release.products)
    expect(await staleNames()).not.toEqual([])
    const versions = async () =>
      new Map(
        (await database.knex('shop.products').select('product_id', database.knex.raw('xmin::text'))).map((row) => [
          row.product_id,
          row.xmin,
        ]),
      )
    const before = await versions()

    await migrate(database.knex)

    expect(await staleNames()).toEqual([])
    const kept = await database.knex('shop.products').orderBy('product_id')
    expect(kept).toEqual(
      release.products.map(({ created_at, ...product }) => ({
        ...product,
        folded_name: foldName(product.name),
        created_at: new Date(created_at as string),
      })),
    )
    const after = await versions()
    const written = [...after].filter(([id, version]) => before.get(id) !== version).map(([id]) => id)
    const changed = release.products.filter(({ name, folded_name }) => foldName(name) !== folded_name)
    expect(written.sort()).toEqual(changed.map(({ product_id }) => product_id).sort())

    const shop = createShop({ store: knexStore(database.knex) })
    const find = async (keyword: string) =>
      (await shop.products.list({ page: 0, size: 100, keyword })).products.map(({ name }) => name).sort()
    expect(await find('strasse')).toEqual(['STRASSE 7'])
    expect(await find('GROSSE')).toEqual(['GROẞE KANNE'])
    expect(await find('istanbul')).toEqual(['İstanbul'])
    expect(await find('ıSIR')).toEqual(['ISIRGAN'])
    expect(await find('ΑΙΔ')).toEqual(['ᾳδω'])
    // Ids that are refused today are still shown, and can be listed.
    expect((await shop.products.list({ page: 0, size: 100 })).products.map(({ productId }) => productId)).toEqual(
      expect.arrayContaining(['.', '..']),
    )
    await shop.close()
  })

  test('of many products are written in short transactions, while other servers sell', async () => {
    await migrateAsBefore()
    await database.knex.raw(
      `insert into shop.products (product_id, name, folded_name, price, listed, supplied, stock, held, created_at)
       select 'p' || lpad(number::text, 5, '0'), 'Straße ' || number, 'straße ' || number, 1, true, 1000, 1000, 0, now()
       from generate_series(1, 5000) number`,
    )
    const seller = await database.knex.transaction()
    await seller.raw(`select from shop.products where product_id = 'p00001' for update`)

    const migrated = migrate(database.knex)
    // All but the row that is being sold are committed, although the migration still waits for that one.
    await expect.poll(staleNames, { timeout: 20_000 }).toEqual(['Straße 1'])
    await expect
      .poll(
        async () =>
          (
            await database.knex.raw(
              `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
            )
          ).rows.length,
        { timeout: 20_000 },
      )
      .toBe(1)
    const { rows } = await database.knex.raw(
      `select count(*)::int as free from (select from shop.products for update skip locked) unlocked`,
    )
    expect(rows[0].free).toBe(4_999)
    await seller.raw(`update shop.products set stock = stock - 1 where product_id = 'p00001'`)
    await seller.commit()

    await migrated
    expect(await staleNames()).toEqual([])
    expect(await database.knex('shop.products').where('product_id', 'p00001').pluck('stock')).toEqual(['999'])
  })

  test('may be prepared by several servers at once, and again after one of them broke off', async () => {
    await migrateAsBefore()
    await database.knex('shop.products').insert(release.products)
    const prepare = migrations.at(-1)?.prepare
    await Promise.all([1, 2, 3].map(() => prepare?.(database.knex, '"shop"')))
    expect(await staleNames()).toEqual([])
    await Promise.all([1, 2, 3].map(() => migrate(database.knex)))
    expect(await database.knex('shop.migrations').pluck('name').orderBy('id')).toEqual(
      migrations.map(({ name }) => name),
    )
  })
})
