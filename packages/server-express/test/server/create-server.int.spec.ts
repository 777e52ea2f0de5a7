import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createServer } from '../../src/index.js'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

test('creates the tables in the given schema, and uses the given clock', async () => {
  let now = Date.UTC(2030, 0, 1)
  const server = await createServer({
    databaseUrl: database.url,
    schema: 'embedded',
    clock: { now: () => now },
    auth: 'off',
    policies: { order: { holdMinutes: 10 } },
  })
  const { shop } = server
  await shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 5 })
  const order = await shop.orders.place({ userId: 'mina', products: [{ productId: 'tea', quantity: 5 }] })
  expect(order.expiresAt).toBe('2030-01-01T00:10:00.000Z')
  now += 10 * 60_000
  expect(await shop.orders.get({ orderId: order.orderId })).toMatchObject({ status: 'expired' })
  const { rows } = await database.knex.raw('select product_id from embedded.products')
  expect(rows).toEqual([{ product_id: 'tea' }])
  await server.close()
})

test("shares a transaction with the caller's knex, which stays open", async () => {
  const { knex } = database
  await knex.raw('create table loyalty (user_id text primary key, points int not null)')
  const server = await createServer({ knex, auth: 'off' })
  const charge = (userId: string, isRolledBack: boolean) =>
    knex
      .transaction(async (trx) => {
        await trx('loyalty').insert({ user_id: userId, points: 5 })
        const outcome = await server.shop.within(trx).balance.charge({ userId, amount: 100 })
        expect(outcome).toMatchObject({ ok: true, result: { balance: 100 } })
        if (isRolledBack) throw new Error('rolled back')
      })
      .catch((error: Error) => error.message)
  expect(await charge('mina', false)).toBeUndefined()
  expect(await charge('jun', true)).toBe('rolled back')
  expect(await server.shop.balance.get({ userId: 'mina' })).toMatchObject({ balance: 100 })
  await expect(server.shop.balance.get({ userId: 'jun' })).rejects.toMatchObject({
    refusal: { code: 'USER_NOT_FOUND' },
  })
  await server.close()
  expect(await knex('loyalty').pluck('user_id')).toEqual(['mina'])
})

test('several servers start concurrently on one empty database', async () => {
  const other = await freshDatabase()
  const servers = await Promise.all(
    Array.from({ length: 4 }, () =>
      createServer({ databaseUrl: other.url, databasePool: 3, auth: 'off', demoData: true }),
    ),
  )
  for (const { shop } of servers) expect((await shop.products.list({ page: 0, size: 1 })).total).toBe(21)
  await Promise.all(servers.map((server) => server.close()))
  await other.drop()
})

test('readiness reports an unavailable database and its recovery', async () => {
  const own = await freshDatabase()
  const server = await createServer({ databaseUrl: own.url, auth: 'off' })
  const { port } = await server.listen(0)
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`)
    return { status: response.status, body: await response.json() }
  }
  expect(await ready()).toMatchObject({ status: 200, body: { checks: { database: { status: 'up' } } } })
  const name = new URL(own.url).pathname.slice(1)
  const cut = async () => {
    await database.knex.raw(`alter database "${name}" allow_connections false`)
    await database.knex.raw('select pg_terminate_backend(pid) from pg_stat_activity where datname = ?', [name])
  }
  await cut()
  const down = await ready()
  expect(down).toMatchObject({ status: 503, body: { checks: { database: { status: 'down' } } } })
  expect(JSON.stringify(down.body)).not.toContain(name)
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200)
  await database.knex.raw(`alter database "${name}" allow_connections true`)
  await expect.poll(async () => (await ready()).status).toBe(200)
  await server.close()
  await own.drop()
})

test('each job logs a database outage once', async () => {
  const { hostname, port } = new URL(database.url)
  const sockets = new Set<Socket>()
  const proxy = createTcpServer((socket) => {
    const upstream = connect(Number(port), hostname)
    socket.pipe(upstream).pipe(socket)
    for (const each of [socket, upstream]) sockets.add(each.on('error', () => undefined))
  })
  const listen = (at: number) => new Promise<void>((resolve) => proxy.listen(at, '127.0.0.1', resolve))
  await listen(0)
  const { port: proxyPort } = proxy.address() as AddressInfo
  const url = new URL(database.url)
  url.host = `127.0.0.1:${proxyPort}`

  const lines: { level: number; msg: string; job?: string; message?: string }[] = []
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const platform = { url: 'http://127.0.0.1:2', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }
  const logger = pino({ level: 'debug' }, sink)
  const server = await createServer({
    databaseUrl: url.href,
    schema: 'away',
    auth: 'off',
    logger,
    dataPlatform: platform,
  })
  await expect
    .poll(() => lines.some(({ msg }) => msg === 'this process is now the leader and runs the scheduled jobs'), {
      timeout: 20_000,
    })
    .toBe(true)

  const before = lines.length
  const closed = new Promise((resolve) => proxy.close(resolve))
  for (const socket of sockets) socket.destroy()
  await closed
  const again = () => lines.slice(before).filter(({ msg }) => msg === 'the job failed again')
  await expect.poll(() => again().length, { timeout: 25_000 }).toBeGreaterThanOrEqual(5)
  const seen = lines.slice(before).filter(({ level }) => level > 20)
  const failures = seen.filter(({ msg }) => msg.startsWith('the job failed')).map(({ job }) => job)
  expect(failures.length).toBe(new Set(failures).size)
  expect(seen.filter(({ message }) => message?.includes('ECONNREFUSED'))).toEqual([])

  await listen(proxyPort)
  await expect.poll(() => lines.some(({ msg }) => msg === 'the job recovered'), { timeout: 20_000 }).toBe(true)
  await server.close()
  await new Promise((resolve) => proxy.close(resolve))
}, 90_000)
