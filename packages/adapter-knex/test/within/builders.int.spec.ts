import { postgresStore, type WithinConnection } from '@shop/adapter-knex'
import { type PgClient, pgWithin } from '@shop/adapter-knex/within/pg'
import { createShop } from '@shop/core'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { look, openShopDatabase, put, type ShopDatabase } from '../support/open-shop-database.js'
import { type Builder, builders } from '../support/query-builders.js'
import { holdOf, walletOf } from '../support/rows.js'

let database: ShopDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await openShopDatabase()
  await database.knex.raw('create table notes (text text primary key)')
  pool = new pg.Pool({ connectionString: database.url, max: 4 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})
beforeEach(async () => {
  await database.clear()
  await database.knex.raw('truncate notes')
})

const store = () => postgresStore(pool)
const insert = (tx: WithinConnection, userId: string) =>
  put(store().within(tx), { inserted: { wallets: [walletOf(userId)] } })
const wallets = async () =>
  (await look(store(), { lock: { wallets: ['ann', 'bob'] } })).wallets.map(({ userId }) => userId)
const notes = () => database.knex('notes').pluck('text')

describe.each(Object.entries(builders))('a transaction of %s', (_, open) => {
  let builder: Builder

  beforeAll(async () => {
    builder = await open(database.url)
  })
  afterAll(() => builder.close())

  test("commits the host's rows and ours together", async () => {
    await builder.transaction(async (tx, sql) => {
      await sql(`insert into notes values ('before')`)
      await insert(tx, 'ann')
      expect(await wallets()).toEqual([])
      await sql(`insert into notes values ('after')`)
    })
    expect([await wallets(), await notes()]).toEqual([['ann'], ['before', 'after']])
  })

  test('returns the rows of a statement that writes', async () => {
    await builder.transaction(async (tx) => {
      const insert = 'insert into notes select text from unnest($1::text[]) u(text) returning text, null, length(text)'
      expect(await tx.query(insert, ['{a,"b c"}'])).toEqual([
        ['a', null, '1'],
        ['b c', null, '3'],
      ])
    })
    expect(await notes()).toEqual(['a', 'b c'])
  })

  test('rolls back with the host', async () => {
    const rolledBack = builder.transaction(async (tx, sql) => {
      await insert(tx, 'ann')
      await sql(`insert into notes values ('gone')`)
      throw new Error('changed my mind')
    })
    await expect(rolledBack).rejects.toThrow('changed my mind')
    expect([await wallets(), await notes()]).toEqual([[], []])
  })

  test('goes on after a command that the database refuses', async () => {
    await builder.transaction(async (tx, sql) => {
      await sql(`insert into notes values ('before')`)
      const broken = { inserted: { wallets: [walletOf('ann')], holds: [holdOf('o', 'p', { quantity: 0 })] } }
      await expect(put(store().within(tx), broken)).rejects.toMatchObject({ kind: 'rejected' })
      await insert(tx, 'bob')
      await sql(`insert into notes values ('went on')`)
    })
    expect([await wallets(), await notes()]).toEqual([['bob'], ['before', 'went on']])
  })

  test('refuses to work outside a transaction', () => {
    expect(() => builder.outside()).toThrow(TypeError)
  })

  test('refuses commands and reads after its end', async () => {
    const shop = createShop({ store: store() })
    let ended: WithinConnection | undefined
    const before = await builder.transaction(async (tx) => {
      ended = tx
      await shop.within(tx).balance.charge({ userId: 'ann', amount: 10_000 })
      return store().within(tx)
    })
    await expect(before.outlines(['o1'])).rejects.toThrow()
    await expect(
      shop.within(ended as WithinConnection).balance.charge({ userId: 'ann', amount: 1 }),
    ).rejects.toMatchObject({ name: 'StoreError' })
    expect((await look(store(), { lock: { wallets: ['ann'] } })).wallets).toMatchObject([{ balance: 10_000 }])
  })

  test('rejects as the database does if the caller has already broken it', async () => {
    const broken = builder.transaction(async (tx, sql) => {
      await sql('select 1 / 0').catch(() => {})
      await insert(tx, 'ann')
    })
    await expect(broken).rejects.toThrow()
    expect(await wallets()).toEqual([])
  })
})

describe('a client of pg', () => {
  let client: pg.PoolClient

  beforeEach(async () => {
    client = await pool.connect()
    return () => client.release()
  })

  const outside = { kind: 'rejected', message: expect.stringContaining('not in a transaction: begin one') }

  test('that is in no transaction is refused, for commands and for reads', async () => {
    const joined = () => store().within(pgWithin(client))
    await expect(insert(pgWithin(client), 'ann')).rejects.toMatchObject(outside)
    await expect(joined().outlines(['o1'])).rejects.toMatchObject(outside)
    await expect(joined().reads.order('o1')).rejects.toMatchObject(outside)
    expect(await wallets()).toEqual([])
  })

  test('is taken without pgWithin, too', async () => {
    await client.query('begin')
    await put(store().within(client), { inserted: { wallets: [walletOf('ann')] } })
    await client.query('commit')
    expect(await wallets()).toEqual(['ann'])
    await expect(put(store().within(client), { inserted: { wallets: [walletOf('bob')] } })).rejects.toMatchObject(
      outside,
    )
  })

  test('that is in another transaction by now is refused', async () => {
    await client.query('begin')
    const first = store().within(client)
    await put(first, { inserted: { wallets: [walletOf('ann')] } })
    await client.query('commit')
    await client.query('begin')
    const complete = { kind: 'rejected', message: expect.stringContaining('complete') }
    await expect(put(first, { inserted: { wallets: [walletOf('bob')] } })).rejects.toMatchObject(complete)
    await expect(first.reads.order('o1')).rejects.toMatchObject(complete)
    await client.query('commit')
    expect(await wallets()).toEqual(['ann'])
  })

  test('that is none is refused', () => {
    for (const wrong of [undefined, {}, pool, 'client']) expect(() => pgWithin(wrong as PgClient)).toThrow(TypeError)
    for (const wrong of [{}, database.knex]) expect(() => store().within(wrong as never)).toThrow(TypeError)
  })
})
