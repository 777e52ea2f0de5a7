import { knexConnection, knexLocks, knexStore, migrate } from '@shop/adapter-knex'
import { describeStore } from '@shop/core/conformance'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import knex, { type Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { knexHarness } from './kit/knex-harness.js'
import { look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { couponOf, entryOf, eventOf, issuedOf, noon, orderOf, productOf, walletOf } from './support/rows.js'
import { setUnusually } from './support/unusual-settings.js'

let fresh: FreshDatabase
let database: ShopDatabase
let host: Knex

beforeAll(async () => {
  fresh = await freshDatabase()
  await setUnusually(fresh.knex)
  database = await openShopDatabase({ on: fresh })
  host = knex({ client: 'pg', connection: fresh.url, pool: { min: 0, max: 6 } })
})
afterAll(async () => {
  await host.destroy()
  await database.drop()
})

describeStore(
  { describe, it },
  knexHarness(() => database, { name: 'Postgres where every setting is unusual', connections: 6 }),
  { effort: 0.01 },
)

describeStore(
  { describe, it },
  knexHarness(() => ({ ...database, connect: () => host }), {
    name: "Postgres where every setting is unusual, over a host's knex",
    connections: 6,
  }),
  { effort: 0.01 },
)

const inSession = async (pool: Knex, name: string): Promise<string> =>
  (await pool.raw(`select current_setting(?) as value`, [name])).rows[0].value

describe.each([
  { whose: 'our own knex', pool: () => database.connect({ pool: { max: 4 } }) },
  { whose: "a host's knex", pool: () => host },
  { whose: 'a knex behind a pooler', pool: () => database.connect({ prepared: false, pool: { max: 4 } }) },
])('with unusual settings, over $whose', ({ pool }) => {
  test('nulls and texts that look like null are read as they were written', async () => {
    await database.clear()
    const store = knexStore(pool())
    const rows = {
      wallets: [walletOf('ann', 200, 2)],
      entries: [entryOf('ann', 1), entryOf('ann', 2, { kind: 'refund', orderId: 'NULL' })],
      orders: [orderOf('o1'), orderOf('o2', { couponId: 'null' })],
      coupons: [couponOf('c1'), couponOf('c2', { minimumOrderAmount: 0 })],
      issuedCoupons: [issuedOf('c1', 'ann'), issuedOf('c2', 'ann', { usedByOrderId: 'o2', usedUntil: noon })],
      events: ['', '=', 'NULL', null].map((lastError, index) => eventOf(`o${index}`, 1, { lastError })),
    }
    await put(store, { inserted: rows })
    const found = await look(store, {
      lock: {
        orders: ['o1', 'o2'],
        coupons: ['c1', 'c2'],
        issuedCoupons: rows.issuedCoupons,
        events: rows.events.map(({ eventId }) => eventId),
      },
    })
    expect(found.orders).toEqual(rows.orders)
    expect(found.coupons).toEqual(rows.coupons)
    expect(found.issuedCoupons).toEqual(rows.issuedCoupons)
    expect(found.events).toEqual(rows.events)
    expect(await store.reads.entries({ userId: 'ann', limit: 9 })).toEqual(rows.entries.toReversed())
    const events = await store.outbox.claimEvents({ limit: 9, leaseMs: 60_000, lease: 'l' })
    await store.outbox.recordDeliveries(
      events.map(({ event: { eventId }, lease }, index) =>
        index === 0
          ? { eventId, lease, status: 'sent' }
          : { eventId, lease, status: 'pending', error: 'NULL', retryInMs: 60_000 },
      ),
    )
    const told = await store.reads.events({ limit: 9 })
    expect(told.map(({ lastError }) => lastError).toSorted()).toEqual(['NULL', 'NULL', 'NULL', null])
  })

  test('a search finds every name with the characters, without wildcards', async () => {
    await database.clear()
    const store = knexStore(pool())
    const names = ['50% off', '500 off', 'a_b', 'axb', 'back\\slash', "quo'te"]
    const products = names.map((name, index) => productOf(`p${index}`, { name }))
    await put(store, { inserted: { products } })
    const search = async (keyword: string) => {
      const { found, total } = await store.reads.products({ offset: 0, limit: 9, keyword })
      expect(found).toHaveLength(total)
      return found.map(({ name }) => name).toSorted()
    }
    expect(await search('0% o')).toEqual(['50% off'])
    expect(await search('a_b')).toEqual(['a_b'])
    expect(await search('k\\s')).toEqual(['back\\slash'])
    expect(await search("o't")).toEqual(["quo'te"])
    expect(await search('off')).toEqual(['50% off', '500 off'])
  })

  test('statements that conflict because transactions are serializable are retried', async () => {
    await database.clear()
    const store = knexStore(pool())
    const locks = knexLocks(pool())
    await put(store, { inserted: { products: [productOf('tea')] } })
    await Promise.all(Array.from({ length: 12 }, () => store.upkeep.addViews(new Map([['tea', 1]]))))
    const { rows } = await database.knex.raw('select views from shop.product_views')
    expect(Number(rows[0].views)).toBe(12)
    const held = await Promise.all(
      Array.from({ length: 6 }, () => locks.withLock('job', async () => true, { waitMs: 10_000 })),
    )
    expect(held.map(({ held }) => held)).toEqual(Array.from({ length: 6 }, () => true))
  })

  test('a commit waits for the disk, and its warnings are sent', async () => {
    const store = knexStore(pool())
    await database.clear()
    await database.knex.raw(`
      create or replace function shop.tell() returns trigger language plpgsql set search_path = '' as
      'begin new.name := current_setting(''synchronous_commit'') || '' '' || current_setting(''client_min_messages''); return new; end'`)
    await database.knex.raw(
      'create or replace trigger tell before insert on shop.products for each row execute function shop.tell()',
    )
    await database.knex.raw('alter table shop.products enable always trigger tell')
    await put(store, { inserted: { products: [productOf('tea')] } })
    await database.knex.raw('drop trigger tell on shop.products')
    const [{ name }] = await database.knex('shop.products').select('name')
    expect(name).toBe('on warning')
  })
})

test('a knexConnection keeps its settings, whatever those of the role', async () => {
  const pool = database.connect({ statementTimeoutMs: 4_321, pool: { max: 1 } })
  expect(await inSession(pool, 'statement_timeout')).toBe('4321ms')
  expect(await inSession(pool, 'plan_cache_mode')).toBe('force_custom_plan')
  // Settings that the host may choose stay unchanged.
  expect(await inSession(pool, 'TimeZone')).toBe('Pacific/Chatham')
  expect(await inSession(pool, 'default_transaction_isolation')).toBe('serializable')
})

test('a database that its operator has made read-only is not written', async () => {
  const readOnly = await openShopDatabase()
  await readOnly.knex.raw('alter database ?? set default_transaction_read_only = on', [
    new URL(readOnly.url).pathname.slice(1),
  ])
  await expect(put(readOnly.store(), { inserted: { wallets: [walletOf('ann')] } })).rejects.toMatchObject({
    kind: 'unavailable',
  })
  await readOnly.drop()
})

describe('a database that is not UTF-8', () => {
  test.each(['LATIN1', 'EUC_KR', 'SQL_ASCII'])('such as %s is refused in one line', async (encoding) => {
    const other = await freshDatabase({ encoding })
    const pool = knexConnection(other.url)
    const refusal = expect.stringMatching(new RegExp(`^the database "test_\\w+" is encoded in ${encoding}, .*UTF8.*$`))
    for (const each of [pool, other.knex]) {
      await expect(migrate(each)).rejects.toMatchObject({ code: 'UNFIT_DATABASE', message: refusal })
    }
    const { rows } = await other.knex.raw(`select to_regnamespace('shop') as schema`)
    expect(rows).toEqual([{ schema: null }])
    await pool.destroy()
    await other.drop()
  })
})
