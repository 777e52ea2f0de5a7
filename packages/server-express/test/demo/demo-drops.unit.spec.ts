import { createShop, type Shop } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { DemoDrops } from '../../src/demo/demo-drops.js'
import { ManualTimer } from '../support/manual-timer.js'

const start = Date.parse('2030-01-01T00:00:00.000Z')
const minute = 60_000

/** Servers of one demo shop, whose clock is the timer. */
const demoShop = () => {
  const timer = new ManualTimer()
  const store = inMemoryStore({ clock: { now: () => start + timer.now() } })
  const shop = createShop({ store })
  const server = (of: Shop<never> = shop) => new DemoDrops({ shop: of, logger: pino({ level: 'silent' }), timer })
  return { timer, shop, store, server }
}

/** The drops that a visitor sees: id, minutes until the opening and until the closing since the start, and stock. */
const shown = async (shop: Shop<never>) =>
  (await shop.products.drops()).products.map(({ productId, opensAt = '', closesAt = '', stock }) => [
    productId,
    (Date.parse(opensAt) - start) / minute,
    (Date.parse(closesAt) - start) / minute,
    stock,
  ])

test('opens two minutes after the start and repeats every ten, with full stock and one listed product', async () => {
  const { timer, shop, server } = demoShop()
  await server().start()
  expect(await shown(shop)).toEqual([['demo-drop-1', 2, 10, 5]])
  await timer.pass(3 * minute)
  await shop.orders.place({ userId: 'mina', products: [{ productId: 'demo-drop-1', quantity: 1 }] })
  expect(await shown(shop)).toEqual([['demo-drop-1', 2, 10, 4]])
  await timer.pass(7 * minute)
  expect(await shown(shop)).toEqual([['demo-drop-2', 12, 20, 5]])
  await timer.pass(55 * minute)
  expect(await shown(shop)).toEqual([['demo-drop-7', 62, 70, 5]])
  expect((await shop.products.list()).total).toBe(1)
})

test('sells one unit to a person in each round', async () => {
  const { timer, shop, server } = demoShop()
  await server().start()
  const buy = (productId: string) => shop.orders.place({ userId: 'mina', products: [{ productId, quantity: 1 }] })
  await expect(buy('demo-drop-1')).rejects.toMatchObject({ code: 'PRODUCT_NOT_ON_SALE' })
  await timer.pass(2 * minute)
  await buy('demo-drop-1')
  await expect(buy('demo-drop-1')).rejects.toMatchObject({ code: 'PURCHASE_LIMIT_EXCEEDED' })
  await timer.pass(10 * minute)
  await buy('demo-drop-2')
})

test('is one for any number of servers that start and renew at the same time', async () => {
  const { timer, shop, store, server } = demoShop()
  const servers = [server(), server(createShop({ store })), server(createShop({ store }))]
  await Promise.all(servers.map((each) => each.start()))
  expect(await shown(shop)).toEqual([['demo-drop-1', 2, 10, 5]])
  await timer.pass(35 * minute)
  expect(await shown(shop)).toEqual([['demo-drop-4', 32, 40, 5]])
  expect((await shop.products.listAll()).total).toBe(4)
})

test('goes on after a restart, and begins two minutes after a start that follows a break', async () => {
  const { timer, shop, server } = demoShop()
  const first = server()
  await first.start()
  await timer.pass(25 * minute)
  await first.stop()
  const second = server()
  await second.start()
  expect(await shown(shop)).toEqual([['demo-drop-3', 22, 30, 5]])
  await second.stop()
  await timer.pass(75 * minute)
  await server().start()
  expect(await shown(shop)).toEqual([['demo-drop-4', 102, 110, 5]])
  expect((await shop.products.list()).products).toHaveLength(1)
})

test('of an administrator who unlists it or moves its closing is respected', async () => {
  const { timer, shop, server } = demoShop()
  await server().start()
  await shop.products.update({ productId: 'demo-drop-1', closesAt: start + 5 * minute })
  await timer.pass(5.5 * minute)
  expect(await shown(shop)).toEqual([['demo-drop-2', 7, 15, 5]])
  await shop.products.update({ productId: 'demo-drop-2', listed: false })
  await timer.pass(minute)
  expect(await shown(shop)).toMatchObject([['demo-drop-3', expect.closeTo(8, 0), expect.any(Number), 5]])
})

test('is renewed after an outage, and no more after the stop', async () => {
  const { timer, shop, server } = demoShop()
  let isAway = false
  const shaky = {
    ...shop,
    products: {
      ...shop.products,
      drops: async () => {
        if (isAway) throw new Error('away')
        return shop.products.drops()
      },
    },
  }
  const drops = server(shaky)
  await drops.start()
  isAway = true
  await timer.pass(10 * minute)
  expect(await shown(shop)).toEqual([])
  isAway = false
  await timer.pass(10_000)
  expect(await shown(shop)).toEqual([['demo-drop-2', 12, 20, 5]])
  await drops.stop()
  await timer.pass(60 * minute)
  expect(timer.size).toBe(0)
  expect(await shown(shop)).toEqual([])
})
