import { connect, createServer } from 'node:net'
import { isShopUnavailable } from '@shop/core'
import { freePort } from '@shop/test-support/child'
import { startProxy } from '@shop/test-support/redis'
import { describe, expect, test } from 'vitest'
import { eventually, type ServedShops, type Shops, serveShops, stock, twoDatabases } from './support.js'

const databases = twoDatabases()

const openShops = async ({ call }: ServedShops): Promise<number> => {
  const { body } = await call('nowhere', 'GET', '/metrics', { tokenOf: null })
  return Number(/^shop_open_shops (\d+)$/m.exec(body)?.[1])
}

const stockIn = async ({ call }: ServedShops, shopId: string): Promise<number> =>
  (await call(shopId, 'GET', '/api/products/mug', { tokenOf: null })).body.stock

describe('a shop', () => {
  test('opens when first asked for, closes when nobody asks, with its views written, and opens again', async () => {
    const served = await serveShops(
      { idle: { database: databases.a.url, schema: 'idle' }, other: { database: databases.a.url, schema: 'other' } },
      { idleMs: 1_000, scheduler: false },
    )
    expect(await openShops(served)).toBe(0)
    await stock(served, 'idle')
    expect(await stockIn(served, 'idle')).toBe(10)
    // Metrics are rendered at most once a second.
    await eventually(async () => (await openShops(served)) === 1, 'the shop is open')
    await eventually(async () => (await openShops(served)) === 0, 'the shop is closed')
    const { rows } = await databases.a.knex.raw('select views from idle.product_views')
    expect(rows).toEqual([{ views: '1' }])
    expect(await stockIn(served, 'idle')).toBe(10)
  })

  test('stays open while somebody watches a product', async () => {
    const served = await serveShops(
      { live: { database: databases.a.url, schema: 'live' } },
      { idleMs: 1_000, scheduler: false },
    )
    await stock(served, 'live')
    const socket = connect(served.port, '127.0.0.1')
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk
    })
    socket.write('GET /api/products/mug/live HTTP/1.1\r\nhost: live.shops.example\r\n\r\n')
    await eventually(() => received.includes('event: product'), 'the stream begins')
    const began = performance.now()
    await eventually(async () => performance.now() - began > 3_000, 'three times as long as it may be idle', 5_000)
    expect(await openShops(served)).toBe(1)
    socket.destroy()
    await eventually(async () => (await openShops(served)) === 0, 'the shop is closed')
  })

  test('that is asked least recently closes if there are too many', async () => {
    const shops: Shops = Object.fromEntries(
      ['one', 'two', 'three'].map((schema) => [schema, { database: databases.a.url, schema }]),
    )
    const served = await serveShops(shops, { maxOpen: 2, scheduler: false })
    for (const shopId of ['one', 'two', 'three', 'one']) {
      expect((await served.call(shopId, 'GET', '/api/products', { tokenOf: null })).status).toBe(200)
    }
    await eventually(async () => (await openShops(served)) === 2, 'two are open')
  })

  test('that moves takes no writes, goes on reading, and sells at its new place', async () => {
    const shops: Shops = { mover: { database: databases.a.url, schema: 'mover' } }
    const served = await serveShops(shops, { scheduler: false })
    await stock(served, 'mover', { units: 5 })
    shops['mover'] = { database: databases.a.url, schema: 'mover', writesRefused: true }
    const charge = (reference: string) =>
      served.call('mover', 'POST', '/api/balance/charge', { body: { userId: 'mina', amount: 100, reference } })
    await eventually(async () => (await charge('a')).status === 503, 'writes are refused', 7_000)
    const refused = await charge('b')
    expect([refused.body.code, refused.headers['retry-after']]).toEqual(['UNAVAILABLE', '1'])
    expect(await stockIn(served, 'mover')).toBe(5)
    const direct = (await served.server.shop('mover')).users.register({ userId: 'late' })
    await expect(direct).rejects.toThrow(/takes no writes/)
    shops['mover'] = { database: databases.b.url, schema: 'moved' }
    await eventually(async () => (await stockIn(served, 'mover')) === undefined, 'the new place is empty', 7_000)
    await stock(served, 'mover', { units: 8 })
    expect(await stockIn(served, 'mover')).toBe(8)
    const { rows } = await databases.a.knex.raw('select stock from mover.products')
    expect(rows).toEqual([{ stock: '5' }])
  })

  test('that has moved rejects what work of the host still asks of it, reads as well', async () => {
    const shops: Shops = { held: { database: databases.a.url, schema: 'held' } }
    const served = await serveShops(shops, { scheduler: false })
    await stock(served, 'held')
    await served.server.withShop('held', async (shop) => {
      expect((await shop.balance.get({ userId: 'mina' })).balance).toBe(1_000)
      shops['held'] = { database: databases.b.url, schema: 'held' }
      await eventually(async () => (await stockIn(served, 'held')) === undefined, 'the new place is empty', 7_000)
      const asked = [
        () => shop.balance.get({ userId: 'mina' }),
        () => shop.products.list(),
        () => shop.orders.quote({ userId: 'mina', products: [{ productId: 'mug', quantity: 1 }] }),
        () => shop.statement({ from: '2030-01-01', to: '2030-01-01' }),
        () => shop.audit(),
        () => shop.users.register({ userId: 'late' }),
      ]
      for (const ask of asked) await expect(ask(), String(ask)).rejects.toSatisfy(isShopUnavailable)
    })
  })

  test('that closes forgets no wrong codes; another shop counts its own', async () => {
    const place = (schema: string) => ({ database: databases.a.url, schema })
    const served = await serveShops(
      { guessed: place('guessed'), apart: place('apart') },
      { idleMs: 1_000, scheduler: false, rateLimit: 0 },
    )
    const guess = async (shopId: string) => {
      const body = { userId: 'mina', code: 'SPRING-2030' }
      return (await served.call(shopId, 'POST', '/api/coupon/issue', { as: 'mina', body })).body.code
    }
    for (let n = 0; n < 20; n += 1) expect(await guess('guessed')).toBe('COUPON_NOT_FOUND')
    expect([await guess('guessed'), await guess('apart')]).toEqual(['RATE_LIMITED', 'COUPON_NOT_FOUND'])
    await eventually(async () => (await openShops(served)) === 0, 'the shops are closed')
    expect([await guess('guessed'), await guess('apart')]).toEqual(['RATE_LIMITED', 'COUPON_NOT_FOUND'])
  })

  test('whose rules are wrong is UNAVAILABLE; the log says why', async () => {
    const lines: string[] = []
    const { pino } = await import('pino')
    const { call } = await serveShops(
      { wrong: { database: databases.a.url, schema: 'wrong', policies: { order: { holdMinutes: -1 } } } },
      { scheduler: false, logger: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }) },
    )
    const { status, body } = await call('wrong', 'GET', '/api/products', { tokenOf: null })
    expect([status, body.code]).toEqual([503, 'UNAVAILABLE'])
    expect(lines.join('')).toContain('holdMinutes')
  })
})

