import { postgresStore, type WithinConnection } from '@shop/adapter-knex'
import { describeWithin, startOfHistory } from '@shop/core/conformance'
import type { Clock } from '@shop/core/store'
import { manualClock } from '@shop/core/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { peek } from '../kit/knex-harness.js'
import { openShopDatabase, type ShopDatabase } from '../support/open-shop-database.js'
import { type Builder, builders } from '../support/query-builders.js'

let database: ShopDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await openShopDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 6 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

let own: Clock = manualClock(startOfHistory)
const clock: Clock = { now: () => own.now() }

describe.each(Object.entries(builders))('%s', (name, open) => {
  let builder: Builder

  beforeAll(async () => {
    builder = await open(database.url)
  })
  afterAll(() => builder.close())

  describeWithin<WithinConnection>(
    { describe, it },
    {
      name,
      async create({ clock: wanted }) {
        await database.clear()
        own = wanted
        return {
          store: postgresStore(pool, { clock }),
          another: async () => postgresStore(pool, { clock }),
          reopen: async () => postgresStore(pool, { clock }),
          transaction: (work) => builder.transaction(work),
          peek: () => peek(database.knex),
          close: async () => {},
        }
      },
    },
  )
})
