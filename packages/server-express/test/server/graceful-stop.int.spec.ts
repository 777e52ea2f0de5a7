import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import type { Knex } from 'knex'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { somebodyWaitsForALock } from '../support/lock-waits.js'
import { openPlatform, type Platform, platformSecret } from '../support/platform.js'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { type ApiCaller, administratorOf, secret } from '../support/tokens.js'

let bundle: Bundle
let database: FreshDatabase
let folder: string
beforeAll(async () => {
  ;[bundle, database, folder] = await Promise.all([
    bundleServer(),
    freshDatabase(),
    mkdtemp(join(tmpdir(), 'shop-stop-')),
  ])
})
afterAll(() => Promise.all([bundle.remove(), database.drop(), rm(folder, { recursive: true, force: true })]))

let platform: Platform
let server: ServerProcess
beforeEach(async () => {
  platform = await openPlatform()
})
afterEach(async () => {
  server.child.kill('SIGKILL')
  await Promise.all([server.ended, platform.close()])
})

const start = async (environment: Record<string, string> = {}): Promise<{ url: string; call: ApiCaller }> => {
  server = startProcess(bundle.main, folder, {
    DATABASE_URL: database.url,
    SHOP_JWT_SECRET: secret,
    SHOP_DATA_PLATFORM_URL: platform.url,
    SHOP_DATA_PLATFORM_SECRET: platformSecret,
    ...environment,
  })
  const url = await server.url
  return { url, call: await administratorOf(url) }
}

let serial = 0

/** An order that only needs to be paid. */
const orderToPay = async (call: ApiCaller) => {
  serial += 1
  const [userId, productId] = [`user-${serial}`, `product-${serial}`]
  await call('POST', '/api/admin/products', { productId, name: 'Tea', price: 10, stock: 100 })
  await call('POST', '/api/balance/charge', { userId, amount: 1_000 })
  const { body } = await call('POST', '/api/orders', { userId, products: [{ productId, quantity: 1 }] })
  return { userId, productId, orderId: body.orderId as string }
}

/** Locks the rows of these products until it is told to release them. */
const holdProducts = async (productIds: readonly string[]): Promise<Knex.Transaction> => {
  const trx = await database.knex.transaction()
  await trx('shop.products').whereIn('product_id', productIds).forUpdate()
  return trx
}

const takesNoMoreConnections = (url: string) =>
  expect
    .poll(
      () => {
        const { hostname, port } = new URL(url)
        return new Promise((resolve) => {
          const socket = connect(Number(port), hostname, () => resolve('open'))
          socket.on('error', () => resolve('refused')).on('connect', () => socket.destroy())
        })
      },
      { timeout: 10_000 },
    )
    .toBe('refused')

describe.each(['SIGTERM', 'SIGINT'] as const)('on %s', (signal) => {
  test('completes requests in flight, delivers their events, and accepts no new ones', async () => {
    const { url, call } = await start()
    const orders = await Promise.all(Array.from({ length: 8 }, () => orderToPay(call)))
    const locked = await holdProducts(orders.map(({ productId }) => productId))
    const paying = orders.map(({ userId, orderId }) => call('POST', '/api/payments', { userId, orderId }))
    await somebodyWaitsForALock(database.knex)

    server.child.kill(signal)
    await takesNoMoreConnections(url)
    await locked.commit()
    const answers = await Promise.all(paying)
    expect(answers.map(({ status }) => status)).toEqual(orders.map(() => 200))
    for (const { headers } of answers) expect(headers.get('connection')).toBe('close')
    expect(await server.ended).toEqual({ code: 0, signal: null })
    const delivered = platform.deliveries.filter(({ event }) => event.type === 'order.paid')
    expect(delivered.map(({ event }) => event.subject).sort()).toEqual(orders.map(({ orderId }) => orderId).sort())
  })
})

test('a permanently locked row does not delay the shutdown, and its request gets 503', async () => {
  const { call } = await start()
  const order = await orderToPay(call)
  const locked = await holdProducts([order.productId])
  const paying = call('POST', '/api/payments', { userId: order.userId, orderId: order.orderId })
  await somebodyWaitsForALock(database.knex)
  const began = performance.now()
  server.child.kill('SIGTERM')
  expect(await paying).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
  expect(await server.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - began).toBeLessThan(10_000)
  await locked.rollback()
})

test('readiness fails on the signal, while a request still runs', async () => {
  const { url, call } = await start()
  const order = await orderToPay(call)
  const locked = await holdProducts([order.productId])
  const paying = call('POST', '/api/payments', { userId: order.userId, orderId: order.orderId })
  await somebodyWaitsForALock(database.knex)
  // A request that is half sent when the signal arrives, so its connection is not idle.
  const half = connect(Number(new URL(url).port), '127.0.0.1')
  half.write('GET /readyz HTTP/1.1\r\nhost: x\r\n')
  await new Promise((resolve) => half.once('connect', resolve))

  server.child.kill('SIGTERM')
  await server.saying(/"msg":"stopping"/)
  const answer = new Promise<string>((resolve) => {
    let text = ''
    half.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    half.on('end', () => resolve(text))
  })
  half.write('\r\n')
  expect(await answer).toMatch(/^HTTP\/1\.1 503 .*\r\n(.*\r\n)*connection: close\r\n/i)
  await locked.commit()
  expect((await paying).status).toBe(200)
  expect((await server.ended).code).toBe(0)
})

