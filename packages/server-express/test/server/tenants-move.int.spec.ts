import { knexConnection, knexStore, migrate } from '@shop/adapter-knex'
import { createShop, isShopUnavailable, resolvePolicies, type Shop } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TenantsCommands } from '../support/tenants-command.js'

let a: FreshDatabase
let b: FreshDatabase
let commands: TenantsCommands

beforeEach(async () => {
  ;[a, b] = await Promise.all([freshDatabase(), freshDatabase()])
  commands = new TenantsCommands()
  commands.write({ databases: { a: a.url, b: b.url }, shops: { books: { database: 'a', schema: 'books' } } })
})
afterEach(async () => {
  commands.remove()
  await Promise.all([a.drop(), b.drop()])
})

const move = (signal?: AbortSignal) =>
  commands.run({ command: 'move', shopId: 'books', database: 'b', waitSeconds: 0 }, signal)

const entry = () => commands.shops()['books']

const rowsOf = async ({ knex }: FreshDatabase, sql: string) => (await knex.raw(sql)).rows

const schemasOf = async (database: FreshDatabase): Promise<readonly string[]> =>
  (await rowsOf(database, `select nspname from pg_namespace where nspname like 'books%' order by 1`)).map(
    ({ nspname }: { nspname: string }) => nspname,
  )

const expectNotMoved = async () =>
  expect([entry(), await schemasOf(a), await schemasOf(b)]).toEqual([{ database: 'a', schema: 'books' }, ['books'], []])

const withShop = async <T>({ url }: FreshDatabase, work: (shop: Shop<never>) => Promise<T>): Promise<T> => {
  const knex = knexConnection(url, { lockTimeoutMs: 300 })
  const shop = createShop({
    store: knexStore(knex, { schema: 'books' }),
    policies: resolvePolicies('standard', { order: { pendingPerUser: null } }),
  })
  try {
    return await work(shop as unknown as Shop<never>)
  } finally {
    await shop.close()
    await knex.destroy()
  }
}

test('under the load of a server that notices nothing, a move loses nothing that was acknowledged', {
  timeout: 120_000,
}, async () => {
  await a.knex.raw('create table public.other (id int)')
  // The tables of the first shop bring the extension into its schema; in the other database it is elsewhere.
  const [one, two] = [knexConnection(a.url), knexConnection(b.url)]
  await Promise.all([migrate(one, { schema: 'books' }), migrate(two, { schema: 'elsewhere' })])
  await Promise.all([one.destroy(), two.destroy()])
  expect(
    await rowsOf(a, `select extnamespace::regnamespace::text as s from pg_extension where extname = 'pg_trgm'`),
  ).toEqual([{ s: 'books' }])

  const acknowledged: string[] = []
  let moved: Awaited<ReturnType<typeof move>> | undefined
  const refusals: unknown[] = []
  await withShop(a, async (shop) => {
    const { productId } = await shop.products.create({ name: '"Mug" \\ (1, 2) \'é\'', price: 1, stock: 1_000_000 })
    let isMoving = true
    const buyer = async (userId: string): Promise<void> => {
      while (isMoving) {
        try {
          const { orderId } = await shop.orders.place({ userId, products: [{ productId, quantity: 1 }] })
          acknowledged.push(orderId)
        } catch (error) {
          refusals.push(error)
        }
      }
    }
    const buyers = Array.from({ length: 8 }, (_, index) => buyer(`user${index}`))
    await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(100)
    moved = await move().finally(() => {
      isMoving = false
    })
    await Promise.all(buyers)
    expect([moved.code, moved.stderr]).toEqual([0, expect.not.stringMatching(/differs|breaks/)])
  })

  expect(entry()).toEqual({ database: 'b', schema: 'books' })
  expect(moved?.stdout).toMatch(
    /^books refuses writes.*\ncopied: .*\nthe old schema is called books_moved_\d{14}.*\nmoved: /,
  )
  expect(await schemasOf(a)).toEqual([expect.stringMatching(/^books_moved_\d{14}$/)])
  const kept = new Set((await rowsOf(b, 'select order_id as id from books.orders')).map(({ id }: { id: string }) => id))
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
  // The load went on until the end, and the lock stopped it.
  expect(refusals.length).toBeGreaterThan(0)
  // The extension stays for the other shops of the database.
  expect(
    await rowsOf(a, `select extnamespace::regnamespace::text as s from pg_extension where extname = 'pg_trgm'`),
  ).toEqual([{ s: 'public' }])
  const indexes = await rowsOf(
    b,
    `select indexdef from pg_indexes where schemaname = 'books' and indexname = 'products_search'`,
  )
  expect(indexes).toHaveLength(1)
  await withShop(b, async (shop) => {
    const { products } = await shop.products.list({})
    const [{ productId = '' } = {}] = products
    await shop.orders.place({ userId: 'ann', products: [{ productId, quantity: 1 }] })
    expect(await shop.audit()).toMatchObject({ ok: true, violations: [] })
  })
})

