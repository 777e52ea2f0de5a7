import { knexConnection } from '@shop/adapter-knex'
import { freshDatabase } from '@shop/test-support/database'
import { expect, onTestFinished, test } from 'vitest'
import { openNaiveSeller } from '../../src/demo/rush/sellers/naive-seller.js'

const waiting = `select count(*)::int as count from pg_stat_activity
  where wait_event_type = 'Lock' and query like 'update "lab"."products"%'`

test('two buyers who read the same stock get the same unit', async () => {
  const database = await freshDatabase()
  onTestFinished(() => database.drop())
  const seller = await openNaiveSeller({
    database: {
      connections: 2,
      naiveSchema: 'lab',
      openStore: () => Promise.reject(new Error('not used')),
      openNaive: async () => knexConnection(database.url, { pool: { max: 2 } }),
    },
    schema: 'lab',
    subjectId: 'mug',
    quantity: 1,
    buyerOf: (index) => `buyer-${index}`,
  })
  const { attempts: both } = await database.knex.transaction(async (trx) => {
    // Lets both read, and holds both before they write.
    await trx.raw('lock table lab.products in share mode')
    const attempts = [seller.attempt(0), seller.attempt(1)]
    await expect
      .poll(async () => (await database.knex.raw(waiting)).rows[0].count, { timeout: 20_000, interval: 10 })
      .toBe(2)
    return { attempts }
  })
  expect(await Promise.all(both)).toEqual(['won', 'won'])
  expect(await seller.countSold?.()).toBe(2)
  expect(await seller.attempt(2)).toBe('refused')
  await seller.close()
})