describe('with SHOP_DRAIN_MS', () => {
  test('serves while it is not ready, until a second signal ends it', async () => {
    const { url, call } = await start({ SHOP_DRAIN_MS: '300000' })
    server.child.kill('SIGTERM')
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 20_000 }).toBe(503)
    expect(await call('POST', '/api/balance/charge', { userId: 'late', amount: 100 })).toMatchObject({ status: 200 })
    server.child.kill('SIGTERM')
    expect(await server.ended).toEqual({ code: 143, signal: null })
  })

  test('ends by itself after the drain', async () => {
    await start({ SHOP_DRAIN_MS: '500' })
    server.child.kill('SIGTERM')
    expect(await server.ended).toEqual({ code: 0, signal: null })
  })

  test('a server that could not listen does not drain', async () => {
    const { url } = await start()
    const port = new URL(url).port
    const second = startProcess(bundle.main, folder, {
      DATABASE_URL: database.url,
      PORT: port,
      SHOP_JWT_SECRET: secret,
      SHOP_DRAIN_MS: '300000',
    })
    expect(await second.ended).toEqual({ code: 1, signal: null })
  })
})

test('an idle keep-alive connection does not delay the shutdown', async () => {
  const { url } = await start()
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  server.child.kill('SIGTERM')
  expect(await server.ended).toEqual({ code: 0, signal: null })
  await closed
})

test('a hanging platform does not delay the shutdown, and its event stays pending', async () => {
  platform.answer(() => undefined)
  const { call } = await start()
  const { userId, orderId } = await orderToPay(call)
  expect((await call('POST', '/api/payments', { userId, orderId })).status).toBe(200)
  await platform.until((all) => all.length > 0)
  const began = performance.now()
  server.child.kill('SIGTERM')
  expect(await server.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - began).toBeLessThan(10_000)
  const { rows } = await database.knex.raw('select status from shop.events where order_id = ?', [orderId])
  expect(rows).toEqual([{ status: 'pending' }])
})

test('a stalled log reader delays neither requests nor the shutdown', async () => {
  const { url } = await start({ LOG_LEVEL: 'debug' })
  server.child.stdout?.pause()
  // More than a pipe buffers: each request logs a line of more than 300 bytes.
  const headers = { 'x-request-id': 'x'.repeat(128) }
  for (let round = 0; round < 12; round += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`${url}/healthz`, { headers })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  }
  const exited = once(server.child, 'exit')
  const began = performance.now()
  server.child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  expect(performance.now() - began).toBeLessThan(10_000)
  server.child.stdout?.resume()
})

test('a closed log reader stops nothing', async () => {
  const { url } = await start({ LOG_LEVEL: 'debug' })
  server.child.stdout?.destroy()
  for (let n = 0; n < 5; n += 1) expect((await fetch(`${url}/api/products`)).status).toBe(200)
  const exited = once(server.child, 'exit')
  server.child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})

test('a second signal ends the process immediately', async () => {
  const { call } = await start()
  const order = await orderToPay(call)
  const locked = await holdProducts([order.productId])
  const paying = call('POST', '/api/payments', { userId: order.userId, orderId: order.orderId }).catch(() => 'cut off')
  await somebodyWaitsForALock(database.knex)
  server.child.kill('SIGTERM')
  await server.saying(/"msg":"stopping"/)
  server.child.kill('SIGTERM')
  expect(await server.ended).toEqual({ code: 143, signal: null })
  expect(await paying).toBe('cut off')
  expect(server.stdout()).not.toContain('"msg":"stopped"')
  await locked.rollback()
})

test('a signal during startup ends the process', async () => {
  const unmigrated = await freshDatabase()
  const trx = await unmigrated.knex.transaction()
  await trx.raw('select pg_advisory_xact_lock(746722651)')
  server = startProcess(bundle.main, folder, {
    DATABASE_URL: unmigrated.url,
    SHOP_JWT_SECRET: secret,
    LOG_LEVEL: 'debug',
  })
  await server.saying(/"msg":"configuration"/)
  await somebodyWaitsForALock(unmigrated.knex)
  server.child.kill('SIGTERM')
  expect(await server.ended).toEqual({ code: 0, signal: null })
  expect(server.stdout()).not.toContain('Listening')
  await trx.rollback()
  await unmigrated.drop()
})

describe('a bug', () => {
  const failpoint = (code: string) =>
    `--import "data:text/javascript,process.on('SIGUSR2', () => { ${code} })"`.replaceAll(' => ', '=>')

  test.each([
    ['an exception', "throw new Error('failpoint')"],
    ['a rejection', "Promise.reject(new Error('failpoint'))"],
  ])('%s that is not handled is logged, and ends the process with status 1', async (_what, code) => {
    await start({ NODE_OPTIONS: failpoint(code) })
    server.child.kill('SIGUSR2')
    expect(await server.ended).toEqual({ code: 1, signal: null })
    expect(server.stdout()).toMatch(/"level":"fatal".*failpoint/)
  })

  test('also stops the embedded database', async () => {
    server = startProcess(bundle.main, folder, {
      NODE_OPTIONS: failpoint("throw new Error('failpoint')"),
      SHOP_DEMO_DATA: 'off',
    })
    const url = await server.url
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    server.child.kill('SIGUSR2')
    expect((await server.ended).code).toBe(1)

    const again = startProcess(bundle.main, folder, { SHOP_DEMO_DATA: 'off' })
    await again.url
    const second = startProcess(bundle.main, folder, { SHOP_DEMO_DATA: 'off' })
    expect(await second.ended).toEqual({ code: 1, signal: null })
    expect(second.stderr()).toMatch(/^[^\n]*\.shop-data[^\n]*\n$/)
    again.child.kill('SIGTERM')
    expect(await again.ended).toEqual({ code: 0, signal: null })
  })
})
