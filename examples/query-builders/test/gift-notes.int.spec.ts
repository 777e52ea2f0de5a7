import { PrismaPg } from '@prisma/adapter-pg'
import { migrate, postgresStore, type WithinConnection } from '@shop/adapter-knex'
import { createShop, type OrderView, type Outcome, type PlaceOrder, type Shop } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { drizzle } from 'drizzle-orm/node-postgres'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import postgres from 'postgres'
import { DataSource } from 'typeorm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PrismaClient } from '#prisma'
import { orderOverDrizzle } from '../src/drizzle.js'
import { orderOverKysely, type Tables } from '../src/kysely.js'
import { orderOverPg } from '../src/pg.js'
import { orderOverPostgresJs } from '../src/postgres-js.js'
import { orderOverPrisma } from '../src/prisma.js'
import { giftNotes, orderOverTypeorm } from '../src/typeorm.js'

let database: FreshDatabase
let pool: pg.Pool
let shop: Shop<WithinConnection>

beforeAll(async () => {
  database = await freshDatabase()
  pool = new pg.Pool({ connectionString: database.url })
  await migrate(pool)
  await pool.query(
    'create table public.gift_notes (order_id text primary key, note text not null check (length(note) < 100))',
  )
  shop = createShop({ store: postgresStore(pool) })
  await shop.products.create({ productId: 'mug', name: 'Mug', price: 10_000, stock: 12 })
})
afterAll(async () => {
  await shop.close()
  await pool.end()
  await database.drop()
})

type Order = (order: PlaceOrder, note: string) => Promise<Outcome<OrderView>>

interface Opened {
  readonly order: Order
  close(): Promise<unknown>
}

const builders: Readonly<Record<string, () => Opened | Promise<Opened>>> = {
  pg: () => ({ order: (order, note) => orderOverPg(pool, shop, order, note), close: async () => {} }),
  Drizzle() {
    const db = drizzle(pool)
    return { order: (order, note) => orderOverDrizzle(db, shop, order, note), close: async () => {} }
  },
  Kysely() {
    const own = new pg.Pool({ connectionString: database.url })
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: own }) })
    return { order: (order, note) => orderOverKysely(db, shop, order, note), close: () => db.destroy() }
  },
  Prisma() {
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url }) })
    return { order: (order, note) => orderOverPrisma(prisma, shop, order, note), close: () => prisma.$disconnect() }
  },
  async TypeORM() {
    const source = await new DataSource({ type: 'postgres', url: database.url, entities: [giftNotes] }).initialize()
    return { order: (order, note) => orderOverTypeorm(source, shop, order, note), close: () => source.destroy() }
  },
  'postgres.js'() {
    const db = postgres(database.url)
    return { order: (order, note) => orderOverPostgresJs(db, shop, order, note), close: () => db.end() }
  },
}

describe.each(Object.entries(builders))('an order and a gift note over %s', (name, open) => {
  let opened: Opened

  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const userId = `user-of-${name}`
  const buy = (productId: string, note: string) =>
    opened.order({ userId, products: [{ productId, quantity: 1 }] }, note)
  const notes = async (orderId: string): Promise<readonly string[]> =>
    (await pool.query('select note from gift_notes where order_id = $1', [orderId])).rows.map(({ note }) => note)
  const orders = async () => (await shop.orders.list({ userId })).items

  test('are written together', async () => {
    const placed = await buy('mug', 'For you')
    expect(placed).toMatchObject({ ok: true, result: { status: 'pending' } })
    expect(await notes(placed.ok ? placed.result.orderId : '')).toEqual(['For you'])
    expect(await orders()).toHaveLength(1)
  })

  test('are both not written if the note is not accepted', async () => {
    await expect(buy('mug', 'x'.repeat(100))).rejects.toThrow()
    expect(await orders()).toHaveLength(1)
  })

  test('are both not written if the shop refuses the order', async () => {
    expect(await buy('cup', 'For you')).toMatchObject({ ok: false, refusal: { code: 'PRODUCT_NOT_FOUND' } })
    expect(await orders()).toHaveLength(1)
  })
})

test('nothing else was written', async () => {
  expect((await pool.query('select from gift_notes')).rowCount).toBe(6)
  expect(await shop.products.find({ productId: 'mug' })).toMatchObject({ stock: 6 })
  expect(await shop.audit()).toMatchObject({ ok: true })
})
