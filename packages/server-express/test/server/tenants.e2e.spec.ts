import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { knexConnection, migrate, pendingMigrations } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serverStarter } from '../support/server-starter.js'

type Connection = ReturnType<typeof knexConnection>

const servers = serverStarter()
let a: FreshDatabase
let b: FreshDatabase
let file: string

const write = (shops: object): void => {
  writeFileSync(file, JSON.stringify({ databases: { a: '$A_URL', b: b.url }, shops }), { mode: 0o600 })
}

beforeEach(async () => {
  ;[a, b] = await Promise.all([freshDatabase(), freshDatabase()])
  mkdirSync(join(servers.folder, 'etc'))
  file = join(servers.folder, 'etc', 'shops.json')
  write({})
})
afterEach(() => Promise.all([a.drop(), b.drop()]))

const start = (words: readonly string[], environment: Record<string, string> = {}) =>
  servers.start({ SHOP_TENANTS: file, A_URL: a.url, LOG_LEVEL: 'warn', ...environment }, ['tenants', ...words])

const run = async (words: readonly string[], environment?: Record<string, string>) => {
  const started = start(words, environment)
  const { code } = await started.ended
  return { code, stdout: started.stdout(), stderr: started.stderr() }
}

const shopsNow = (): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8')).shops

const linesOf = (text: string): readonly Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

const connected = async <T>({ url }: FreshDatabase, work: (knex: Connection) => Promise<T>): Promise<T> => {
  const knex = knexConnection(url)
  try {
    return await work(knex)
  } finally {
    await knex.destroy()
  }
}

describe('create', () => {
  test('makes the tables, then adds the shop to the file; list shows it', async () => {
    const created = await run(['create', 'books', '--database', 'a', '--preset', 'one-call', '--currency', 'USD'])
    expect(created).toEqual({ code: 0, stdout: 'created books in the schema books of a\n', stderr: '' })
    expect(shopsNow()).toEqual({ books: { database: 'a', schema: 'books', preset: 'one-call', currency: 'USD' } })
    expect(await connected(a, (knex) => pendingMigrations(knex, { schema: 'books' }))).toEqual([])
    const listed = await run(['list'])
    expect(listed.stdout).toMatch(/^SHOP +DATABASE +SCHEMA +SIZE +STATE\nbooks +a +books +\d\.\d MB +up to date\n$/)
    expect(linesOf((await run(['list', '--json'])).stdout)).toEqual([
      { shop: 'books', database: 'a', schema: 'books', writes: 'accepted', pending: [], bytes: expect.any(Number) },
    ])
  })

  test('takes over a schema that has a shop', async () => {
    await connected(b, (knex) => migrate(knex, { schema: 'old' }))
    const { code, stdout } = await run(['create', 'books', '--database', 'b', '--schema', 'old'])
    expect([code, stdout]).toEqual([0, 'added books: the schema old of b has a shop, 0 migrations ran\n'])
  })

  test('gives all shops of a database one search extension that no shop owns', async () => {
    await run(['create', 'books', '--database', 'a'])
    const { rows } = await a.knex.raw(
      `select extnamespace::regnamespace::text as schema from pg_extension where extname = 'pg_trgm'`,
    )
    expect(rows).toEqual([{ schema: 'public' }])
  })

  test.each([
    [['books', '--database', 'c'], 'there is no database c in databases; there are: a, b'],
    [['music', '--database', 'a'], 'there is a shop music already'],
    [['music-2', '--database', 'a'], '--schema is needed, because music-2 is not the name'],
    [['other', '--database', 'b', '--schema', 'music'], 'shops.other.schema is the schema of music, too'],
    [['other', '--database', 'a', '--preset', 'odd'], 'shops.other.preset must be one of'],
    [['o/o', '--database', 'a', '--schema', 'o'], 'shops.o/o its name must be'],
  ])('%j is refused and creates nothing', async (words, message) => {
    write({ music: { database: 'b', schema: 'music' } })
    const { code, stdout, stderr } = await run(['create', ...words])
    expect([code === 1 || code === 78, stdout]).toEqual([true, ''])
    expect(stderr).toContain(message)
    expect(Object.keys(shopsNow())).toEqual(['music'])
    const { rows } = await b.knex.raw(`select from pg_namespace where nspname in ('music', 'o', 'other')`)
    expect(rows).toEqual([])
  })
})

