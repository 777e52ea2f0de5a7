import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { knexLocks, knexStore, migrate } from '@shop/adapter-knex'
import { createShop, type OutboxEvent, type Shop } from '@shop/core'
import { startJobs } from '@shop/server-express/jobs'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { build } from 'tsup'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'

const hour = 3_600_000
const patience = { timeout: 30_000 }

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
  await migrate(database.knex)
})
afterEach(() => database.drop())

const tea = (shop: Shop<never>) => shop.products.create({ name: 'Tea', price: 100, stock: 10 })
const one = (productId: string) => ({ userId: 'mina', products: [{ productId, quantity: 1 }] })

test('the jobs expire orders, send events, flush views, compute the ranking and purge', {
  timeout: 60_000,
}, async () => {
  let now = Date.UTC(2026, 4, 17, 12)
  const { knex } = database
  const store = knexStore(knex, { clock: { now: () => now } })
  const shop = createShop({ store })
  const { productId } = await tea(shop)
  const seen: OutboxEvent[] = []
  const failures: unknown[] = []
  const start = () =>
    startJobs(shop, {
      store,
      locks: knexLocks(knex),
      sender: {
        send: async (event) => {
          seen.push(event)
          return { kind: 'sent' }
        },
      },
      observer: { onRun: ({ error }) => void (error && failures.push(error)) },
    })
  const rows = async (table: string) => (await knex(`shop.${table}`)).length

  // Rows that are old enough to be purged.
  await shop.balance.charge({ userId: 'mina', amount: 1_000 }, { idempotency: { scope: 'mina', key: 'old' } })
  const old = await shop.orders.place(one(productId))
  await shop.orders.cancel({ orderId: old.orderId })
  const first = start()
  await expect.poll(() => shop.outbox.counts(), patience).toMatchObject({ pending: 0, sent: 1 })
  await first.stop()
  now += 8 * 24 * hour

  const paid = await shop.orders.place(one(productId))
  await shop.payments.pay({ userId: 'mina', orderId: paid.orderId })
  const unpaid = await shop.orders.place(one(productId))
  await shop.products.get({ productId })
  now += hour
  expect([await rows('outcomes'), await rows('events')]).toEqual([1, 2])

  const jobs = start()
  await expect.poll(() => jobs.isLeader, patience).toBe(true)
  jobs.run('ranking')
  jobs.run('purge')
  await expect
    .poll(() => seen.map(({ type, subjectId }) => [type, subjectId]), patience)
    .toEqual([
      ['order.cancelled', old.orderId],
      ['order.paid', paid.orderId],
      ['order.expired', unpaid.orderId],
    ])
  await expect.poll(async () => (await shop.products.top()).products, patience).toMatchObject([{ productId, sold: 1 }])
  await expect
    .poll(() => knex('shop.product_views').where({ product_id: productId }).pluck('views'), patience)
    .toEqual(['1'])
  await expect
    .poll(async () => [await rows('outcomes'), await knex('shop.events').where({ order_id: old.orderId })], patience)
    .toEqual([0, []])
  await jobs.stop()
  expect(failures).toEqual([])
  await shop.close()
})

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

/** The program as one file, built from the sources where they are. */
const builtProgram = async (): Promise<string> => {
  const folder = await mkdtemp(join(packageFolder, 'node_modules', '.jobs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await build({
    entry: [join(packageFolder, 'src/jobs.ts')],
    outDir: folder,
    format: ['cjs'],
    target: 'node20',
    config: false,
    silent: true,
    noExternal: [/^(?!(knex|pg)$)/],
    external: ['knex', 'pg'],
    esbuildOptions: (options) => {
      options.conditions = ['@shop/source']
    },
    outExtension: () => ({ js: '.cjs' }),
  })
  return join(folder, 'jobs.cjs')
}

const receiver = async (): Promise<{ readonly url: string; readonly server: Server; readonly received: string[] }> => {
  const received: string[] = []
  const server = createServer((request, response) => {
    received.push(String(request.headers['webhook-id']))
    request.resume()
    response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, received }
}

test('of two processes one leads; the other one takes over from a killed leader, and ends when it is asked to', {
  timeout: 90_000,
}, async () => {
  const [program, { url, received }] = await Promise.all([builtProgram(), receiver()])
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    EVENTS_URL: url,
    EVENTS_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
  }
  const started = () => {
    const child: ChildProcess = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const process_ = { child, leads: false }
    child.stdout?.on('data', (chunk: Buffer) => {
      process_.leads ||= String(chunk).includes('is now the leader')
    })
    return process_
  }
  const processes = [started(), started()]
  await expect.poll(() => processes.filter(({ leads }) => leads).length, patience).toBe(1)

  const shop = createShop({ store: knexStore(database.knex) })
  const { productId } = await tea(shop)
  const order = await shop.orders.place(one(productId))
  await shop.orders.cancel({ orderId: order.orderId })
  await expect.poll(() => received.length, patience).toBe(1)
  await expect.poll(() => shop.outbox.counts(), patience).toMatchObject({ pending: 0, sent: 1 })

  const leader = processes.find(({ leads }) => leads)
  const other = processes.find((each) => each !== leader)
  leader?.child.kill('SIGKILL')
  await expect.poll(() => other?.leads, patience).toBe(true)
  other?.child.kill('SIGTERM')
  await expect.poll(() => other?.child.exitCode, patience).toBe(0)
  await shop.close()
})
