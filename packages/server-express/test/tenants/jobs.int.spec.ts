import { expect, onTestFinished, test } from 'vitest'
import { openPlatform, platformSecret } from '../support/platform.js'
import { eventually, type Shops, serveShops, stock, twoDatabases } from './support.js'

const databases = twoDatabases()

const order = { userId: 'mina', products: [{ productId: 'mug', quantity: 1 }] }

/** A clock that runs, and can be set on. */
const clockOf = () => {
  let ahead = 0
  return {
    now: () => Date.now() + ahead,
    advance(ms: number) {
      ahead += ms
    },
  }
}

test('the jobs run for every shop on every database, also for closed ones: orders expire and events are sent', async () => {
  const platform = await openPlatform()
  onTestFinished(() => platform.close())
  const clock = clockOf()
  const shops: Shops = {
    books: { database: databases.a.url, schema: 'same' },
    music: { database: databases.b.url, schema: 'same' },
    films: { database: databases.b.url, schema: 'films' },
  }
  const shopIds = Object.keys(shops)
  const served = await serveShops(shops, {
    clock,
    idleMs: 1_000,
    closedJobsMs: 1_000,
    dataPlatform: { url: platform.url, secret: platformSecret },
  })
  const orderIds = await Promise.all(
    shopIds.map(async (shopId) => {
      await stock(served, shopId)
      return (await served.call(shopId, 'POST', '/api/orders', { body: order })).body.orderId as string
    }),
  )
  const openCount = async () => {
    const { body } = await served.call('nowhere', 'GET', '/metrics', { tokenOf: null })
    return Number(/^shop_open_shops (\d+)$/m.exec(body)?.[1])
  }
  await eventually(async () => (await openCount()) === 0, 'the shops are closed')
  clock.advance(3_600_000)
  const eventsOf = (type: string) => platform.deliveries.filter(({ event }) => event.type === type)
  await eventually(() => eventsOf('order.expired').length >= 3, 'three orders expire')
  const expired = eventsOf('order.expired').map(({ text }) => JSON.parse(text))
  const told = expired.map(({ source, subject }) => `${source} ${subject}`)
  expect(told.toSorted()).toEqual(shopIds.map((shopId, index) => `urn:shop/${shopId} ${orderIds[index]}`).toSorted())
  for (const shopId of shopIds) {
    const { body } = await served.call(shopId, 'GET', '/api/admin/audit')
    expect([shopId, body.ok, body.violations]).toEqual([shopId, true, []])
  }
})

test('a shop whose jobs fail holds up no other', async () => {
  const clock = clockOf()
  const failed: string[] = []
  const served = await serveShops(
    {
      ill: { database: databases.a.url, schema: 'ill', policies: { order: { holdMinutes: -1 } } },
      lost: { database: 'postgres://nobody@127.0.0.1:1/nothing', schema: 'lost' },
      well: { database: databases.a.url, schema: 'well' },
    },
    {
      clock,
      closedJobsMs: 1_000,
      observer: { onJob: ({ job, error }) => error !== undefined && failed.push(job) },
    },
  )
  await stock(served, 'well')
  const { orderId } = (await served.call('well', 'POST', '/api/orders', { body: order })).body
  clock.advance(3_600_000)
  const statusOf = async () =>
    (await databases.a.knex.raw('select status from well.orders where order_id = ?', [orderId])).rows[0]
  await eventually(async () => (await statusOf()).status === 'expired', 'the order is recorded as expired')
  await eventually(() => failed.length >= 2, 'the jobs of the others fail')
})

test('several servers share the jobs of a shop: a lock lets one of them in', async () => {
  const clock = clockOf()
  const shops: Shops = { shared: { database: databases.a.url, schema: 'shared' } }
  const both = await Promise.all([1, 2].map(() => serveShops(shops, { clock, closedJobsMs: 1_000 })))
  const [one] = both
  if (!one) throw new Error('no server')
  await stock(one, 'shared')
  await one.call('shared', 'POST', '/api/orders', { body: order })
  clock.advance(3_600_000)
  const { knex } = databases.a
  const rows = async () => (await knex.raw('select status from shared.orders')).rows
  await eventually(async () => (await rows())[0].status === 'expired', 'the order is recorded as expired')
  const { body } = await one.call('shared', 'GET', '/api/admin/audit')
  expect(body.violations).toEqual([])
})
