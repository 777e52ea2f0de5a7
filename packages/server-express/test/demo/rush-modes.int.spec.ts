import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inMemoryStore } from '@shop/core/in-memory'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import express from 'express'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Rush, RushMode } from '../../src/demo/rush/rush.js'
import { createServer, type DatabaseUrlOptions, type StoreOptions } from '../../src/index.js'
import { type CallShop, callerOf } from '../http/support/client.js'
import { secret, tokenFor } from '../http/support/tokens.js'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

const demo = { auth: { secret }, demoData: true, demoSignIn: 'local' } as const

const open = async (options: DatabaseUrlOptions | StoreOptions<never>) => {
  const server = await ('store' in options ? createServer(options) : createServer(options))
  onTestFinished(() => server.close())
  return server
}

const onPostgres = async (options: Partial<DatabaseUrlOptions> = {}): Promise<CallShop> => {
  const server = await open({ ...demo, databaseUrl: database.url, scheduler: false, ...options })
  const { port } = await server.listen(0)
  return callerOf(port)
}

const inMemory = async (options: Partial<StoreOptions<never>> = {}): Promise<CallShop> => {
  const server = await open({ ...demo, store: inMemoryStore(), ...options })
  const { port } = await server.listen(0)
  return callerOf(port)
}

const plan = { kind: 'stock', quantity: 20, buyers: 200, concurrency: 100 } as const

const rush = async (call: CallShop, modes: readonly RushMode[], over: object = {}): Promise<Rush> => {
  const started = await call('POST', '/api/demo/rushes', { body: { ...plan, modes, ...over } })
  expect(started.status).toBe(202)
  return vi.waitFor(
    async () => {
      const { body } = await call('GET', `/api/demo/rushes/${started.body.rushId}`)
      expect(['done', 'failed']).toContain(body.state)
      return body
    },
    { timeout: 30_000, interval: 20 },
  )
}

const schemas = async (): Promise<readonly string[]> => {
  const { rows } = await database.knex.raw(`select nspname from pg_namespace where nspname like 'shop%' order by 1`)
  return rows.map(({ nspname }: { nspname: string }) => nspname)
}

const expectExact = ({ state, proofs, laws, runs }: Rush): void => {
  expect(state).toBe('done')
  expect(proofs.filter(({ holds }) => !holds)).toEqual([])
  expect(laws.filter(({ broken }) => broken > 0)).toEqual([])
  for (const run of runs) expect(run).toMatchObject({ sold: 20, won: 20, refused: 180, unavailable: 0 })
}

describe.each(['stock', 'coupons'] as const)('a rush for %s', (kind) => {
  test('sells out exactly on two servers that share one database, and both sell', async () => {
    const result = await rush(await onPostgres(), ['two-servers'], { kind })
    expectExact(result)
    const [run] = result.runs
    expect(run?.wonByServer).toHaveLength(2)
    expect(run?.wonByServer.every((won) => won > 0)).toBe(true)
    expect(result.proofs).toContainEqual({
      proof: 'servers-add-up',
      mode: 'two-servers',
      holds: true,
      numbers: { first: run?.wonByServer[0], second: run?.wonByServer[1], given: 20 },
    })
  })

  test('sells out exactly over HTTP', async () => {
    const result = await rush(await inMemory(), ['http'], { kind })
    expectExact(result)
    expect(result.runs[0]).toMatchObject({ mode: 'http', connections: 100, wonByServer: [20] })
    expect(result.runs[0]?.groups.count).toBeGreaterThan(0)
  })
})

test('what a rush sold leaves neither the lists nor the ranking of popular products occupied', async () => {
  const store = inMemoryStore()
  const server = await open({ ...demo, store, policies: { ranking: { includeToday: true } } })
  const { port } = await server.listen(0)
  const { shop } = server
  const { orderId } = await shop.orders.place({
    userId: 'demo-mina',
    products: [{ productId: 'demo-tea', quantity: 1 }],
  })
  await shop.payments.pay({ userId: 'demo-mina', orderId })
  expectExact(await rush(callerOf(port), ['grouped', 'one-by-one', 'http']))
  const refreshed = await callerOf(port)('POST', '/api/admin/products/top/refresh')
  expect(refreshed.body.products).toMatchObject([{ productId: 'demo-tea', sold: 1 }])
  const { found } = await store.reads.ranking()
  expect(found.ranking?.products.map(({ productId }) => productId)).toEqual(['demo-tea'])
  expect((await shop.audit()).violations).toEqual([])
})

test('the naive shop counts the rows that it sold, while the shop beside it sells out exactly', async () => {
  const result = await rush(await onPostgres(), ['grouped', 'naive'])
  const [grouped, naive] = result.runs
  expectExact({ ...result, runs: grouped ? [grouped] : [] })
  expect(naive).toMatchObject({ mode: 'naive', connections: 10, unavailable: 0, answered: 200 })
  expect(naive?.sold).toBeGreaterThanOrEqual(20)
  expect(naive?.sold).toBe(naive?.won)
  expect(naive?.remaining).toBe(20 - (naive?.won ?? 0))
  expect(result.proofs.map(({ mode }) => mode)).not.toContain('naive')
  expect(await schemas()).toEqual(['shop'])
})

