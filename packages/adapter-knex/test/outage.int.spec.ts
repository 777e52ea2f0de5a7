import { createServer } from 'node:net'
import { knexConnection, knexStore } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { startProxy } from '@shop/test-support/redis'
import { startWireProxy } from '@shop/test-support/wire-proxy'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

/** Closes each connection at once, as a balancer does that knows no primary. */
const startRefusing = async () => {
  let refused = 0
  const server = createServer((socket) => {
    refused += 1
    socket.on('error', () => {}).destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { url: `tcp://127.0.0.1:${port}`, refused: () => refused, stop: () => server.close() }
}

const openBehindProxy = async (databaseWaitMs: number) => {
  const proxy = await startProxy(database.url)
  const refusing = await startRefusing()
  const shop = createShop({ store: database.store({ url: proxy.url, databaseWaitMs }) })
  const charge = () => shop.balance.charge({ userId: `user-${databaseWaitMs}`, amount: 1_000 })
  await charge()
  proxy.leadTo(refusing.url)
  proxy.cut()
  const close = async () => {
    await shop.close()
    await proxy.stop()
    refusing.stop()
  }
  return { proxy, refusing, shop, charge, close }
}

test('commands and reads that begin during an outage wait for its end', async () => {
  const { proxy, refusing, shop, charge, close } = await openBehindProxy(9_000)
  const waiting = Promise.all([charge(), charge(), shop.products.list({})])
  await expect.poll(refusing.refused).toBeGreaterThan(10)
  proxy.leadTo(database.url)
  const [one, other] = await waiting
  expect([one.balance, other.balance].sort()).toEqual([2_000, 3_000])
  await close()
})

test('lists wait as well, also those that must wait for a connection', async () => {
  const { proxy, refusing, shop, close } = await openBehindProxy(8_000)
  const waiting = Promise.all(Array.from({ length: 12 }, (_, page) => shop.products.list({ page, size: 1 })))
  // Longer than a list waits for a connection of a database that is there.
  const began = performance.now()
  await expect.poll(() => performance.now() - began, { timeout: 3_000 }).toBeGreaterThan(1_200)
  expect(refusing.refused()).toBeGreaterThan(0)
  proxy.leadTo(database.url)
  expect(await waiting).toHaveLength(12)
  await close()
})

test('nobody waits for a pool that was destroyed', async () => {
  const knex = knexConnection(database.url)
  const shop = createShop({ store: database.storeOn(knex, { databaseWaitMs: 9_000 }) })
  await knex.destroy()
  const began = performance.now()
  await expect(shop.products.list({})).rejects.toMatchObject({ kind: 'unavailable' })
  expect(performance.now() - began).toBeLessThan(4_000)
  await shop.close()
})

test('by default they fail at once', async () => {
  const { charge, close } = await openBehindProxy(0)
  await expect(charge()).rejects.toMatchObject({ name: 'ShopUnavailable', ambiguous: false })
  await close()
})

test('a read, and what a command reads first, survive a connection that turns out to be dead', async () => {
  const proxy = await startWireProxy(database.url)
  const shop = createShop({ store: database.store({ url: proxy.url }) })
  await shop.products.create({ productId: 'lamp', name: 'Lamp', price: 100, stock: 1 })
  await shop.balance.charge({ userId: 'reader', amount: 100 })
  // A shop remembers the outlines of the orders that it has placed itself.
  const other = createShop({ store: database.store() })
  const { orderId } = await other.orders.place({ userId: 'reader', products: [{ productId: 'lamp', quantity: 1 }] })
  await other.close()
  const drops: string[] = []
  const dropFirst = (part: string) => {
    proxy.fate = ({ sql = '' }) => {
      if (drops.includes(part) || !sql.includes(part)) return 'forward'
      drops.push(part)
      return 'drop'
    }
  }
  dropFirst('jsonb_path_query_array')
  await shop.payments.pay({ userId: 'reader', orderId })
  dropFirst('.wallet_entries')
  expect(await shop.balance.history({ userId: 'reader' })).toMatchObject({ items: [{}, {}] })
  expect(drops).toHaveLength(2)
  await shop.close()
  await proxy.stop()
})

test('a wait is a whole number of milliseconds that a command can spare', () => {
  for (const databaseWaitMs of [-1, 0.5, 9_001, Number.NaN]) {
    expect(() => knexStore(database.knex, { databaseWaitMs })).toThrow(
      /databaseWaitMs must be an integer from 0 to 9000/,
    )
  }
})
