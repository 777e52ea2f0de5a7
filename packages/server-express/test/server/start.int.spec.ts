import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { startPgbouncer } from '@shop/test-support/pgbouncer'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { secret } from '../support/tokens.js'

const shell = promisify(execFile)

let bundle: Bundle
let database: FreshDatabase
beforeAll(async () => {
  ;[bundle, database] = await Promise.all([bundleServer(), freshDatabase()])
})
afterAll(() => Promise.all([bundle.remove(), database.drop()]))

let folder: string
let started: ServerProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-start-'))
})
afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL')
  await Promise.all(started.map(({ ended }) => ended))
  started = []
  await rm(folder, { recursive: true, force: true })
})

const start = (environment: Record<string, string> = {}): ServerProcess => {
  const server = startProcess(bundle.main, folder, { DATABASE_URL: database.url, ...environment })
  started.push(server)
  return server
}

const stop = (server: ServerProcess) => {
  server.child.kill('SIGTERM')
  return server.ended
}

/** The lines that somebody is told to try, as they stand. */
const curlLines = (server: ServerProcess): string[] => server.stdout().match(/^ {2}curl .*$/gm) ?? []

const run = async (line: string): Promise<Record<string, unknown>> => {
  const { stdout } = await shell('sh', ['-c', line])
  return JSON.parse(stdout)
}

describe('the start-up text', () => {
  test('names the address, tokens, and three lines that work as they stand', async () => {
    const server = start({ SHOP_DEMO_DATA: 'on', SHOP_DATABASE_SCHEMA: 'demo' })
    const url = await server.url
    expect(server.stdout()).toMatch(/^Listening on http:\/\/127\.0\.0\.1:\d+ after \d+ ms$/m)
    const lines = curlLines(server)
    expect(lines).toHaveLength(3)
    const [products, charged, order] = await Promise.all(lines.map(run))
    expect(products).toMatchObject({ total: 20 })
    expect(charged).toMatchObject({ userId: 'demo-mina', balance: expect.any(Number) })
    expect(order).toMatchObject({ userId: 'demo-mina', status: 'pending' })
    const [, administrator] = /^ {2}administrator {2}(\S+)$/m.exec(server.stdout()) ?? []
    const audit = await fetch(`${url}/api/admin/audit`, { headers: { authorization: `Bearer ${administrator}` } })
    expect(await audit.json()).toMatchObject({ ok: true })
    expect(await stop(server)).toEqual({ code: 0, signal: null })
  })

  test.each([
    { SHOP_AUTH: 'off', SHOP_DEMO_DATA: 'on', SHOP_PRESET: 'one-call' },
    { SHOP_JWT_SECRET: secret },
    { SHOP_PRESET: 'take-at-payment' },
  ])('with %o, too, the lines work', async (environment) => {
    const server = start({
      SHOP_DATABASE_SCHEMA: `schema_${started.length}_${Object.keys(environment).join('')}`,
      ...environment,
    })
    await server.url
    const lines = curlLines(server)
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(await run(line)).not.toHaveProperty('code')
    expect(server.stdout().includes('administrator  ')).toBe(environment.SHOP_PRESET === 'take-at-payment')
  })

  test('says why there is no demo sign-in where others than this machine can reach the server', async () => {
    const server = start({ SHOP_DEMO_DATA: 'on', SHOP_DATABASE_SCHEMA: 'reachable', HOST: '0.0.0.0' })
    const url = await server.url
    expect(server.stdout()).toMatch(/^ {2}no demo sign-in: HOST=0\.0\.0\.0 .*SHOP_DEMO_SIGN_IN=on/m)
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ userId: 'administrator' })
    expect((await fetch(`${url}/api/demo/sign-in`, { method: 'POST', headers, body })).status).toBe(404)
    expect(await stop(server)).toEqual({ code: 0, signal: null })
  })

  test('counts from when npm start began', async () => {
    const server = start({ SHOP_START_BEGAN: String(Date.now() - 100_000) })
    await server.url
    expect(Number(/after (\d+) ms/.exec(server.stdout())?.[1])).toBeGreaterThan(100_000)
  })
})

