import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { migrate } from '@shop/adapter-knex'
import { freshDatabase } from '@shop/test-support/database'
import { startPgbouncer } from '@shop/test-support/pgbouncer'
import { describe, expect, test } from 'vitest'
import { serverStarter } from '../support/server-starter.js'

const servers = serverStarter()
const { start } = servers

describe('a failed start', () => {
  test.each([
    { PORT: 'x' },
    { SHOP_PRESET: 'x' },
    { SHOP_POLICIES: '{"charge":{"minimum":-1}}' },
    { SHOP_JWT_SECRET: 'short' },
    { LOG_LEVEL: 'x' },
    { SHOP_CHARGE_ACCESS: 'x' },
    { SHOP_CURRENCY: 'DOLLARS' },
    { SHOP_JWKS_URL: 'http://keys:6000/jwks' },
  ])('with %o prints one line that names the variable, and has status 78', async (environment) => {
    const server = start(environment)
    expect(await server.ended).toEqual({ code: 78, signal: null })
    const [variable] = Object.keys(environment)
    expect(server.stderr()).toMatch(new RegExp(`^${variable} [^\\n]+\\n$`))
    expect(server.stdout()).toBe('')
  })

  test('with an invalid value in .env behaves the same, and the environment takes precedence', async () => {
    await writeFile(join(servers.folder, '.env'), 'LOG_LEVEL=loud\n')
    const server = start()
    expect((await server.ended).code).toBe(78)
    expect(server.stderr()).toMatch(/^LOG_LEVEL /)
    await expect(start({ LOG_LEVEL: 'warn' }).url).resolves.toMatch(/^http/)
  })

  test('on a port in use prints one line', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const server = start({ PORT: String(port), LOG_LEVEL: 'warn' })
    expect(await server.ended).toEqual({ code: 1, signal: null })
    expect(server.stderr()).toBe(`PORT ${port} on 127.0.0.1 is already in use\n`)
    other.close()
  })

  test('on an address of another machine prints one line', async () => {
    const server = start({ LOG_LEVEL: 'warn', HOST: '192.0.2.1' })
    expect((await server.ended).code).toBe(78)
    expect(server.stderr()).toBe('HOST 192.0.2.1 is not an address of this machine\n')
  })

  test('with a wrong database or password has status 78, and does not print the password', async () => {
    const [noDatabase, noPassword] = [new URL(servers.database.url), new URL(servers.database.url)]
    noDatabase.pathname = '/canary_database'
    noPassword.password = 'canary-password'
    for (const { href } of [noDatabase, noPassword]) {
      const server = start({ LOG_LEVEL: 'warn', DATABASE_URL: href })
      expect((await server.ended).code).toBe(78)
      expect(server.stderr()).toMatch(/^DATABASE_URL [^\n]+\n$/)
      expect(server.stderr()).not.toContain('canary-password')
    }
  })
})

describe('an unsuitable database', () => {
  const refused = async (environment: Record<string, string>): Promise<string> => {
    const server = start({ LOG_LEVEL: 'warn', ...environment })
    const { code } = await server.ended
    expect({ code, said: server.stderr() }).toEqual({
      code: 78,
      said: expect.stringMatching(/^DATABASE_URL [^\n]+\n$/),
    })
    return server.stderr()
  }

  test('is refused in one line if it is not UTF-8', async () => {
    const other = await freshDatabase({ encoding: 'EUC_KR' })
    expect(await refused({ DATABASE_URL: other.url })).toMatch(/is encoded in EUC_KR.*encoding 'UTF8'/)
    await other.drop()
  })

  test('is refused in one line behind an unsuitable pooler', { timeout: 120_000 }, async () => {
    const statements = await startPgbouncer(servers.database.url, { mode: 'statement' })
    const transactions = await startPgbouncer(servers.database.url, { mode: 'transaction' })
    const withOptions = new URL(transactions.url)
    withOptions.searchParams.set('options', '-c jit=off')
    const lines = await Promise.all([
      refused({ DATABASE_URL: transactions.url }),
      refused({ DATABASE_URL: withOptions.href }),
      refused({ DATABASE_URL: statements.url, SHOP_DATABASE_PREPARED: 'off' }),
    ])
    expect(lines).toEqual([
      expect.stringMatching(/pgbouncer.* SHOP_DATABASE_PREPARED=off/),
      expect.stringMatching(/unsupported startup parameter: options .*pgbouncer.*ignore_startup_parameters/),
      expect.stringMatching(/statement pooling mode .*pgbouncer.*SHOP_DATABASE_PREPARED=off/),
    ])
    await Promise.all([statements.stop(), transactions.stop()])
  })
})

