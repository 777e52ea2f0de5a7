import { readFileSync } from 'node:fs'
import { knexStore, migrate } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { foldName } from '@shop/core/store'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refoldNames } from '../src/migrations/0004-refold-names.js'
import { migrations } from '../src/migrations/index.js'
import { migrateAsBefore } from './support/migrate-as-before.js'
import { lockWaits } from './support/open-shop-database.js'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

describe('the migration that folds names again', () => {
  interface Release {
    readonly migrations: readonly string[]
    readonly products: readonly (Record<string, unknown> & { name: string; product_id: string })[]
  }
  /** Written by the version whose last migration was 0003. */
  const release: Release = JSON.parse(readFileSync(new URL('fixtures/products-of-0003.json', import.meta.url), 'utf8'))

  const migrateToRelease = async (): Promise<void> => {
    await migrateAsBefore(database.knex, (name) => release.migrations.includes(name))
    expect(await database.knex('shop.migrations').pluck('name').orderBy('id')).toEqual(release.migrations)
  }

  const staleNames = async (): Promise<string[]> => {
    const rows: { name: string; folded_name: string }[] = await database.knex('shop.products').orderBy('product_id')
    return rows.filter(({ name, folded_name }) => folded_name !== foldName(name)).map(({ name }) => name)
  }

  test('are found in a shop of the previous release, which keeps all other data', async () => {
    await migrateToRelease()
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
    expect(kept).toMatchObject(
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
    // Ids that are refused now can still be read and listed.
    expect((await shop.products.list({ page: 0, size: 100 })).products.map(({ productId }) => productId)).toEqual(
      expect.arrayContaining(['.', '..']),
    )
    await shop.close()
  })

  test('of many products are written in short transactions while other servers sell', async () => {
    await migrateToRelease()
    await database.knex.raw(
      `insert into shop.products (product_id, name, folded_name, price, listed, supplied, stock, held, created_at)
       select 'p' || lpad(number::text, 5, '0'), 'Straße ' || number, 'straße ' || number, 1, true, 1000, 1000, 0, now()
       from generate_series(1, 5000) number`,
    )
    const seller = await database.knex.transaction()
    await seller.raw(`select from shop.products where product_id = 'p00001' for update`)

    const migrated = migrate(database.knex)
    // All rows but the one being sold are committed, although the migration still waits for that one.
    await expect.poll(staleNames, { timeout: 20_000 }).toEqual(['Straße 1'])
    await expect.poll(() => lockWaits(database.knex), { timeout: 20_000 }).toBe(1)
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

  test('may be prepared by several servers at once, and again after an interruption', async () => {
    await migrateToRelease()
    await database.knex('shop.products').insert(release.products)
    const { prepare } = refoldNames
    await Promise.all([1, 2, 3].map(() => prepare?.(database.knex, '"shop"')))
    expect(await staleNames()).toEqual([])
    await Promise.all([1, 2, 3].map(() => migrate(database.knex)))
    expect(await database.knex('shop.migrations').pluck('name').orderBy('id')).toEqual(
      migrations.map(({ name }) => name),
    )
  })
})
