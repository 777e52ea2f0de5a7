import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { changeTenantsFile } from '../../src/tenants/change-tenants-file.js'
import { parseTenants, type TenantsContent } from '../../src/tenants/tenants-content.js'
import { openTenantsFile } from '../../src/tenants/tenants-file.js'

const environment = { BOOKS_URL: 'postgres://shop:pw@b:5432/books', EMPTY: '', WRONG: 'redis://secret@x' }

const databases = { a: 'postgres://shop:pw@a:5432/shops', b: '$BOOKS_URL' }

const shops = {
  music: { database: 'a', schema: 'music' },
  books: {
    database: 'b',
    schema: 'books',
    preset: 'one-call',
    policies: { ranking: { days: 7 } },
    currency: 'USD',
    writes: 'refused',
  },
}

let folder: string
let path: string

const write = (content: unknown): void => writeFileSync(path, JSON.stringify(content), { mode: 0o600 })

// The first file that is opened loads the adapter, which takes seconds on a busy machine.
beforeAll(() => import('@shop/adapter-knex'), 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shop-tenants-'))
  path = join(folder, 'shops.json')
  write({ databases, shops })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (options: object = {}) => openTenantsFile(path, { environment, checkEveryMs: 0, ...options })

describe('a file of shops', () => {
  test('locates its shops, and lists them in its order', async () => {
    const { locate, list } = await open()
    expect(await list()).toEqual(['music', 'books'])
    expect(await locate('books')).toEqual({
      database: environment.BOOKS_URL,
      schema: 'books',
      preset: 'one-call',
      policies: { ranking: { days: 7 } },
      currency: 'USD',
      writesRefused: true,
    })
    expect(await locate('music')).toMatchObject({ database: databases.a, schema: 'music', writesRefused: false })
    expect(await locate('toys')).toBeUndefined()
    expect(await locate('constructor')).toBeUndefined()
  })

  test.each<[fault: string, databases: object, shops: object, message: string]>([
    ['another scheme', { a: 'http://secret@x' }, {}, 'databases.a must be a URL like postgres://'],
    ['two hosts', { a: 'postgres://secret@x,y/z' }, {}, 'databases.a names several hosts'],
    ['a number', { a: 1 }, {}, 'databases.a Invalid input'],
    [
      'a variable that is not set',
      { a: '$NONE' },
      {},
      'databases.a names the environment variable NONE, which is not set',
    ],
    ['an empty variable', { a: '$EMPTY' }, {}, 'databases.a names the environment variable EMPTY, which is not set'],
    [
      'a variable with no URL',
      { a: '$WRONG' },
      {},
      'databases.a names the environment variable WRONG, which must be a',
    ],
    ['a name of a database', { 'a b': databases.a }, {}, 'databases.a b its name must be 1 to 64'],
    ['an id of a shop', databases, { 'a b': shops.music }, 'shops.a b its name must be 1 to 64'],
    ['a shop __proto__', databases, JSON.parse('{"__proto__":{}}'), 'shops.__proto__ is a name that cannot be used'],
    ['no schema', databases, { x: { database: 'a' } }, 'shops.x.schema Invalid input'],
    ['a schema', databases, { x: { database: 'a', schema: 'pg_x' } }, 'shops.x.schema must be a Postgres schema name'],
    [
      'a database',
      databases,
      { x: { database: 'c', schema: 'x' } },
      'shops.x.database must be a name of databases; there are: a, b',
    ],
    ['a preset', databases, { x: { ...shops.music, preset: 'odd' } }, 'shops.x.preset must be one of standard'],
    [
      'a policy',
      databases,
      { x: { ...shops.music, policies: { charge: { unit: 0 } } } },
      'shops.x.policies.charge.unit must',
    ],
    ['no policy', databases, { x: { ...shops.music, policies: { odd: {} } } }, 'shops.x.policies.odd is not a policy'],
    [
      'a schedule',
      databases,
      { x: { ...shops.music, policies: { ranking: { schedule: '0 0 30 2 *' } } } },
      'shops.x.policies.ranking.schedule is invalid, or never occurs',
    ],
    ['a currency', databases, { x: { ...shops.music, currency: 'usd' } }, 'shops.x.currency must be the code'],
    ['writes', databases, { x: { ...shops.music, writes: 'no' } }, 'shops.x.writes must be one of accepted, refused'],
    ['an unknown field', databases, { x: { ...shops.music, scheme: 'x' } }, 'shops.x Unrecognized key: "scheme"'],
    [
      'one place for two shops',
      databases,
      { x: shops.music, y: shops.music },
      'shops.y.schema is the schema of x, too',
    ],
    [
      'one place by two names',
      { a: databases.a, b: databases.a },
      { x: shops.music, y: { ...shops.music, database: 'b' } },
      'shops.y.schema is the schema of x, too',
    ],
  ])('names the path of a mistake, and no URL: %s', async (_, wrongDatabases, wrongShops, message) => {
    write({ databases: wrongDatabases, shops: wrongShops })
    const error: unknown = await open().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'TenantsFileError' })
    expect(String(error)).toContain(`${path}: ${message}`)
    expect(String(error)).not.toContain('secret')
  })

  test('names every mistake at once', async () => {
    write({ databases: { a: 'x', b: '$NONE' }, shops: { x: { database: 'c', schema: 'x' } } })
    await expect(open()).rejects.toMatchObject({
      issues: [{ path: 'databases.a' }, { path: 'databases.b' }, { path: 'shops.x.database' }],
    })
  })

  test.each([
    ['not JSON', '{"databases": {"a": "postgres://secret@x', 'is not JSON: line 1, column 41'],
    ['a comma too many', '{\n  "databases": {},\n  "shops": {},\n}', 'is not JSON: line 4, column 1'],
    ['an empty file', '', 'is not JSON: line 1, column 1'],
    ['a list', '[]', 'Invalid input'],
    ['no shops', '{"databases": {}}', 'shops Invalid input'],
  ])('%s is refused', async (_, text, message) => {
    writeFileSync(path, text)
    const error = String(await open().catch((reason: unknown) => reason))
    expect(error).toContain(message)
    expect(error).not.toContain('secret')
  })

  test('that is missing is refused', async () => {
    rmSync(path)
    await expect(open()).rejects.toThrow(`${path}: cannot be read: ENOENT`)
  })

  test('is read again after a change', async () => {
    const { locate, list } = await open()
    write({ databases, shops: { ...shops, toys: { database: 'a', schema: 'toys' } } })
    expect(await locate('toys')).toMatchObject({ schema: 'toys' })
    expect(await list()).toEqual(['music', 'books', 'toys'])
  })

  test('is looked at only once in a while', async () => {
    const { locate } = await open({ checkEveryMs: 3_600_000 })
    write({ databases, shops: {} })
    expect(await locate('books')).toBeDefined()
  })

  test('is looked at once more for a shop that it did not have', async () => {
    const { locate } = await open({ checkEveryMs: 3_600_000 })
    write({ databases, shops: { ...shops, toys: { database: 'a', schema: 'toys' } } })
    const asked = await Promise.all(Array.from({ length: 20 }, () => locate('toys')))
    expect(asked).toEqual(asked.map(() => expect.objectContaining({ schema: 'toys' })))
    expect(await locate('games')).toBeUndefined()
  })

  test('keeps its shops while a change is wrong, and says so once', async () => {
    const errors: unknown[] = []
    const { locate, isOutdated } = await open({ onError: (error: unknown) => errors.push(error) })
    expect(await isOutdated()).toBe(false)
    writeFileSync(path, '{"databases":')
    for (let i = 0; i < 3; i += 1)
      expect([await isOutdated(), await locate('books')]).toEqual([true, expect.anything()])
    rmSync(path)
    for (let i = 0; i < 3; i += 1)
      expect([await isOutdated(), await locate('books')]).toEqual([true, expect.anything()])
    expect(errors.map(String)).toEqual([
      expect.stringContaining('is not JSON'),
      expect.stringContaining('cannot be read: ENOENT'),
    ])
    write({ databases, shops: {} })
    expect([await isOutdated(), await locate('books')]).toEqual([false, undefined])
  })

  test('that is away for a moment is up to date once it is back, although it is the same', async () => {
    const { isOutdated } = await open()
    renameSync(path, `${path}.away`)
    expect(await isOutdated()).toBe(true)
    renameSync(`${path}.away`, path)
    expect(await isOutdated()).toBe(false)
  })

  test('that is closed is not looked at any more', async () => {
    const file = await open()
    file.close()
    write({ databases, shops: {} })
    expect(await file.list()).toEqual(['music', 'books'])
  })
})

