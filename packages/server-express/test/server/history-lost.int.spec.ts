import { type PostgresPair, startPostgresPair } from '@shop/test-support/postgres-pair'
import { type NetworkProxy, startProxy } from '@shop/test-support/redis'
import { expect, onTestFinished, test } from 'vitest'
import { type OpenServer, openServer } from '../redis/support/open-server.js'
import { openPlatform, type Platform, platformSecret } from '../support/platform.js'

interface World {
  readonly pair: PostgresPair
  /** The address of the present primary. */
  readonly front: NetworkProxy
  readonly servers: readonly OpenServer[]
  readonly platform: Platform
}

/** Two servers on a pair. Only the relay runs: other jobs would change rows, too, and nobody would wait for them. */
const openWorld = async (): Promise<World> => {
  const pair = await startPostgresPair()
  onTestFinished(() => pair.stop())
  const front = await startProxy(pair.primaryUrl)
  onTestFinished(() => front.stop())
  const platform = await openPlatform()
  onTestFinished(() => platform.close())
  const serve = async () => {
    const server = await openServer({
      databaseUrl: front.url,
      databasePool: 3,
      jobs: { expiry: false, ranking: false, purge: false, views: false },
      limits: { timeoutMs: 3_000 },
      dataPlatform: { url: platform.url, secret: platformSecret },
    })
    onTestFinished(() => server.close())
    return server
  }
  const first = await serve()
  await first.call('POST', '/api/admin/products', { productId: 'tea', name: 'Tea', price: 10, stock: 1_000_000 })
  return { pair, front, servers: [first, await serve()], platform }
}

/** What callers were answered: each user and each order is one command. */
interface Acknowledged {
  readonly users: string[]
  readonly orders: string[]
}

const acknowledged: () => Acknowledged = () => ({ users: [], orders: [] })

/** Calls until `isOver` says so, and notes what was acknowledged. Calls that fail may or may not have had an effect. */
const load = async ({ call }: OpenServer, name: string, noted: Acknowledged, isOver: (done: number) => boolean) => {
  for (let done = 0; !isOver(done); done += 1) {
    const userId = `${name}-${done}`
    const user = await call('POST', '/api/users', { userId }).catch(() => undefined)
    if (user?.status === 201) noted.users.push(userId)
    const order = { userId, products: [{ productId: 'tea', quantity: 1 }] }
    const placed = await call('POST', '/api/orders', order).catch(() => undefined)
    if (placed?.status === 201) noted.orders.push(placed.body.orderId)
  }
}

const loadBoth = ({ servers }: World, name: string, noted: Acknowledged, isOver: (done: number) => boolean) =>
  Promise.all(servers.map((server, index) => load(server, `${name}-${index}`, noted, isOver)))

/** What the new primary does not have of what was acknowledged. */
const missingOf = async ({ pair }: World, { users, orders }: Acknowledged) => {
  const there = async (table: string, column: string) =>
    new Set<string>(await pair.standby(`shop.${table}`).pluck(column))
  const [wallets, placed] = [await there('wallets', 'user_id'), await there('orders', 'order_id')]
  const lostOrders = orders.filter((id) => !placed.has(id))
  return { commands: users.filter((id) => !wallets.has(id)).length + lostOrders.length, orders: lostOrders.sort() }
}

const failOver = async ({ pair, front }: World): Promise<void> => {
  await pair.failOver()
  front.leadTo(pair.standbyUrl)
  front.cut()
}

const alarm = 'the database lost acknowledged commands'

const soon = { timeout: 20_000, interval: 100 }

const readiness = async ({ url }: OpenServer) => {
  const response = await fetch(`${url}/readyz`)
  const { checks } = (await response.json()) as { checks: { history?: { status: string; detail: string } } }
  return { code: response.status, history: checks.history }
}

/** The load ends once callers of both servers were served by the new primary. */
const throughFailover = async (world: World, noted: Acknowledged): Promise<void> => {
  let isBack = false
  const running = loadBoth(world, 'through', noted, () => isBack)
  await failOver(world)
  const answered = () => Promise.all(world.servers.map(async ({ call }) => (await call('GET', '/api/products')).status))
  await expect.poll(answered, soon).toEqual([200, 200])
  const kept: Acknowledged = acknowledged()
  await loadBoth(world, 'after', kept, (done) => done >= 5)
  isBack = true
  await running
  noted.users.push(...kept.users)
  noted.orders.push(...kept.orders)
}

