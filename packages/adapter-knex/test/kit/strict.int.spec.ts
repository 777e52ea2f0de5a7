import { describeStore } from '@shop/core/conformance'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openShopDatabase, type ShopDatabase } from '../support/open-shop-database.js'
import type { Tamper } from '../support/tamper.js'
import { knexHarness } from './knex-harness.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

describeStore(
  { describe, it },
  knexHarness(() => database, { name: 'Postgres at SERIALIZABLE', isolation: 'serializable', connections: 6 }),
  { effort: 0.15 },
)

const seed = Number(process.env['SHOP_TEST_SEED'] ?? Date.now() % 1_000_000)

/** Delays every third commit, so that others meet its locks. */
const holdingCommits = (): Tamper => {
  let chance = seed
  return async (query, send) => {
    chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0
    if (query.text === 'commit' && chance % 3 === 0) await new Promise((resolve) => setTimeout(resolve, chance % 25))
    return send(query)
  }
}

describeStore(
  { describe, it },
  knexHarness(() => database, {
    name: `Postgres with commits that are held back (seed ${seed})`,
    connections: 6,
    pipeline: false,
    tamper: holdingCommits,
  }),
  { effort: 0.1 },
)

// A query outside its transaction would wait forever for a second connection.
describeStore(
  { describe, it },
  knexHarness(() => database, { name: 'Postgres over one connection', connections: 1 }),
  { effort: 0.1 },
)
