import { describe, expect, it } from 'vitest'
import {
  type AnyCommand,
  adjustBalance,
  type CommandCall,
  cancelOrder,
  changeStock,
  chargeBalance,
  createCoupon,
  createProduct,
  expireOrder,
  grantBonus,
  issueCoupon,
  payOrder,
  placeOrder,
  redeliverEvent,
  refreshRanking,
  refundOrder,
  registerUser,
  updateCoupon,
  updateOrder,
  updateProduct,
  withdrawBalance,
} from '../../src/commands.js'
import { composeMiddleware } from '../../src/engine/middleware.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import {
  type CommandMiddleware,
  createShop,
  isShopRefusal,
  type Outcome,
  type Shop,
  type Store,
} from '../../src/index.js'
import { manualClock } from '../../src/testing/index.js'

const options = { idempotency: { scope: 'u', key: 'k' } }
const validUntil = Date.UTC(2100, 0, 1)

/** The commands of the facade, by noun. */
const facade: readonly (readonly [AnyCommand, (shop: Shop) => Promise<unknown>, object])[] = [
  [registerUser, (shop) => shop.users.register({ userId: 'u' }, options), { userId: 'u' }],
  [chargeBalance, (shop) => shop.balance.charge({ userId: 'u', amount: 1 }, options), { userId: 'u', amount: 1 }],
  [grantBonus, (shop) => shop.balance.grant({ userId: 'u', amount: 1 }, options), { userId: 'u', amount: 1 }],
  [withdrawBalance, (shop) => shop.balance.withdraw({ userId: 'u', amount: 1 }, options), { userId: 'u', amount: 1 }],
  [
    adjustBalance,
    (shop) => shop.balance.adjust({ userId: 'u', change: 1, reason: 'r' }, options),
    { userId: 'u', change: 1, reason: 'r' },
  ],
  [
    createProduct,
    (shop) => shop.products.create({ productId: 'p', name: 'p', price: 1, stock: 1 }, options),
    { productId: 'p', name: 'p', price: 1, stock: 1 },
  ],
  [updateProduct, (shop) => shop.products.update({ productId: 'p', price: 1 }, options), { productId: 'p', price: 1 }],
  [
    changeStock,
    (shop) => shop.products.changeStock({ productId: 'p', change: 1 }, options),
    { productId: 'p', change: 1 },
  ],
  [
    createCoupon,
    (shop) =>
      shop.coupons.create(
        { couponId: 'c', name: 'c', discount: { kind: 'fixed', amount: 1 }, quantity: 1, validUntil },
        options,
      ),
    { couponId: 'c', name: 'c', discount: { kind: 'fixed', amount: 1 }, quantity: 1, validUntil },
  ],
  [
    updateCoupon,
    (shop) => shop.coupons.update({ couponId: 'c', quantity: 2 }, options),
    { couponId: 'c', quantity: 2 },
  ],
  [issueCoupon, (shop) => shop.coupons.issue({ userId: 'u', couponId: 'c' }, options), { userId: 'u', couponId: 'c' }],
  [
    placeOrder,
    (shop) => shop.orders.place({ userId: 'u', products: [{ productId: 'p', quantity: 1 }] }, options),
    { userId: 'u', products: [{ productId: 'p', quantity: 1 }] },
  ],
  [
    updateOrder,
    (shop) => shop.orders.update({ orderId: 'o', metadata: { a: 'b' } }, options),
    { orderId: 'o', metadata: { a: 'b' } },
  ],
  [cancelOrder, (shop) => shop.orders.cancel({ orderId: 'o' }, options), { orderId: 'o' }],
  [expireOrder, (shop) => shop.orders.expire({ orderId: 'o' }, options), { orderId: 'o' }],
  [refundOrder, (shop) => shop.orders.refund({ orderId: 'o' }, options), { orderId: 'o' }],
  [payOrder, (shop) => shop.payments.pay({ userId: 'u', orderId: 'o' }, options), { userId: 'u', orderId: 'o' }],
  [redeliverEvent, (shop) => shop.outbox.redeliver({ eventId: 'e' }, options), { eventId: 'e' }],
]

const watched = (store: Store = inMemoryStore()) => {
  const seen: string[] = []
  const calls: CommandCall[] = []
  const layer =
    (name: string): CommandMiddleware =>
    async (call, next) => {
      seen.push(`${name} in`)
      calls.push(call)
      const outcome = await next(call)
      seen.push(`${name} out`)
      return outcome
    }
  return { seen, calls, shop: createShop({ store, middleware: [layer('outer'), layer('inner')] }) }
}