test.each([true, false])('a list that fails shows in readiness (scheduler: %s)', async (scheduler) => {
  const list = () => Promise.reject(new Error('the table of shops is away'))
  const served = await serveShops({}, { list, scheduler })
  const check = async () => (await served.call('nowhere', 'GET', '/readyz', { tokenOf: null })).body.checks.shops
  const detail = 'the list of shops cannot be read: the last known one is used'
  await expect.poll(check, { timeout: 5_000 }).toEqual({ status: 'degraded', detail })
})

describe('a database that is away', () => {
  test('is waited for as long as databaseWaitMs says', async () => {
    const proxy = await startProxy(databases.a.url)
    const shops: Shops = { waiting: { database: proxy.url, schema: 'waiting' } }
    const served = await serveShops(shops, { scheduler: false, databaseWaitMs: 9_000 })
    await stock(served, 'waiting')
    const port = await freePort()
    proxy.leadTo(`tcp://127.0.0.1:${port}`)
    proxy.cut()
    const answer = served.call('waiting', 'GET', '/api/products', { tokenOf: null })
    const refusal = served.server.shop('waiting').then((shop) => shop.users.register({ userId: 'late' }))
    const began = performance.now()
    await eventually(() => performance.now() - began > 500, 'longer than without a wait')
    proxy.leadTo(databases.a.url)
    expect([(await answer).status, (await refusal).userId]).toEqual([200, 'late'])
    await served.server.close()
    await proxy.stop()
  })

  test('makes only its own shops unavailable, and the server degraded', async () => {
    const upstream = new URL(databases.b.url)
    const sockets = new Set<import('node:net').Socket>()
    const proxy = createServer((socket) => {
      const onward = connect(Number(upstream.port), upstream.hostname)
      for (const each of [socket, onward]) {
        sockets.add(each)
        each.on('error', () => {})
        each.on('close', () => sockets.delete(each))
      }
      socket.pipe(onward).pipe(socket)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const through = new URL(upstream)
    through.hostname = '127.0.0.1'
    through.port = String((proxy.address() as import('node:net').AddressInfo).port)
    const served = await serveShops({
      here: { database: databases.a.url, schema: 'here' },
      away: { database: through.href, schema: 'away' },
    })
    await Promise.all([stock(served, 'here'), stock(served, 'away')])
    const readiness = async () => (await served.call('nowhere', 'GET', '/readyz', { tokenOf: null })).body
    expect(await readiness()).toMatchObject({ status: 'up', checks: { databases: { status: 'up' } } })

    const stopped = new Promise((resolve) => proxy.close(resolve))
    for (const socket of sockets) socket.destroy()
    await stopped
    const order = { body: { userId: 'mina', products: [{ productId: 'mug', quantity: 1 }] } }
    const [here, away] = await Promise.all(['here', 'away'].map((id) => served.call(id, 'POST', '/api/orders', order)))
    expect([here?.status, away?.status]).toEqual([201, 503])
    expect(away?.headers['retry-after']).toBe('1')
    expect(await readiness()).toMatchObject({
      status: 'degraded',
      checks: { databases: { status: 'degraded', detail: '1 of 2 databases accept no writes' } },
    })
  })
})
