import { knexPolicyRegister } from '@shop/adapter-knex'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

let database: ShopDatabase
beforeAll(async () => {
  database = await openShopDatabase()
})
beforeEach(() => database.clear())
afterAll(() => database.drop())

const minute = 60_000
const lapse = (fingerprint: string) =>
  database.knex.raw(`update shop.leases set expires_at = now() - interval '1 ms' where name = ?`, [
    `policies ${fingerprint}`,
  ])

test('an announcement returns other running policies, not expired or retracted ones', async () => {
  const register = knexPolicyRegister(database.connect())
  expect(await register.announce('a', minute)).toEqual([])
  expect(await register.announce('a', minute)).toEqual([])
  expect(await register.announce('c', minute)).toEqual(['a'])
  expect(await register.announce('b', minute)).toEqual(['a', 'c'])
  await lapse('a')
  expect(await register.announce('b', minute)).toEqual(['c'])
  await register.retract('c')
  expect(await register.announce('b', minute)).toEqual([])
  expect(await register.announce('a', minute)).toEqual(['b'])
})

test('leaves other leases alone, and removes expired policies', async () => {
  await database.knex.raw(`insert into shop.leases values ('scheduler', 7, now() - interval '1 hour')`)
  const register = knexPolicyRegister(database.connect())
  await register.announce('old', minute)
  await lapse('old')
  await register.announce('new', minute)
  expect(await database.knex('shop.leases').pluck('name').orderBy('name')).toEqual(['policies new', 'scheduler'])
})

test('an announcement from before the clock was set back soon expires', async () => {
  const register = knexPolicyRegister(database.connect())
  await register.announce('ahead', minute)
  await database.knex.raw(`update shop.leases set expires_at = now() + interval '1 hour'`)
  expect(await register.announce('mine', minute)).toEqual([])
})

test("servers that announce at once see each other's policies in the end", async () => {
  const register = knexPolicyRegister(database.connect())
  const all = ['a', 'b', 'c', 'd']
  const announced = () => Promise.allSettled(all.map((each) => register.announce(each, minute)))
  for (let round = 0; round < 5; round += 1) await announced()
  for (const each of all) expect(await register.announce(each, minute)).toEqual(all.filter((other) => other !== each))
})
