import { auditStore, createShop, presets } from '@shop/core'
import { freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { knexConnection, knexStore, migrate } from '@shop/adapter-knex'

let db: Awaited<ReturnType<typeof freshDatabase>>
beforeAll(async () => {
  db = await freshDatabase()
})
afterAll(() => db.drop())

test.each([true, false])('smoke pipeline=%s', async (pipeline) => {
  const knex = knexConnection(db.url, { pipeline })
  const schema = `s_${pipeline}`
  await migrate(knex, { schema })
  const store = knexStore(knex, { schema })
  const shop = createShop({ store })
  await shop.balance.charge({ userId: 'u', amount: 10000 }, {})
  console.log(Object.keys(shop))
  console.log(await auditStore(store))
  await knex.destroy()
})
