import { knexLocks } from '@shop/adapter-knex'
import { describeLocks, describeStore } from '@shop/core/conformance'
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
  knexHarness(() => database, { name: 'Postgres at READ COMMITTED', connections: 6 }),
  { effort: 0.35 },
)

describeLocks(
  { describe, it },
  {
    name: 'a lease row in Postgres',
    async create() {
      await database.clear()
      const [first, second] = [knexLocks(database.connect()), knexLocks(database.connect())]
      return { first, second, close: async () => {} }
    },
  },
)