describe('a start that fails', () => {
  test.each([
    { PORT: 'x' },
    { SHOP_PRESET: 'x' },
    { SHOP_POLICIES: '{"charge":{"minimum":-1}}' },
    { SHOP_JWT_SECRET: 'short' },
    { LOG_LEVEL: 'x' },
  ])('for %o is one line that names the variable, and status 78', async (environment) => {
    const server = start(environment)
    expect(await server.ended).toEqual({ code: 78, signal: null })
    const [variable] = Object.keys(environment)
    expect(server.stderr()).toMatch(new RegExp(`^${variable} [^\\n]+\\n$`))
    expect(server.stdout()).toBe('')
  })

  test('for a wrong value in .env is no different; what is really set wins', async () => {
    await writeFile(join(folder, '.env'), 'LOG_LEVEL=loud\n')
    const server = start()
    expect((await server.ended).code).toBe(78)
    expect(server.stderr()).toMatch(/^LOG_LEVEL /)
    await expect(start({ LOG_LEVEL: 'warn' }).url).resolves.toMatch(/^http/)
  })

  test('for a port that is taken is one line', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const server = start({ PORT: String(port), LOG_LEVEL: 'warn' })
    expect(await server.ended).toEqual({ code: 1, signal: null })
    expect(server.stderr()).toBe(`PORT ${port} on 127.0.0.1 is in use already\n`)
    other.close()
  })

  test('for an address that is another machine’s is one line', async () => {
    const server = start({ LOG_LEVEL: 'warn', HOST: '192.0.2.1' })
    expect((await server.ended).code).toBe(78)
    expect(server.stderr()).toBe('HOST 192.0.2.1 is not an address of this machine\n')
  })

  test('for a database or a password that is wrong has status 78 and does not tell the password', async () => {
    const [noDatabase, noPassword] = [new URL(database.url), new URL(database.url)]
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

describe('a database that the shop cannot work with', () => {
  const refused = async (environment: Record<string, string>): Promise<string> => {
    const server = start({ LOG_LEVEL: 'warn', ...environment })
    const { code } = await server.ended
    expect({ code, said: server.stderr() }).toEqual({
      code: 78,
      said: expect.stringMatching(/^DATABASE_URL [^\n]+\n$/),
    })
    return server.stderr()
  }

  test('is refused in one line where it is not UTF-8', async () => {
    const other = await freshDatabase({ encoding: 'EUC_KR' })
    expect(await refused({ DATABASE_URL: other.url })).toMatch(/is encoded in EUC_KR.*encoding 'UTF8'/)
    await other.drop()
  })

  test('is refused in one line where a pooler does not let it be one', { timeout: 120_000 }, async () => {
    const statements = await startPgbouncer(database.url, { mode: 'statement' })
    const transactions = await startPgbouncer(database.url, { mode: 'transaction' })
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

test.each([
  { mode: 'session', environment: { SHOP_DATABASE_POOL: '5' } },
  { mode: 'transaction', environment: { SHOP_DATABASE_PREPARED: 'off' } },
] as const)(
  'a server behind a pgbouncer in $mode mode serves all it is asked',
  { timeout: 120_000 },
  async ({ mode, environment }) => {
    const pooler = await startPgbouncer(database.url, { mode, settings: { default_pool_size: '8' } })
    const server = start({
      LOG_LEVEL: 'warn',
      DATABASE_URL: pooler.url,
      SHOP_DATABASE_SCHEMA: `behind_${mode}`,
      SHOP_DEMO_DATA: 'on',
      SHOP_AUTH: 'off',
      ...environment,
    })
    const url = await server.url
    const charge = (index: number) =>
      fetch(`${url}/api/balance/charge`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ userId: `user-${index % 7}`, amount: 1_000 }),
      })
    const statuses: number[] = []
    for (let round = 0; round < 8; round += 1) {
      const asked = Array.from({ length: 30 }, (_, index) =>
        index % 2 === 0 ? charge(index) : fetch(`${url}/api/products?keyword=${index % 10}&size=5`),
      )
      for (const response of await Promise.all(asked)) {
        statuses.push(response.status)
        await response.arrayBuffer()
      }
    }
    expect(new Set(statuses)).toEqual(new Set([200]))
    const audit = await fetch(`${url}/api/admin/audit`)
    expect(await audit.json()).toMatchObject({ ok: true })
    expect(await stop(server)).toEqual({ code: 0, signal: null })
    await pooler.stop()
  },
)

test('a database that comes up a moment later is waited for', async () => {
  const { hostname, port } = new URL(database.url)
  const proxy = createServer((socket) => {
    const upstream = connect(Number(port), hostname)
    socket.pipe(upstream).pipe(socket)
    for (const each of [socket, upstream]) each.on('error', () => undefined)
  })
  const listen = (at: number) => new Promise<void>((resolve) => proxy.listen(at, '127.0.0.1', resolve))
  await listen(0)
  const { port: proxyPort } = proxy.address() as AddressInfo
  await new Promise((resolve) => proxy.close(resolve))

  const url = new URL(database.url)
  url.host = `127.0.0.1:${proxyPort}`
  const server = start({ DATABASE_URL: url.href })
  await server.saying(/waiting for the database/)
  await listen(proxyPort)
  expect(await server.url).toMatch(/^http/)
  expect(server.stdout()).not.toContain(url.password)
  await stop(server)
  proxy.close()
})

test('warnings are lines in the log', async () => {
  const server = start({ SHOP_USER_LOCKS: 'on', SHOP_TYPO: '1' })
  await server.url
  expect(server.stdout()).toMatch(/"level":"warn".*SHOP_USER_LOCKS is on, REDIS_URL is not set/)
  expect(server.stdout()).toMatch(/"level":"warn".*SHOP_TYPO is not a variable/)
})

test('no secret gets into the log, not even at its most talkative', async () => {
  const url = new URL(database.url)
  const server = start({
    LOG_LEVEL: 'trace',
    SHOP_JWT_SECRET: `canary-${secret}`,
    SHOP_DATA_PLATFORM_URL: 'http://127.0.0.1:1/events',
    SHOP_DATA_PLATFORM_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  })
  const base = await server.url
  await fetch(`${base}/api/admin/audit`, {
    headers: { authorization: 'Bearer canary', cookie: 'canary', 'idempotency-key': 'canary' },
  })
  await stop(server)
  const log = server.stdout() + server.stderr()
  expect(log).toMatch(/"level":"debug"/)
  for (const secretText of ['canary', 'whsec_MfKQ', url.password]) expect(log).not.toContain(secretText)
})