describe('migrate', () => {
  const many = Object.fromEntries(
    Array.from({ length: 6 }, (_, index) => [`s${index}`, { database: index % 2 ? 'a' : 'b', schema: `s${index}` }]),
  )

  test('brings all shops up to date; one that fails does not stop the others', async () => {
    write(many)
    await a.knex.raw('create schema s3; create table s3.wallets ()')
    const first = await run(['migrate', '--concurrency', '2'])
    expect([first.code, first.stdout]).toEqual([1, 'migrated 5, up to date before 0, failed 1\n'])
    expect(first.stderr).toMatch(/^s3: the schema s3 has tables that the shop did not make/)
    await a.knex.raw('drop table s3.wallets')
    expect(await run(['migrate'])).toEqual({
      code: 0,
      stdout: 'migrated 1, up to date before 5, failed 0\n',
      stderr: '',
    })
    expect(await run(['migrate', 's1', 's2'])).toMatchObject({ stdout: 'migrated 0, up to date before 2, failed 0\n' })
  })

  test('goes on where a run was killed', async () => {
    write(many)
    const killed = start(['migrate', '--concurrency', '1'])
    const migrated = async () => (await a.knex.raw(`select from pg_namespace where nspname = 's1'`)).rows.length
    await expect.poll(migrated, { timeout: 20_000 }).toBe(1)
    killed.child.kill('SIGKILL')
    await killed.ended
    const { code, stdout } = await run(['migrate'])
    expect(code).toBe(0)
    const [, ran = '', before = ''] = /^migrated (\d), up to date before (\d), failed 0\n$/.exec(stdout) ?? []
    expect(Number(ran) + Number(before)).toBe(6)
    expect(Number(before)).toBeGreaterThan(0)
    expect(linesOf((await run(['list', '--json'])).stdout).map(({ pending }) => pending)).toEqual(Array(6).fill([]))
  })

  test('of an unknown shop does nothing', async () => {
    write(many)
    const { code, stderr } = await run(['migrate', 's1', 'toys'])
    expect([code, stderr]).toEqual([1, `${file}: there is no shop toys\n`])
  })
})

describe('audit', () => {
  test('prints a line for each shop: status 1 if a law is broken, or a database is away', async () => {
    write({ books: { database: 'a', schema: 'books' }, music: { database: 'b', schema: 'music' } })
    await run(['migrate'])
    const sound = await run(['audit'])
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
    const broken = await run(['audit'])
    expect([broken.code, linesOf(broken.stdout)]).toEqual([
      1,
      expect.arrayContaining([
        expect.objectContaining({ shop: 'books', ok: false }),
        expect.objectContaining({ shop: 'music', ok: true }),
      ]),
    ])
    const url = new URL(a.url)
    url.pathname = '/no_such_database'
    const away = await run(['audit'], { A_URL: url.href })
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
  test('that is not named is a wrong setting', async () => {
    const { code, stderr } = await run(['list'], { SHOP_TENANTS: '' })
    expect([code, stderr]).toEqual([78, 'SHOP_TENANTS must be set: it names the file of the shops\n'])
  })

  test('that is wrong names the path of each mistake', async () => {
    write({ books: { database: 'c', schema: 'pg_x' } })
    const { code, stderr } = await run(['list'], { A_URL: '' })
    expect(code).toBe(78)
    expect(stderr).toContain(`${file}: shops.books.schema must be a Postgres schema name`)
  })

  test('gets and loses the refusal of writes', async () => {
    write({ books: { database: 'a', schema: 'books' } })
    expect(await run(['refuse-writes', 'books'])).toMatchObject({
      code: 0,
      stdout: 'books refuses writes: servers notice within seconds\n',
    })
    expect(shopsNow()).toEqual({ books: { database: 'a', schema: 'books', writes: 'refused' } })
    expect((await run(['list'])).stdout).toMatch(/10 migrations to run, refuses writes/)
    await run(['accept-writes', 'books'])
    expect(shopsNow()).toEqual({ books: { database: 'a', schema: 'books' } })
    expect((await run(['accept-writes', 'toys'])).stderr).toBe(`${file}: there is no shop toys\n`)
  })
})
