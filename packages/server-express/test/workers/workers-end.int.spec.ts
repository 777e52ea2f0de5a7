import { readFile, rename } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { somebodyWaitsForALock } from '../support/lock-waits.js'
import { serverStarter } from '../support/server-starter.js'
import { type ApiCaller, administratorOf, secret } from '../support/tokens.js'

const starter = serverStarter()

const start = (environment: Record<string, string> = {}) =>
  starter.start({ SHOP_JWT_SECRET: secret, SHOP_DEMO_DATA: 'off', SHOP_WORKERS: '2', ...environment })

/** The processes whose parent is this one. */
const childrenOf = async (pid: number | undefined): Promise<readonly number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.trim().split(' ').filter(Boolean).map(Number)
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const haveEnded = (pids: readonly number[]) => expect.poll(() => pids.filter(isAlive)).toEqual([])

const metricsOf = async (url: string): Promise<string> => {
  const response = await fetch(`${url}/metrics`, { headers: { connection: 'close' } }).catch(() => undefined)
  return (await response?.text()) ?? ''
}

const sumOf = (metrics: string, name: string): number =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)

let serial = 0

const orderToPay = async (call: ApiCaller) => {
  serial += 1
  const [userId, productId] = [`user-${serial}`, `product-${serial}`]
  await call('POST', '/api/admin/products', { productId, name: 'Tea', price: 10, stock: 100 })
  await call('POST', '/api/balance/charge', { userId, amount: 1_000 })
  const { body } = await call('POST', '/api/orders', { userId, products: [{ productId, quantity: 1 }] })
  return { userId, productId, orderId: body.orderId as string }
}

/** Holds up a payment in the database until it is told to go on. */
const heldPayment = async (call: ApiCaller) => {
  const order = await orderToPay(call)
  const { knex } = starter.database
  const locked = await knex.transaction()
  await locked('shop.products').where({ product_id: order.productId }).forUpdate()
  const paying = call('POST', '/api/payments', { userId: order.userId, orderId: order.orderId }).catch(
    (error: unknown) => error as Error,
  )
  await somebodyWaitsForALock(knex)
  return { order, locked, paying }
}

const statusOf = async (orderId: string): Promise<string> => {
  const [row] = await starter.database.knex('shop.orders').where({ order_id: orderId }).select('status')
  return row.status
}

test('a worker that is killed cuts its connections only: its commands finish, and it is replaced', async () => {
  const server = start()
  const url = await server.url
  const call = await administratorOf(url)
  const { order, locked, paying } = await heldPayment(call)
  const before = await metricsOf(url)
  const [first, second] = await childrenOf(server.child.pid)

  process.kill(first as number, 'SIGKILL')
  process.kill(second as number, 'SIGKILL')
  expect(await paying).toBeInstanceOf(Error)
  await locked.commit()
  await expect.poll(() => statusOf(order.orderId)).toBe('paid')

  // On the same port, although the system has chosen it and nobody listened for a while.
  let after = ''
  const counts = async () => {
    after = await metricsOf(url)
    return ['shop_worker_up', 'shop_worker_ends_total'].map((name) => sumOf(after, name))
  }
  await expect.poll(counts).toEqual([2, 2])
  expect(server.stdout()).toMatch(/"worker":1,.*"signal":"SIGKILL",.*"msg":"a worker has ended: it is replaced"/)
  // What the two have counted is not lost.
  const created = 'shop_http_outcomes_total{method="POST",route="/api/admin/products",code="ok"}'
  expect(sumOf(before, created)).toBe(1)
  expect(sumOf(after, created)).toBe(1)
  expect((await call('GET', `/api/orders/${order.orderId}`)).body.status).toBe('paid')
  starter.stop(server)
  expect(await server.ended).toEqual({ code: 0, signal: null })
})

test('a worker that ends at once again and again is replaced more and more slowly', async () => {
  const server = start()
  const url = await server.url
  const waits = () => [...server.stdout().matchAll(/"waitMs":(\d+)/g)].map(([, ms]) => Number(ms))
  const [survivor] = await childrenOf(server.child.pid)
  for (const ends of [1, 2, 3]) {
    await expect.poll(async () => (await childrenOf(server.child.pid)).length).toBe(2)
    const [other] = (await childrenOf(server.child.pid)).filter((pid) => pid !== survivor)
    process.kill(other as number, 'SIGKILL')
    await expect.poll(() => waits().length).toBe(ends)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  }
  expect(waits()).toEqual([200, 400, 800])
  // A stop does not wait for the next replacement.
  starter.stop(server)
  expect(await server.ended).toEqual({ code: 0, signal: null })
})

