import { beforeEach, describe, expect, it } from 'vitest'
import { registerUser } from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type IdempotencyKey, isShopRefusal, type Shop, type ShopRefusal } from '../../src/index.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { spoil } from './referenced.js'

const start = Date.UTC(2026, 0, 1)
const day = 24 * 3_600_000

const refusalOf = async (call: Promise<unknown>): Promise<ShopRefusal> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isShopRefusal(error)) throw new Error(`expected a refusal instead of ${error}`)
  return error
}

const key = (name: string, scope = 'u1'): { idempotency: IdempotencyKey } => ({ idempotency: { scope, key: name } })

describe('an idempotency key', () => {
  const clock = manualClock(start)
  let store = inMemoryStore({ clock })
  let shop: Shop = createShop({ store })

  beforeEach(() => {
    store = inMemoryStore({ clock })
    shop = createShop({ store })
  })

  const balance = async (userId = 'u1') => (await shop.balance.get({ userId })).balance

  it('returns the first answer again, and has one effect', async () => {
    const first = await shop.balance.charge({ userId: 'u1', amount: 100 }, key('k'))
    const again = await shop.balance.charge({ userId: 'u1', amount: 100 }, key('k'))
    expect(again).toEqual(first)
    expect(await balance()).toBe(100)
  })

  it('tells whether the answer is a replay', async () => {
    const { command, input } = { command: registerUser, input: { userId: 'u1' } }
    await expect(shop.execute(command, input, key('k'))).resolves.toMatchObject({ ok: true, replayed: false })
    await expect(shop.execute(command, input, key('k'))).resolves.toMatchObject({ ok: true, replayed: true })
    await expect(shop.execute(command, input)).resolves.toMatchObject({ ok: false, replayed: false })
  })

  it('returns a refusal again, even if the shop would now decide otherwise', async () => {
    const charge = () => shop.balance.charge({ userId: 'u1', amount: 600_000 }, key('k'))
    await shop.balance.charge({ userId: 'u1', amount: 600_000 })
    const first = await refusalOf(charge())
    expect([first.code, first.replayed]).toEqual(['BALANCE_LIMIT_EXCEEDED', false])
    await shop.products.create({ productId: 'p', name: 'P', price: 500_000, stock: 1 })
    const { orderId } = await shop.orders.place({ userId: 'u1', products: [{ productId: 'p', quantity: 1 }] })
    await shop.payments.pay({ userId: 'u1', orderId })
    const again = await refusalOf(charge())
    expect([again.refusal, again.replayed]).toEqual([first.refusal, true])
    expect(await balance()).toBe(100_000)
  })

  it('returns the original answer, not the current state', async () => {
    await shop.products.create({ productId: 'p', name: 'P', price: 100, stock: 1 })
    const order = { userId: 'u1', products: [{ productId: 'p', quantity: 1 }] }
    const placed = await shop.orders.place(order, key('k'))
    await shop.orders.cancel({ orderId: placed.orderId })
    await expect(shop.orders.place(order, key('k'))).resolves.toEqual(placed)
    expect(placed.status).toBe('pending')
    expect((await shop.orders.list({ limit: 10 })).items).toHaveLength(1)
  })

  it('keeps the refusal that fails an order, and fails the order once', async () => {
    const { resolvePolicies } = await import('../../src/index.js')
    shop = createShop({ store, policies: resolvePolicies('hold-at-order') })
    await shop.products.create({ productId: 'p', name: 'P', price: 100, stock: 1 })
    const { orderId } = await shop.orders.place({ userId: 'u1', products: [{ productId: 'p', quantity: 1 }] })
    const pay = () => refusalOf(shop.payments.pay({ userId: 'u1', orderId }, key('k')))
    expect((await pay()).code).toBe('BALANCE_INSUFFICIENT')
    await shop.balance.charge({ userId: 'u1', amount: 100 })
    const again = await pay()
    expect([again.code, again.replayed]).toEqual(['BALANCE_INSUFFICIENT', true])
    expect((await shop.orders.get({ orderId })).status).toBe('failed')
    expect((await shop.outbox.counts()).pending).toBe(1)
  })

  it.each([
    ['another amount', () => shop.balance.charge({ userId: 'u1', amount: 200 }, key('k'))],
    ['another user', () => shop.balance.charge({ userId: 'u2', amount: 100 }, key('k'))],
    ['another command', () => shop.users.register({ userId: 'u1' }, key('k'))],
  ])('refuses %s, and changes nothing', async (_, call) => {
    await shop.balance.charge({ userId: 'u1', amount: 100 }, key('k'))
    const refused = await refusalOf(call())
    expect([refused.code, refused.replayed]).toEqual(['IDEMPOTENCY_KEY_REUSED', false])
    expect(await balance()).toBe(100)
    expect((await store.reads.wallet('u2')).found).toBeUndefined()
  })

  it('still answers the first request after its use for another request', async () => {
    const first = await shop.balance.charge({ userId: 'u1', amount: 100 }, key('k'))
    await refusalOf(shop.balance.charge({ userId: 'u1', amount: 200 }, key('k')))
    await expect(shop.balance.charge({ userId: 'u1', amount: 100 }, key('k'))).resolves.toEqual(first)
  })

  it('belongs to its caller: the same key of another caller is independent', async () => {
    await shop.balance.charge({ userId: 'u1', amount: 100 }, key('k', 'u1'))
    await shop.balance.charge({ userId: 'u2', amount: 200 }, key('k', 'u2'))
    expect([await balance('u1'), await balance('u2')]).toEqual([100, 200])
  })

  it('cannot be confused with another by moving a space between scope and key', async () => {
    await shop.balance.charge({ userId: 'u1', amount: 1 }, key('c', 'a:b'))
    await shop.balance.charge({ userId: 'u1', amount: 1 }, key('b:c', 'a'))
    expect(await balance()).toBe(2)
  })

  it('compares requests as JSON: undefined members and member order do not matter', async () => {
    await shop.products.create({ productId: 'p', name: 'P', price: 100, stock: 9 })
    const first = await shop.orders.place({ userId: 'u1', products: [{ productId: 'p', quantity: 1 }] }, key('k'))
    const again = await shop.orders.place(
      { couponId: undefined, products: [{ quantity: 1, productId: 'p' }], userId: 'u1' },
      key('k'),
    )
    expect(again).toEqual(first)
  })

  it('compares the order of lines: another order is another request', async () => {
    await shop.products.create({ productId: 'p', name: 'P', price: 1, stock: 9 })
    await shop.products.create({ productId: 'q', name: 'Q', price: 1, stock: 9 })
    const lines = [
      { productId: 'p', quantity: 1 },
      { productId: 'q', quantity: 1 },
    ]
    await shop.orders.place({ userId: 'u1', products: lines }, key('k'))
    const refused = await refusalOf(shop.orders.place({ userId: 'u1', products: lines.toReversed() }, key('k')))
    expect(refused.code).toBe('IDEMPOTENCY_KEY_REUSED')
  })

  it('compares the caller’s fingerprint if there is one', async () => {
    const call = (request: unknown) =>
      shop.balance.charge({ userId: 'u1', amount: 100 }, { idempotency: { scope: 's', key: 'k', request } })
    const first = await call({ path: '/a' })
    await expect(call({ path: '/a' })).resolves.toEqual(first)
    expect((await refusalOf(call({ path: '/b' }))).code).toBe('IDEMPOTENCY_KEY_REUSED')
  })

  it('does not keep a malformed request: the key stays free for a correct one', async () => {
    expect((await refusalOf(shop.balance.charge({ userId: 'u1', amount: 0.5 }, key('k')))).code).toBe('INVALID_REQUEST')
    await shop.balance.charge({ userId: 'u1', amount: 100 }, key('k'))
    expect(await balance()).toBe(100)
  })

  it('does not keep a request that is invalid for the current state of the shop', async () => {
    const coupon = { name: 'C', discount: { kind: 'fixed', amount: 1 }, quantity: 2 } as const
    await shop.coupons.create({ ...coupon, couponId: 'c', validUntil: start + day })
    for (const userId of ['u1', 'u2']) await shop.coupons.issue({ userId, couponId: 'c' })
    const shrink = () => shop.coupons.update({ couponId: 'c', quantity: 1 }, key('k'))
    const grow = () => shop.coupons.update({ couponId: 'c', quantity: 3 }, key('k'))
    expect((await refusalOf(shrink())).code).toBe('INVALID_REQUEST')
    await expect(grow()).resolves.toMatchObject({ quantity: 3 })
  })

  it('does not keep the refusal of a reused key', async () => {
    await shop.users.register({ userId: 'u1' }, key('k'))
    await refusalOf(shop.users.register({ userId: 'u2' }, key('k')))
    expect((await refusalOf(shop.users.register({ userId: 'u2' }, key('k')))).code).toBe('IDEMPOTENCY_KEY_REUSED')
  })

  it('is forgotten when it is purged, and not before', async () => {
    const retention = { outcomesMs: day, sentEventsMs: day, groupsMs: day }
    await shop.balance.charge({ userId: 'u1', amount: 100 }, key('k'))
    clock.move(day)
    await shop.upkeep.purge(retention)
    await shop.balance.charge({ userId: 'u1', amount: 100 }, key('k'))
    expect(await balance()).toBe(100)
    clock.move(1)
    await shop.upkeep.purge(retention)
    await shop.balance.charge({ userId: 'u1', amount: 100 }, key('k'))
    expect(await balance()).toBe(200)
  })

  it('returns a copy: changing one answer does not change later ones', async () => {
    await shop.products.create({ productId: 'p', name: 'P', price: 100, stock: 9 })
    const order = { userId: 'u1', products: [{ productId: 'p', quantity: 1 }] }
    const first = await shop.orders.place(order, key('k'))
    const kept = structuredClone(first)
    spoil(first)
    const again = await shop.orders.place(order, key('k'))
    expect(again).toEqual(kept)
    spoil(again)
    await expect(shop.orders.place(order, key('k'))).resolves.toEqual(kept)
    await expect(shop.orders.get({ orderId: kept.orderId })).resolves.toEqual(kept)
  })
})