describe('an unsafe start', () => {
  test.each<[environment: Record<string, string>, line: RegExp]>([
    [{ NODE_ENV: 'production' }, /^SHOP_JWT_SECRET .*NODE_ENV is production\n$/],
    [
      { SHOP_JWT_SECRET: 'a-secret-for-this-machine-only-change-it' },
      /^SHOP_JWT_SECRET [^\n]*published example[^\n]*\n$/,
    ],
    [{ SHOP_AUTH: 'off', HOST: '0.0.0.0' }, /^SHOP_AUTH [^\n]*SHOP_AUTH_OFF_IS_SAFE=on[^\n]*\n$/],
  ])('with %o prints one line, and has status 78', async (environment, line) => {
    const server = start(environment)
    expect(await server.ended).toEqual({ code: 78, signal: null })
    expect(server.stderr()).toMatch(line)
    expect(server.stdout()).toBe('')
  })

  test('on a world-writable data folder prints one line, and has status 78', async () => {
    const open = join(servers.folder, 'open')
    await mkdir(open)
    await chmod(open, 0o777)
    const server = start({ DATABASE_URL: '', SHOP_DATA_DIR: open, LOG_LEVEL: 'warn' })
    expect(await server.ended).toEqual({ code: 78, signal: null })
    expect(server.stderr()).toMatch(/^SHOP_DATA_DIR: the data folder [^\n]* can be changed by other users[^\n]*\n$/)
    expect(await readdir(open)).toEqual([])
  })
})

test('with SHOP_MIGRATE=off, a database without tables is refused, and a migrated one works', async () => {
  const environment = { SHOP_DATABASE_SCHEMA: 'by_hand', SHOP_MIGRATE: 'off', LOG_LEVEL: 'warn' }
  const server = start(environment)
  expect(await server.ended).toEqual({ code: 78, signal: null })
  expect(server.stderr()).toMatch(
    /^SHOP_MIGRATE is off, and the schema by_hand lacks 0001[^\n]*run migrate\(knex\)[^\n]*\n$/,
  )
  const { rows } = await servers.database.knex.raw("select to_regnamespace('by_hand') is null as untouched")
  expect(rows).toEqual([{ untouched: true }])
  await migrate(servers.database.knex, { schema: 'by_hand' })
  expect(await start(environment).url).toMatch(/^http/)
})

test('an unknown sslmode prints one line, and has status 78', async () => {
  const server = start({ LOG_LEVEL: 'warn', DATABASE_URL: 'postgres://me:canary@127.0.0.1/shop?sslmode=allow' })
  expect(await server.ended).toEqual({ code: 78, signal: null })
  expect(server.stderr()).toMatch(/^DATABASE_URL has an unknown sslmode, "allow": [^\n]+\n$/)
  expect(server.stdout()).toBe('')
})

test.each<[string, string, (schema: string) => string, RegExp]>([
  [
    'newer',
    'that a newer version has migrated',
    (schema) => `insert into "${schema}".migrations (name, batch) values ('0099_more', 9)`,
    /migrated by a newer version \(0099_more\)/,
  ],
  [
    'other_migrations',
    'whose table of migrations belongs to another application',
    (schema) => `alter table "${schema}".migrations drop column batch`,
    /\.migrations belongs to another application/,
  ],
  [
    'other_tables',
    'with tables of the same name',
    (schema) => `delete from "${schema}".migrations`,
    /has tables that the shop did not make \(wallets, /,
  ],
])('%s: a schema %s prints one line without a stack, and has status 78', async (schema, _, sql, expected) => {
  await migrate(servers.database.knex, { schema })
  await servers.database.knex.raw(sql(schema))
  const server = start({ LOG_LEVEL: 'warn', SHOP_DATABASE_SCHEMA: schema })
  expect(await server.ended).toEqual({ code: 78, signal: null })
  expect(server.stderr()).toMatch(/^SHOP_DATABASE_SCHEMA: [^\n]+\n$/)
  expect(server.stderr()).toMatch(expected)
  expect(server.stdout()).toBe('')
})

test('a database that is down causes one log line, not one per attempt', async () => {
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  const url = new URL(servers.database.url)
  url.host = `127.0.0.1:${port}`
  const server = start({ DATABASE_URL: url.href })
  expect(await server.ended).toEqual({ code: 1, signal: null })
  const lines = server
    .stdout()
    .split('\n')
    .filter((line) => line.includes('ECONNREFUSED'))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('waiting for the database')
  expect(server.stderr()).toMatch(/^DATABASE_URL cannot be used: [^\n]+\n$/)
})