/** The program of a process that `node` runs. */
const programOf = async (pid: number | undefined): Promise<string> => {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
  return words.filter(Boolean).at(-1) as string
}

test('a worker whose program is away for a while is started again and again', async () => {
  const server = start()
  const url = await server.url
  const [first] = await childrenOf(server.child.pid)
  const program = await programOf(first)
  await rename(program, `${program}.away`)
  try {
    process.kill(first as number, 'SIGKILL')
    await expect.poll(() => server.stdout().match(/"a worker could not start"/g)?.length).toBe(2)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  } finally {
    await rename(`${program}.away`, program)
  }
  await server.saying(/the worker was replaced/)
  expect(sumOf(await metricsOf(url), 'shop_worker_ends_total')).toBe(1)
})

test('an engine or a worker that does nothing any more is noticed', { timeout: 40_000 }, async () => {
  const [server, other] = [start(), start()]
  const [url] = await Promise.all([server.url, other.url])
  const health = async () => (await fetch(`${url}/healthz`)).status
  expect(await health()).toBe(200)
  const [frozen] = await childrenOf(other.child.pid)
  server.child.kill('SIGSTOP')
  process.kill(frozen as number, 'SIGSTOP')

  // A supervisor that asks a worker then restarts them all.
  await expect.poll(health, { timeout: 20_000 }).toBe(503)
  server.child.kill('SIGCONT')
  await expect.poll(health).toBe(200)

  await other.saying(/"signal":"SIGKILL",.*"a worker has ended: it is replaced"/)
  await other.saying(/the worker was replaced/)
  expect(await childrenOf(other.child.pid)).toHaveLength(2)
})

test('requests under way are answered when the server stops, also by workers', async () => {
  const server = start({ SHOP_DRAIN_MS: '1000' })
  const url = await server.url
  const call = await administratorOf(url)
  const { locked, paying } = await heldPayment(call)
  const workers = await childrenOf(server.child.pid)
  server.child.kill('SIGTERM')
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  await locked.commit()
  expect(await paying).toMatchObject({ status: 200 })
  expect(await server.ended).toEqual({ code: 0, signal: null })
  await haveEnded(workers)
  // Workers and engine write whole lines in one format.
  const lines = server
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  const paid = lines.find(({ route }) => route === '/api/payments')
  expect(paid).toMatchObject({ level: 'info', worker: expect.any(Number), requestId: expect.any(String), status: 200 })
  expect(lines.at(-1)).toMatchObject({ msg: 'stopped' })
})

test('workers leave the signal of a terminal to the engine', async () => {
  const server = start()
  const call = await administratorOf(await server.url)
  const { locked, paying } = await heldPayment(call)
  const workers = await childrenOf(server.child.pid)
  for (const pid of [...workers, server.child.pid as number]) process.kill(pid, 'SIGINT')
  await server.saying(/"signal":"SIGINT","msg":"stopping"/)
  await locked.commit()
  expect(await paying).toMatchObject({ status: 200 })
  expect(await server.ended).toEqual({ code: 0, signal: null })
  await haveEnded(workers)
})

test('workers end with an engine that is killed', async () => {
  const server = start()
  await server.url
  const workers = await childrenOf(server.child.pid)
  expect(workers).toHaveLength(2)
  server.child.kill('SIGKILL')
  await haveEnded(workers)
})

const portInUse = (): Promise<Server> =>
  new Promise((resolve) => {
    const taken = createServer().listen(0, '127.0.0.1', () => resolve(taken))
  })

test('a port that is in use stops the start, as without workers', async () => {
  const taken = await portInUse()
  onTestFinished(() => void taken.close())
  const address = taken.address()
  const PORT = String(typeof address === 'object' ? address?.port : 0)
  const [shared, alone] = [start({ PORT }), start({ PORT, SHOP_WORKERS: '1' })]
  expect(await shared.ended).toEqual(await alone.ended)
  expect(shared.stderr()).toBe(alone.stderr())
  expect(shared.stderr()).toContain(`PORT ${PORT}`)
})
