import { knexConnection, migrate } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TenantsCall } from '../../src/server/tenants/call.js'
import { linesOf, TenantsCommands } from '../support/tenants-command.js'

let a: FreshDatabase
let b: FreshDatabase
let commands: TenantsCommands

const write = (shops: object): void => commands.write({ databases: { a: '$A_URL', b: b.url }, shops })

beforeEach(async () => {
  ;[a, b] = await Promise.all([freshDatabase(), freshDatabase()])
  commands = new TenantsCommands()
  commands.environment = { A_URL: a.url }
  write({})
})
afterEach(async () => {
  commands.remove()
  await Promise.all([a.drop(), b.drop()])
})

const run = (call: TenantsCall) => commands.run(call)
const list = () => run({ command: 'list', json: true })
const create = (shopId: string, database: string, rest: object = {}) =>
  run({ command: 'create', shopId, database, ...rest })
const many = (command: 'migrate' | 'audit', ...shopIds: string[]) => run({ command, shopIds, concurrency: 2 })

describe('create', () => {
  test('takes over a schema that has a shop', async () => {
    const knex = knexConnection(b.url)
    await migrate(knex, { schema: 'old' }).finally(() => knex.destroy())
    expect(await create('books', 'b', { schema: 'old' })).toMatchObject({
      code: 0,
      stdout: 'added books: the schema old of b has a shop, 0 migrations ran\n',
    })
    expect(linesOf((await list()).stdout)).toEqual([
      { shop: 'books', database: 'b', schema: 'old', writes: 'accepted', pending: [], bytes: expect.any(Number) },
    ])
  })

  test('refuses the schema of another shop under another URL of the same database', async () => {
    const other = new URL(b.url)
    other.searchParams.set('application_name', 'other')
    commands.write({ databases: { b: b.url, other: other.href, a: a.url }, shops: {} })
    await create('books', 'b')
    expect(await create('twin', 'other', { schema: 'books' })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('the schema books is the schema of books: b names the same database'),
    })
    expect(Object.keys(commands.shops())).toEqual(['books'])
    expect(await create('twin', 'a', { schema: 'books' })).toMatchObject({ code: 0 })
    // Its tables exist, and the equal schema of the other database is no obstacle.
    commands.write({ databases: { b: b.url, a: a.url }, shops: { books: { database: 'b', schema: 'books' } } })
    expect(await create('twin', 'a', { schema: 'books' })).toMatchObject({ code: 0 })
  })

  test('gives all shops of a database one search extension that no shop owns', async () => {
    await create('books', 'a')
    const { rows } = await a.knex.raw(
      `select extnamespace::regnamespace::text as schema from pg_extension where extname = 'pg_trgm'`,
    )
    expect(rows).toEqual([{ schema: 'public' }])
  })

  test.each([
    ['books', 'c', {}, 'there is no database c in databases; there are: a, b'],
    ['music', 'a', {}, 'there is a shop music already'],
    ['music-2', 'a', {}, '--schema is needed, because music-2 is not the name'],
    ['other', 'b', { schema: 'music' }, 'shops.other.schema is the schema of music, too'],
    ['other', 'a', { preset: 'odd' }, 'shops.other.preset must be one of'],
    ['o/o', 'a', { schema: 'o' }, 'shops.o/o its name must be'],
  ])('of %s in %s with %j is refused and creates nothing', async (shopId, database, rest, message) => {
    write({ music: { database: 'b', schema: 'music' } })
    const { code, stdout, stderr } = await create(shopId, database, rest)
    expect([code === 1 || code === 78, stdout]).toEqual([true, ''])
    expect(stderr).toContain(message)
    expect(Object.keys(commands.shops())).toEqual(['music'])
    for (const { knex } of [a, b]) {
      const { rows } = await knex.raw(`select from pg_namespace where nspname in ('books', 'music', 'o', 'other')`)
      expect(rows).toEqual([])
    }
  })
})

describe('migrate', () => {
  const six = Object.fromEntries(
    Array.from({ length: 6 }, (_, index) => [`s${index}`, { database: index % 2 ? 'a' : 'b', schema: `s${index}` }]),
  )

  test('brings all shops up to date; one that fails does not stop the others', async () => {
    write(six)
    await a.knex.raw('create schema s3; create table s3.wallets ()')
    const first = await many('migrate')
    expect([first.code, first.stdout]).toEqual([1, 'migrated 5, up to date before 0, failed 1\n'])
    expect(first.stderr).toMatch(/^s3: the schema s3 has tables that the shop did not make/m)
    await a.knex.raw('drop table s3.wallets')
    expect(await many('migrate')).toMatchObject({ code: 0, stdout: 'migrated 1, up to date before 5, failed 0\n' })
    expect(await many('migrate', 's1', 's2')).toMatchObject({ stdout: 'migrated 0, up to date before 2, failed 0\n' })
  })

  test('of an unknown shop does nothing', async () => {
    write(six)
    const { code, stderr } = await many('migrate', 's1', 'toys')
    expect([code, stderr]).toEqual([1, `${commands.file}: there is no shop toys\n`])
  })
})

describe('audit', () => {
  test('prints a line for each shop: status 1 if a law is broken, or a database is away', async () => {
    write({ books: { database: 'a', schema: 'books' }, music: { database: 'b', schema: 'music' } })
    await many('migrate')
    const sound = await many('audit')
    expect([
      sound.code,
      linesOf(sound.stdout)
        .map(({ shop, ok }) => [shop, ok])
        .toSorted(),
    ]).toEqual([
      0,
      [
        ['books', true],
        ['music', true],
      ],
    ])
    await a.knex.raw(`insert into books.wallets (user_id, balance, entries, created_at) values ('ann', 7, 0, now())`)
    const broken = await many('audit')
    expect([broken.code, linesOf(broken.stdout)]).toEqual([
      1,
      expect.arrayContaining([
        expect.objectContaining({ shop: 'books', ok: false }),
        expect.objectContaining({ shop: 'music', ok: true }),
      ]),
    ])
    const url = new URL(a.url)
    url.pathname = '/no_such_database'
    commands.environment = { A_URL: url.href }
    const away = await many('audit')
    expect([away.code, linesOf(away.stdout)]).toEqual([
      1,
      expect.arrayContaining([
        { shop: 'books', ok: false, error: expect.stringContaining('no_such_database') },
        expect.objectContaining({ shop: 'music', ok: true }),
      ]),
    ])
  })
})

describe('the file', () => {
  test('that is wrong names the path of each mistake', async () => {
    write({ books: { database: 'c', schema: 'pg_x' } })
    const { code, stderr } = await list()
    expect(code).toBe(78)
    expect(stderr).toContain(`${commands.file}: shops.books.schema must be a Postgres schema name`)
  })

  test('gets and loses the refusal of writes', async () => {
    write({ books: { database: 'a', schema: 'books' } })
    expect(await run({ command: 'refuse-writes', shopId: 'books' })).toMatchObject({
      code: 0,
      stdout: 'books refuses writes: servers notice within seconds\n',
    })
    expect(commands.shops()).toEqual({ books: { database: 'a', schema: 'books', writes: 'refused' } })
    expect((await run({ command: 'list', json: false })).stdout).toMatch(/\d+ migrations to run, refuses writes/)
    await run({ command: 'accept-writes', shopId: 'books' })
    expect(commands.shops()).toEqual({ books: { database: 'a', schema: 'books' } })
    expect((await run({ command: 'accept-writes', shopId: 'toys' })).stderr).toBe(
      `${commands.file}: there is no shop toys\n`,
    )
  })
})
