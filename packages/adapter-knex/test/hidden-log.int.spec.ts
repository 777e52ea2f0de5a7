import { knexStore } from '@shop/adapter-knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

let database: ShopDatabase
beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

test('a server that hides its log has a history all the same, and keeps its connections', async () => {
  await database.knex.raw(`create schema hosted; create function hosted.pg_current_wal_lsn() returns pg_lsn language plpgsql
    as $$ begin raise 'wal_level must be set to logical' using errcode = 'object_not_in_prerequisite_state'; end $$`)
  const hosted = database.connect({ pool: { max: 1 } })
  await hosted.raw('set search_path = hosted, pg_catalog')
  const backend = async () => (await hosted.raw('select pg_backend_pid() as pid')).rows[0].pid
  const before = await backend()
  const { history } = knexStore(hosted)
  const identity = await history?.identity()
  expect(identity).toMatch(/^\d+\.1\./)
  expect(await history?.missing(['a-group'])).toMatchObject({ history: identity, groupIds: ['a-group'] })
  expect(await backend()).toBe(before)
})
