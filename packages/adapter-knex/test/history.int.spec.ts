import { knexHistoryIdentity, knexStore, migrate } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import createKnex, { type Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { keysOf } from './support/open-shop-database.js'
import { changing, walletOf } from './support/rows.js'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
  await migrate(database.knex)
})
afterAll(() => database.drop())

const identityOn = (knex: Knex, schema = 'shop') => knexStore(knex, { schema }).history?.identity()

describe('the identity of a history', () => {
  test('is the same on every connection, and another one in another schema', async () => {
    const own = await identityOn(database.knex)
    expect(own).toMatch(/^\d+\.0000000\d\.\d+\.\d+\.\d+$/)
    const again = createKnex({ client: 'pg', connection: database.url, pool: { min: 0, max: 1 } })
    onTestFinished(() => again.destroy())
    expect(await identityOn(again)).toBe(own)
    await migrate(database.knex, { schema: 'second' })
    expect(await identityOn(database.knex, 'second')).not.toBe(own)
  })

  test('begins with that of the whole database, which all its shops share', async () => {
    const own = String(await identityOn(database.knex))
    expect(await knexHistoryIdentity(database.knex)()).toBe(own.slice(0, own.lastIndexOf('.')))
  })

  test('stays when a table is rewritten: a rewrite loses nothing', async () => {
    const before = await identityOn(database.knex)
    await database.knex.raw('vacuum full shop.groups')
    expect(await identityOn(database.knex)).toBe(before)
  })

  test('lacks the identifier of the system where the role may not read it', async () => {
    const role = `limited_${process.pid}`
    await database.knex.raw(`create role ${role}; grant usage on schema shop to ${role};
      grant select on all tables in schema shop to ${role};
      revoke execute on function pg_control_system() from public`)
    onTestFinished(async () => {
      await database.knex.raw(
        `grant execute on function pg_control_system() to public; drop owned by ${role}; drop role ${role}`,
      )
    })
    const limited = createKnex({
      client: 'pg',
      connection: database.url,
      pool: {
        min: 0,
        max: 1,
        afterCreate: (
          connection: { query(text: string, done: (error: unknown) => void): void },
          done: (error: unknown, connection: unknown) => void,
        ) => connection.query(`set role ${role}`, (error) => done(error, connection)),
      },
    })
    onTestFinished(() => limited.destroy())
    const { history } = knexStore(limited)
    const identity = await history?.identity()
    expect(identity).toMatch(/^-\.0000000\d\./)
    expect(await history?.missing(['none'])).toMatchObject({ history: identity, groupIds: ['none'] })
  })
})

describe('missing groups', () => {
  test('are those that are running, that failed and that were denied', async () => {
    const store = knexStore(database.knex)
    const insert = (userId: string, work: () => void = () => {}) =>
      store.transact(
        keysOf({ lock: { wallets: [userId] } }),
        () => {
          work()
          return changing({ inserted: { wallets: [walletOf(userId)] } })
        },
        { groupId: userId },
      )
    await insert('kept')
    await expect(
      insert('failed', () => {
        throw new Error('a bug')
      }),
    ).rejects.toThrow('a bug')
    await store.committed('denied')
    const open = await database.knex.transaction()
    await open('shop.groups').insert({ group_id: 'running', committed: true, at: database.knex.fn.now() })
    const asked = ['kept', 'running', 'failed', 'denied', 'with "quotes", {braces} and \\']
    const answer = await store.history?.missing(asked)
    expect(answer?.groupIds.toSorted()).toEqual(asked.slice(1).toSorted())
    const marks = await database.knex('shop.groups').min<{ oldest: Date }[]>('at as oldest')
    expect(answer?.oldestMarkAt).toBe(marks[0]?.oldest.getTime())
    expect(answer?.now).toBeGreaterThanOrEqual(answer?.oldestMarkAt ?? Number.POSITIVE_INFINITY)
    await open.commit()
    expect((await store.history?.missing(['kept', 'running']))?.groupIds).toEqual([])
  })
})