const throughBoth = ['outer in', 'inner in', 'inner out', 'outer out']

const refusalOf = (outcome: Promise<unknown>) =>
  outcome.then(
    () => undefined,
    (error: unknown) => (isShopRefusal(error) ? error.refusal.code : error),
  )

describe('middleware', () => {
  it.each(facade.map(([command, call, input]) => [command.name, command, call, input] as const))(
    'sees %s once, in the given order, by noun and by execute',
    async (_, command, call, input) => {
      const { shop, seen, calls } = watched()
      await refusalOf(call(shop))
      expect(seen).toEqual(throughBoth)
      await shop.execute(command, input, options)
      expect(seen).toEqual([...throughBoth, ...throughBoth])
      for (const each of calls) expect(each).toEqual({ command, input, ...options })
    },
  )

  it('covers every function of the facade that changes the shop', () => {
    const reads = /^(get|list|find|top|history|entries|claimable|ofUser|counts|listAll|quote|drops|states)$/
    const { shop } = watched()
    const nouns = ['users', 'balance', 'products', 'coupons', 'orders', 'payments', 'outbox'] as const
    const changing = nouns.flatMap((noun) => Object.keys(shop[noun]).filter((name) => !reads.test(name)))
    expect(changing).toHaveLength(facade.length)
  })

  it('sees each command of the jobs once', async () => {
    const clock = manualClock(0)
    const { shop, seen, calls } = watched(inMemoryStore({ clock }))
    await shop.products.create({ productId: 'p', name: 'p', price: 1, stock: 2 })
    for (const userId of ['a', 'b']) await shop.orders.place({ userId, products: [{ productId: 'p', quantity: 1 }] })
    clock.move(3_600_000)
    seen.length = 0
    calls.length = 0
    expect(await shop.upkeep.expireOrders()).toBe(2)
    expect(seen.toSorted()).toEqual([...throughBoth, ...throughBoth].toSorted())
    expect(new Set(calls.map(({ command }) => command))).toEqual(new Set([expireOrder]))
    seen.length = 0
    await shop.upkeep.refreshRanking()
    expect(seen).toEqual(throughBoth)
    expect(calls.at(-1)?.command).toBe(refreshRanking)
  })

  it('does not run inside a transaction of the caller', async () => {
    const store = inMemoryStore()
    const { shop, seen } = watched({ ...store, within: () => store } as Store)
    const outcome = await shop.within(undefined as never).balance.charge({ userId: 'u', amount: 1 })
    expect(outcome).toMatchObject({ ok: true })
    expect(seen).toEqual([])
  })

  it('can answer in place of the shop: nothing is executed', async () => {
    const refusal = { code: 'COUPON_SOLD_OUT', couponId: 'c' } as const
    const shop = createShop({
      store: inMemoryStore(),
      middleware: [async () => ({ ok: false, refusal, replayed: false })],
    })
    await expect(refusalOf(shop.balance.charge({ userId: 'u', amount: 1 }))).resolves.toBe('COUPON_SOLD_OUT')
    await expect(refusalOf(shop.balance.get({ userId: 'u' }))).resolves.toBe('USER_NOT_FOUND')
  })

  const throwing: readonly (readonly [string, CommandMiddleware])[] = [
    ['rejects', () => Promise.reject(new TypeError('broken'))],
    [
      'throws',
      () => {
        throw new TypeError('broken')
      },
    ],
  ]

  it.each(throwing)('that %s fails only that call, and nothing is executed', async (_, broken) => {
    let isBroken = true
    const shop = createShop({
      store: inMemoryStore(),
      middleware: [(call, next) => (isBroken ? broken(call, next) : next(call))],
    })
    await expect(shop.balance.charge({ userId: 'u', amount: 1 })).rejects.toThrow('broken')
    await expect(shop.execute(chargeBalance, { userId: 'u', amount: 1 })).rejects.toThrow('broken')
    isBroken = false
    await expect(shop.balance.charge({ userId: 'u', amount: 5 })).resolves.toMatchObject({ balance: 5 })
    expect(shop.queued).toBe(0)
  })

  it('can change the call', async () => {
    const shop = createShop({
      store: inMemoryStore(),
      middleware: [(call, next) => next({ ...call, input: { ...(call.input as object), amount: 7 } })],
    })
    await expect(shop.balance.charge({ userId: 'u', amount: 1 })).resolves.toMatchObject({ balance: 7 })
  })

  it('costs nothing if it is absent: the executor is called directly', () => {
    const run = async (): Promise<Outcome<unknown>> => ({ ok: true, result: 1, replayed: false })
    expect(composeMiddleware([], run)).toBe(run)
  })
})
