import { describeStore } from '@shop/core/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openShopDatabase, type ShopDatabase } from '../support/open-shop-database.js'
import { knexHarness } from './knex-harness.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

describeStore(
  { describe, it },
  knexHarness(() => database, { name: 'Postgres at SERIALIZABLE', isolation: 'serializable', connections: 6 }),
  { effort: 0.25 },
)

// A query that left its transaction would wait for ever for a second connection.
describeStore(
  { describe, it },
  knexHarness(() => database, { name: 'Postgres over one connection', connections: 1 }),
  { effort: 0.15 },
)