test('what an asynchronous failover loses is reported exactly, until an administrator acknowledges it', async () => {
  const world = await openWorld()
  const { pair, servers, platform } = world
  const [first] = servers as [OpenServer, OpenServer]
  const noted = acknowledged()
  await loadBoth(world, 'kept', noted, (done) => done >= 10)
  await pair.caughtUp()
  expect(await readiness(first)).toEqual({ code: 200, history: undefined })
  pair.freeze()
  await loadBoth(world, 'lost', noted, (done) => done >= 30)
  await throughFailover(world, noted)

  const missing = await missingOf(world, noted)
  expect(missing.commands).toBeGreaterThanOrEqual(120)
  const reported = async () =>
    (await Promise.all(servers.map(({ metric }) => metric('shop_acknowledged_lost_total')))).reduce<number>(
      (sum, each) => sum + (each ?? 0),
      0,
    )
  await expect.poll(reported, soon).toBe(missing.commands)
  const { body } = await first.call('GET', '/api/admin/history/losses?open=true')
  const losses: { lossId: string; commands: number; orderIds: string[]; fromHistory: string; toHistory: string }[] =
    body.losses
  expect(losses.reduce((sum, { commands }) => sum + commands, 0)).toBe(missing.commands)
  expect(losses.flatMap(({ orderIds }) => orderIds).sort()).toEqual(missing.orders)
  for (const server of servers) expect(server.logged('error')).toContain(alarm)

  const told = () => platform.deliveries.filter(({ event }) => event.type === 'history.lost')
  await expect.poll(() => told().length, soon).toBe(losses.length)
  const lossIds = losses.map(({ lossId }) => lossId).sort()
  expect(
    told()
      .map(({ event }) => event.subject)
      .sort(),
  ).toEqual(lossIds)
  const toldOrders = told().flatMap(({ event }) => (event.data as unknown as { orderIds: string[] }).orderIds)
  expect(toldOrders.sort()).toEqual(missing.orders)

  const laws = async () => {
    const { body: audit } = await first.call('GET', '/api/admin/audit')
    return (audit.violations as { law: string; subject: string }[]).map(({ law, subject }) => `${law} ${subject}`)
  }
  expect((await laws()).sort()).toEqual(lossIds.map((lossId) => `HISTORY-KEPT loss ${lossId}`))
  const detail = expect.stringContaining(`${missing.commands} acknowledged commands were lost, from 20`)
  for (const server of servers) {
    await expect.poll(() => readiness(server), soon).toEqual({ code: 200, history: { status: 'degraded', detail } })
  }
  for (const lossId of lossIds) {
    const path = `/api/admin/history/losses/${lossId}/acknowledge`
    expect((await first.call('POST', path, { note: 'told the buyers' })).body).toMatchObject({
      lossId,
      note: 'told the buyers',
    })
  }
  expect(await laws()).toEqual([])
  for (const server of servers) {
    await expect.poll(() => readiness(server), soon).toEqual({ code: 200, history: undefined })
  }
  expect(await reported()).toBe(missing.commands)
}, 120_000)

test('a synchronous failover under load loses nothing, and nothing is reported', async () => {
  const world = await openWorld()
  const { pair, servers } = world
  const [first] = servers as [OpenServer, OpenServer]
  await pair.synchronous(true)
  const noted = acknowledged()
  await loadBoth(world, 'kept', noted, (done) => done >= 10)
  await throughFailover(world, noted)
  expect(await missingOf(world, noted)).toEqual({ commands: 0, orders: [] })
  const kept = 'the database was restarted or replaced, and lost nothing that is known'
  for (const server of servers) {
    await expect.poll(() => server.logged('info').filter((line) => line === kept), soon).toEqual([kept])
    expect(server.logged('error')).not.toContain(alarm)
    expect(await server.metric('shop_acknowledged_lost_total')).toBe(0)
  }
  expect((await first.call('GET', '/api/admin/history/losses')).body).toEqual({ losses: [], nextCursor: null })
  expect((await first.call('GET', '/api/admin/audit')).body).toMatchObject({ ok: true, violations: [] })
}, 120_000)