test('a connection that breaks while servers are waited for lets nobody write in the old place', {
  timeout: 60_000,
}, async () => {
  await withShop(a, async (shop) => {
    await migrate(a.knex, { schema: 'books' })
    await shop.users.register({ userId: 'ann' })
  })
  const moving = commands.run({ command: 'move', shopId: 'books', database: 'b', waitSeconds: 10 })
  const guards = async () => (await rowsOf(a, `select from pg_trigger where tgname = 'refuse_writes'`)).length
  await expect.poll(guards, { timeout: 20_000 }).toBeGreaterThan(10)
  expect(entry()).toEqual({ database: 'b', schema: 'books', writes: 'refused' })
  await a.knex.raw(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`)
  await withShop(a, async (shop) => {
    await expect(shop.users.register({ userId: 'late' })).rejects.toSatisfy(isShopUnavailable)
    expect((await shop.balance.get({ userId: 'ann' })).balance).toBe(0)
  })
  expect(await moving).toMatchObject({ code: 0, stdout: expect.stringContaining('the old schema is called') })
  expect(await schemasOf(a)).toEqual([expect.stringMatching(/^books_moved_\d{14}$/)])
})

/** Makes the commit of the move fail, and the new name of the old schema. */
const failLate = `create table public.created (name text unique deferrable initially deferred);
  create function public.note_trigger() returns event_trigger language plpgsql as
    $$ begin insert into public.created values ('a trigger'); end $$;
  create event trigger note_trigger on ddl_command_end when tag in ('CREATE TRIGGER')
    execute function public.note_trigger();
  create function public.refuse_name() returns event_trigger language plpgsql as
    $$ begin raise exception 'the name stays'; end $$;
  create event trigger refuse_name on ddl_command_end when tag in ('ALTER SCHEMA')
    execute function public.refuse_name();`

test('a shop whose old schema has neither triggers nor another name accepts writes only once servers know', async () => {
  await migrate(a.knex, { schema: 'books' })
  await a.knex.raw(failLate)
  const waitSeconds = 3
  const began = performance.now()
  const { code, stdout } = await commands.run({ command: 'move', shopId: 'books', database: 'b', waitSeconds })
  expect(performance.now() - began).toBeGreaterThan(2 * waitSeconds * 1_000)
  expect([code, stdout]).toEqual([0, expect.stringContaining('the old schema keeps its name (')])
  expect(entry()).toEqual({ database: 'b', schema: 'books' })
  expect(await rowsOf(a, `select from pg_trigger where tgname = 'refuse_writes'`)).toEqual([])
  expect(await schemasOf(a)).toEqual(['books'])
})

test('an old schema that was taken back without its triggers moves again', async () => {
  await migrate(a.knex, { schema: 'books' })
  await a.knex.raw('create function books.refuse_writes() returns trigger language plpgsql as $$ begin end $$')
  expect(await move()).toMatchObject({ code: 0 })
  expect(entry()).toEqual({ database: 'b', schema: 'books' })
})

test('a copy that breaks a law is not used, and the shop stays as it was', async () => {
  await withShop(a, async () => {
    await migrate(a.knex, { schema: 'books' })
    await a.knex.raw(`insert into books.wallets (user_id, balance, entries, created_at) values ('ann', 7, 0, now())`)
  })
  expect(await move()).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('not moved: books stays in a\n'),
    stderr: expect.stringContaining('the data breaks laws ('),
  })
  await expectNotMoved()
})

test('a move that is interrupted leaves the shop as it was', async () => {
  await migrate(a.knex, { schema: 'books' })
  const interrupt = new AbortController()
  interrupt.abort()
  expect(await move(interrupt.signal)).toMatchObject({ code: 1, stderr: 'interrupted\n' })
  await expectNotMoved()
})

test('a schema with other tables is not moved', async () => {
  await migrate(a.knex, { schema: 'books' })
  await a.knex.raw('create table books.notes (id int); alter table books.coupons add column note text')
  expect(await move()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has not exactly the tables of the shop (coupons, notes): move it by pg_dump'),
  })
  await expectNotMoved()
})

test('what a killed move has left is removed; a schema of somebody else is not', async () => {
  await migrate(a.knex, { schema: 'books' })
  await b.knex.raw('create schema books_arriving; create table books_arriving.notes (id int)')
  expect(await move()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is a schema books_arriving already: rename it'),
  })
  expect(await rowsOf(b, 'select * from books_arriving.notes')).toEqual([])
  await b.knex.raw(`comment on schema books_arriving is 'The copy of a shop that shop-server tenants move makes'`)
  expect(await move()).toMatchObject({ code: 0 })
  expect([entry(), await schemasOf(b)]).toEqual([{ database: 'b', schema: 'books' }, ['books']])
})

test.each([
  [
    'a schema that is taken there',
    async () => void (await b.knex.raw('create schema books')),
    'b has a schema books already',
  ],
  ['no schema here', async () => void (await a.knex.raw('drop schema books cascade')), 'a has no schema books'],
  [
    'tables that are not up to date',
    async () => void (await a.knex.raw(`delete from books.migrations where name like '0010%'`)),
    'run shop-server tenants migrate first',
  ],
])('with %s, nothing is begun', async (_, spoil, message) => {
  await migrate(a.knex, { schema: 'books' })
  await spoil()
  expect(await move()).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining(message) })
  expect(entry()).toEqual({ database: 'a', schema: 'books' })
})
