import { execFile } from 'node:child_process'
import { type AddressInfo, connect, createServer } from 'node:net'
import { promisify } from 'node:util'
import { startPgbouncer } from '@shop/test-support/pgbouncer'
import { describe, expect, test } from 'vitest'
import type { ServerProcess } from '../support/server-process.js'
import { serverStarter } from '../support/server-starter.js'
import { secret } from '../support/tokens.js'

const shell = promisify(execFile)

const servers = serverStarter()
const { start, stop } = servers

/** The commands of the start text, unchanged. */
const curlLines = (server: ServerProcess): string[] => server.stdout().match(/^ {2}curl .*$/gm) ?? []

const run = async (line: string): Promise<Record<string, unknown>> => {
  const { stdout } = await shell('sh', ['-c', line])
  return JSON.parse(stdout)
}

describe('the start-up text', () => {
  test('shows the address, tokens and three commands that work unchanged', async () => {
    const server = start({ SHOP_DEMO_DATA: 'on', SHOP_DATABASE_SCHEMA: 'demo' })
    const url = await server.url
    expect(server.stdout()).toMatch(/^Listening on http:\/\/127\.0\.0\.1:\d+ after \d+ ms$/m)
    const lines = curlLines(server)
    expect(lines).toHaveLength(3)
    const [products, charged, order] = await Promise.all(lines.map(run))
    expect(products).toMatchObject({ total: 21 })
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
  ])('shows commands that work with %o', async (environment) => {
    const server = start({
      SHOP_DATABASE_SCHEMA: `schema_${Object.keys(environment).join('')}`,
      ...environment,
    })
    await server.url
    const lines = curlLines(server)
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(await run(line)).not.toHaveProperty('code')
    expect(server.stdout().includes('administrator  ')).toBe(environment.SHOP_PRESET === 'take-at-payment')
  })

  test('says why demo sign-in is off if other machines can reach the server', async () => {
    const server = start({ SHOP_DEMO_DATA: 'on', SHOP_DATABASE_SCHEMA: 'reachable', HOST: '0.0.0.0' })
    const url = await server.url
    expect(server.stdout()).toMatch(/^ {2}no demo sign-in: HOST=0\.0\.0\.0 .*SHOP_DEMO_SIGN_IN=on/m)
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ userId: 'administrator' })
    expect((await fetch(`${url}/api/demo/sign-in`, { method: 'POST', headers, body })).status).toBe(404)
    expect(await stop(server)).toEqual({ code: 0, signal: null })
  })

  test('measures the startup from the start of npm start', async () => {
    const server = start({ SHOP_START_BEGAN: String(Date.now() - 100_000) })
    await server.url
    expect(Number(/after (\d+) ms/.exec(server.stdout())?.[1])).toBeGreaterThan(100_000)
  })
})

test.each([
  { mode: 'session', environment: { SHOP_DATABASE_POOL: '5' } },
  { mode: 'transaction', environment: { SHOP_DATABASE_PREPARED: 'off' } },
] as const)('a server works behind a pgbouncer in $mode mode', { timeout: 120_000 }, async ({ mode, environment }) => {
  const pooler = await startPgbouncer(servers.database.url, { mode, settings: { default_pool_size: '8' } })
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
})

test('in production no token is printed, and demo sign-in is off by default', async () => {
  const server = start({
    NODE_ENV: 'production',
    SHOP_JWT_SECRET: secret,
    SHOP_DEMO_DATA: 'on',
    SHOP_DATABASE_SCHEMA: 'production',
  })
  const url = await server.url
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ userId: 'administrator' })
  expect((await fetch(`${url}/api/demo/sign-in`, { method: 'POST', headers, body })).status).toBe(404)
  expect(server.stdout()).toMatch(/no demo sign-in: NODE_ENV is production/)
  expect(server.stdout()).not.toMatch(/eyJ/)
  expect(server.stdout()).toMatch(/"level":"warn".*SHOP_CHARGE_ACCESS is user/)
})

test('waits for a database that starts a moment later', async () => {
  const { hostname, port } = new URL(servers.database.url)
  const proxy = createServer((socket) => {
    const upstream = connect(Number(port), hostname)
    socket.pipe(upstream).pipe(socket)
    for (const each of [socket, upstream]) each.on('error', () => undefined)
  })
  const listen = (at: number) => new Promise<void>((resolve) => proxy.listen(at, '127.0.0.1', resolve))
  await listen(0)
  const { port: proxyPort } = proxy.address() as AddressInfo
  await new Promise((resolve) => proxy.close(resolve))

  const url = new URL(servers.database.url)
  url.host = `127.0.0.1:${proxyPort}`
  const server = start({ DATABASE_URL: url.href })
  await server.saying(/waiting for the database/)
  await listen(proxyPort)
  expect(await server.url).toMatch(/^http/)
  expect(server.stdout()).not.toContain(url.password)
  await stop(server)
  proxy.close()
})

test('warnings are written to the log', async () => {
  const server = start({ SHOP_USER_LOCKS: 'on', SHOP_TYPO: '1' })
  await server.url
  expect(server.stdout()).toMatch(/"level":"warn".*SHOP_USER_LOCKS has no effect because REDIS_URL is not set/)
  expect(server.stdout()).toMatch(/"level":"warn".*SHOP_TYPO is not a variable/)
})

test('no secret is logged, even at level trace', async () => {
  const url = new URL(servers.database.url)
  const server = start({
    LOG_LEVEL: 'trace',
    SHOP_JWT_SECRET: `canary-${secret}`,
    SHOP_DATA_PLATFORM_URL: 'http://127.0.0.1:2/events?key=canary',
    SHOP_JWKS_URL: 'https://127.0.0.1:2/jwks?key=canary',
    SHOP_JWT_ANY_ISSUER: 'on',
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