describe('a change of the file', () => {
  const change = (work: (content: TenantsContent) => TenantsContent) => changeTenantsFile(path, work, environment)

  const add = (shopId: string) =>
    change((content) => ({
      ...content,
      shops: { ...content.shops, [shopId]: { database: 'a', schema: shopId } },
    }))

  const text = (): string => readFileSync(path, 'utf8')

  test('replaces it, keeps its permissions and the names of variables, and leaves no other file', async () => {
    chmodSync(path, 0o640)
    const { ino } = statSync(path)
    await add('toys')
    expect(JSON.parse(text())).toEqual({ databases, shops: { ...shops, toys: { database: 'a', schema: 'toys' } } })
    expect(statSync(path).mode & 0o777).toBe(0o640)
    // A file of its own: who reads the old one meanwhile reads all of it.
    expect(statSync(path).ino).not.toBe(ino)
    expect(readdirSync(folder)).toEqual(['shops.json'])
  })

  test('of many at once loses none', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `shop${index}`)
    await Promise.all(names.map(add))
    expect(Object.keys(parseTenants(path, text(), environment).content.shops)).toEqual(
      expect.arrayContaining(['music', 'books', ...names]),
    )
  })

  test.each([
    ['would be wrong', () => add('pg_x'), 'shops.pg_x.schema must be'],
    [
      'fails',
      () =>
        change(() => {
          throw new Error('no')
        }),
      'no',
    ],
  ])('that %s changes nothing', async (_, work, message) => {
    const before = text()
    await expect(work()).rejects.toThrow(message)
    expect(text()).toBe(before)
    expect(readdirSync(folder)).toEqual(['shops.json'])
  })

  test('waits for the change of another process', async () => {
    writeFileSync(`${path}.lock`, '')
    const added = add('toys')
    await new Promise((resolve) => setImmediate(resolve))
    expect(text()).not.toContain('toys')
    rmSync(`${path}.lock`)
    await added
    expect(text()).toContain('toys')
    expect(existsSync(`${path}.lock`)).toBe(false)
  })
})