test('with a single connection, the server gives its naive shop two', async () => {
  const result = await rush(await onPostgres({ databasePool: 1 }), ['naive'])
  expect(result.runs).toMatchObject([{ connections: 2 }])
  expect(result.runs[0]?.sold).toBeGreaterThanOrEqual(20)
})

test('tables that a server left behind are replaced, and tables of others in the schema stay', async () => {
  const call = await onPostgres()
  await database.knex.raw('create schema shop_naive_demo')
  await database.knex.raw('create table shop_naive_demo.products (id text)')
  await database.knex.raw('create table shop_naive_demo.mine (id text)')
  const result = await rush(call, ['naive'])
  expect(result.runs[0]?.sold).toBeGreaterThanOrEqual(20)
  const { rows } = await database.knex.raw(
    `select table_name from information_schema.tables where table_schema = 'shop_naive_demo'`,
  )
  expect(rows).toEqual([{ table_name: 'mine' }])
  await database.knex.raw('drop schema shop_naive_demo cascade')
})

test('the naive shops of two servers on one database take turns', async () => {
  const servers = [await onPostgres(), await onPostgres()]
  const results = await Promise.all(servers.map((call) => rush(call, ['naive'])))
  for (const { state, runs } of results) {
    expect(state).toBe('done')
    expect(runs).toMatchObject([{ answered: 200, unavailable: 0, sold: runs[0]?.won }])
  }
  expect(await schemas()).toEqual(['shop'])
})

test('a server that stops during a naive run leaves no tables behind', async () => {
  const server = await open({ ...demo, databaseUrl: database.url, scheduler: false })
  const { port } = await server.listen(0)
  const call = callerOf(port)
  const { body } = await call('POST', '/api/demo/rushes', { body: { ...plan, buyers: 20_000, modes: ['naive'] } })
  await vi.waitFor(
    async () => {
      const { runs } = (await call('GET', `/api/demo/rushes/${body.rushId}`)).body
      expect(runs[0].answered).toBeGreaterThan(0)
    },
    { timeout: 10_000, interval: 5 },
  )
  expect(await schemas()).toEqual(['shop', 'shop_naive_demo'])
  await server.close()
  await vi.waitFor(async () => expect(await schemas()).toEqual(['shop']), 10_000)
})

test('a rush over HTTP reaches a shop that is mounted in another application', async () => {
  const { router } = await open({ ...demo, store: inMemoryStore() })
  const host = createHttpServer(express().use('/shop', router))
  onTestFinished(() => void host.close())
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  const { port } = host.address() as AddressInfo
  const at = `http://127.0.0.1:${port}/shop/api/demo/rushes`
  const headers = { authorization: `Bearer ${tokenFor('root', 'shop:admin')}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ ...plan, modes: ['http'] })
  const { rushId } = await fetch(at, { method: 'POST', headers, body }).then((answer) => answer.json() as Promise<Rush>)
  const result = await vi.waitFor(async () => {
    const answer = await fetch(`${at}/${rushId}`, { headers })
    const current = (await answer.json()) as Rush
    expect(current.state).toBe('done')
    return current
  }, 30_000)
  expectExact(result)
})

describe('a server that cannot run every mode', () => {
  test.each([
    ['with a store of the host', {}, ['grouped', 'one-by-one', 'http']],
    ['without sign-in', { demoSignIn: false }, ['grouped', 'one-by-one']],
    ['without tokens', { auth: 'off' }, ['grouped', 'one-by-one', 'http']],
  ] as const)('%s says which it can, and refuses the others', async (_, options, modes) => {
    const call = await inMemory(options)
    expect((await call('GET', '/api/demo')).body.modes).toEqual(modes)
    const { status, body } = await call('POST', '/api/demo/rushes', { body: { ...plan, modes: ['grouped', 'naive'] } })
    expect([status, body.code, body.errors]).toEqual([
      400,
      'INVALID_REQUEST',
      [{ path: 'modes[1]', message: 'this server cannot run naive' }],
    ])
  })

  test('that may not migrate creates no tables', async () => {
    await onPostgres()
    const call = await onPostgres({ migrate: false })
    expect((await call('GET', '/api/demo')).body.modes).toEqual(['grouped', 'one-by-one', 'http', 'two-servers'])
  })
})

test.each([[[]], [['grouped', 'grouped']], [['fast']]])('refuses the modes %j', async (modes) => {
  const call = await inMemory()
  expect((await call('POST', '/api/demo/rushes', { body: { ...plan, modes } })).body.code).toBe('INVALID_REQUEST')
})
