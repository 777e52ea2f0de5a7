import { describe, expect, it } from 'vitest'
import {
  cancelOrder,
  createCoupon,
  issueCoupon,
  payOrder,
  placeOrder,
  quoteOrder,
  refundOrder,
  updateCoupon,
  updateOrder,
} from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type Metadata, presetNames, resolvePolicies } from '../../src/index.js'
import { couponOf, given, defaultNow as now, orderOf, productOf, walletOf } from '../../src/testing/index.js'

const one = { userId: 'u1', products: [{ productId: 'p1', quantity: 1 }] }
const gift = { gift: '1', 'note.ko': '선물' }
const terms = { name: 'C', discount: { kind: 'fixed', amount: 1 }, quantity: 2, validUntil: now + 9 } as const
const story = () => given(walletOf({ balance: 9_000 }), walletOf({ userId: 'u2' }), productOf())

describe('the metadata of an order', () => {
  it.each(presetNames)('is a copy of what the request says, and stays with the order (%s)', (preset) => {
    const metadata: Record<string, string> = { ...gift }
    const placed = story()
      .under(preset)
      .naming('o1')
      .when(placeOrder, { ...one, metadata })
    metadata['gift'] = 'changed'
    placed.thenAccepted((order) => expect(order.metadata).toEqual(gift))
    const paid =
      resolvePolicies(preset).order.checkout === 'order-then-pay'
        ? placed.when(payOrder, { userId: 'u1', orderId: 'o1' })
        : placed
    paid.when(refundOrder, { orderId: 'o1' }).thenAccepted({ status: 'refunded', metadata: gift })
  })

  it.each([[undefined], [null], [{}]])('is absent for %j', (metadata) => {
    story()
      .when(placeOrder, { ...one, metadata })
      .thenAccepted((order) => expect(order).not.toHaveProperty('metadata'))
      .thenChanges({
        orders: { inserted: [{ metadata: null }] },
        products: { updated: [{}] },
        holds: { inserted: [{}] },
      })
  })

  it('is in the events of the order, as it is when they happen', () => {
    given(walletOf(), productOf({ held: 1 }), orderOf({ metadata: gift }))
      .when(updateOrder, { orderId: 'o1', metadata: { packed: 'yes' } })
      .thenAccepted({ status: 'pending', metadata: { packed: 'yes' } })
      .thenChanges({ orders: { updated: [{ orderId: 'o1', metadata: { packed: 'yes' } }] } })
      .when(cancelOrder, { orderId: 'o1' })
      .thenChanges({
        orders: { updated: [{ status: 'cancelled', metadata: { packed: 'yes' } }] },
        events: { inserted: [{ type: 'order.cancelled', data: { metadata: { packed: 'yes' } } }] },
      })
  })

  it.each([[null], [{}]])('is removed by %j, whatever the status', (metadata) => {
    for (const status of ['pending', 'paid', 'failed', 'cancelled', 'expired', 'refunded'] as const)
      given(orderOf({ status, metadata: gift }))
        .when(updateOrder, { orderId: 'o1', metadata })
        .thenAccepted((order) => expect(order).not.toHaveProperty('metadata'))
        .thenChanges({ orders: { updated: [{ status, metadata: null }] } })
  })

  it('stays as it is if a change does not name it', () => {
    given(orderOf({ metadata: gift }))
      .when(updateOrder, { orderId: 'o1' })
      .thenAccepted({ metadata: gift })
      .thenChanges({})
  })

  it('is replaced only of an order that exists, and only by metadata', () => {
    given()
      .when(updateOrder, { orderId: 'o1', metadata: gift })
      .thenRefused('ORDER_NOT_FOUND', { orderId: 'o1' })
      .when(updateOrder, { orderId: '/', metadata: { a: 1 } as never })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'orderId' }, { path: 'metadata' }] })
  })

  it.each<[string, unknown]>([
    ['a number', { a: 1 }],
    ['a list', ['a']],
    ['a key with a space', { 'a b': 'c' }],
  ])('is refused with %s', (_, metadata) => {
    story()
      .when(placeOrder, { ...one, metadata: metadata as Metadata })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'metadata' }] })
  })
})

describe('the metadata of a coupon', () => {
  it('is shown with the coupon and with each copy, and replaced as a whole', () => {
    const created = given(walletOf())
      .when(createCoupon, { ...terms, couponId: 'c1', metadata: gift })
      .thenAccepted({ metadata: gift })
      .when(issueCoupon, { userId: 'u1', couponId: 'c1' })
      .thenAccepted({ metadata: gift })
      .when(updateCoupon, { couponId: 'c1', quantity: 5 })
      .thenAccepted({ quantity: 5, metadata: gift })
    created
      .when(updateCoupon, { couponId: 'c1', metadata: { only: 'this' } })
      .thenAccepted((coupon) => expect(coupon.metadata).toEqual({ only: 'this' }))
      .when(updateCoupon, { couponId: 'c1', metadata: {} })
      .thenAccepted((coupon) => expect(coupon).not.toHaveProperty('metadata'))
      .thenChanges({ coupons: { updated: [{ quantity: 5, metadata: null }] } })
  })

  it('is absent without any, and refused if it is no metadata', () => {
    const shows = (view: object) => expect(view).not.toHaveProperty('metadata')
    given(walletOf(), couponOf())
      .when(issueCoupon, { userId: 'u1', couponId: 'c1' })
      .thenAccepted(shows)
      .when(createCoupon, { ...terms, metadata: null })
      .thenAccepted(shows)
      .when(createCoupon, { ...terms, metadata: { a: {} } as never })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'metadata' }] })
      .when(updateCoupon, { couponId: 'c1', metadata: 'a' as never })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'metadata' }] })
  })

  it('reaches every list', async () => {
    const shop = createShop({ store: inMemoryStore({ clock: { now: () => now } }) })
    await shop.coupons.create({ ...terms, couponId: 'c1', metadata: gift })
    await shop.coupons.issue({ userId: 'u1', couponId: 'c1' })
    const lists = [shop.coupons.list(), shop.coupons.claimable(), shop.coupons.ofUser({ userId: 'u1' })]
    for (const { items } of await Promise.all(lists)) expect(items).toMatchObject([{ metadata: gift }])
  })
})

describe('an order id of the caller', () => {
  it.each(presetNames)('names the order, once, no matter who placed it (%s)', (preset) => {
    story()
      .under(preset)
      .when(placeOrder, { ...one, orderId: 'web-1' })
      .thenAccepted({ orderId: 'web-1' })
      .when(placeOrder, { ...one, orderId: 'web-1' })
      .thenRefused('ORDER_ALREADY_EXISTS', { orderId: 'web-1' })
      .when(placeOrder, { ...one, userId: 'u2', orderId: 'web-1' })
      .thenRefused('ORDER_ALREADY_EXISTS', { orderId: 'web-1' })
  })

  it('is looked up after the user, and before open orders and products', () => {
    const taken = given(walletOf({ balance: 1 }), productOf({ held: 1 }), orderOf({ orderId: 'web-1' }))
    taken
      .under('standard', { wallet: { opens: 'by-registration' } })
      .when(placeOrder, { ...one, userId: 'u9', orderId: 'web-1' })
      .thenRefused('USER_NOT_FOUND')
    taken
      .under('standard', { order: { pendingPerUser: 1 } })
      .when(placeOrder, { userId: 'u1', products: [{ productId: 'none', quantity: 1 }], orderId: 'web-1' })
      .thenRefused('ORDER_ALREADY_EXISTS')
      .when(placeOrder, { userId: 'u1', products: [{ productId: 'none', quantity: 1 }], orderId: 'web-2' })
      .thenRefused('TOO_MANY_PENDING_ORDERS')
  })

  it.each(['', 'no/id', '..', 'w'.repeat(65)])('is refused as %j', (orderId) => {
    story()
      .when(placeOrder, { ...one, orderId })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'orderId' }] })
  })

  it('is free again for another request if the order was refused', () => {
    story()
      .when(placeOrder, { userId: 'u1', products: [{ productId: 'none', quantity: 1 }], orderId: 'web-1' })
      .thenRefused('PRODUCT_NOT_FOUND')
      .when(placeOrder, { ...one, userId: 'u2', orderId: 'web-1' })
      .thenAccepted({ orderId: 'web-1', userId: 'u2' })
  })

  it('and metadata have no effect on a quote', () => {
    const quoted = given(walletOf(), productOf({ held: 1 }), orderOf())
    const results: unknown[] = []
    for (const more of [{}, { orderId: 'o1' }, { orderId: 'o2', metadata: gift }])
      quoted.when(quoteOrder, { ...one, ...more }).thenAccepted((quote) => void results.push(quote))
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })

  it('locks no row of an order unless it is given', () => {
    const context = { outlines: { order: () => undefined, couponIdOf: () => undefined }, policies: resolvePolicies() }
    expect(placeOrder.keys(one, context).lock).not.toHaveProperty('orders')
    expect(placeOrder.keys({ ...one, orderId: 'web-1' }, context).lock).toMatchObject({ orders: ['web-1'] })
  })

  it('is decided within one group as in several, and a key or a reference replays the first result', async () => {
    const store = inMemoryStore()
    const shop = createShop({ store })
    await shop.products.create({ productId: 'p1', name: 'P', price: 1, stock: 9 })
    const place = (userId: string) => shop.execute(placeOrder, { ...one, userId, orderId: 'web-1' })
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map(place))
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, false])
    const keyed = { ...one, orderId: 'web-2', reference: 'cart-2' }
    const options = { idempotency: { scope: 'u1', key: 'k' } }
    const first = await shop.execute(placeOrder, keyed, options)
    for (const again of [await shop.execute(placeOrder, keyed, options), await shop.execute(placeOrder, keyed)])
      expect(again).toEqual({ ...first, replayed: true })
    await expect(shop.orders.place({ ...keyed, orderId: 'web-3' })).rejects.toMatchObject({ code: 'REFERENCE_REUSED' })
    expect(store.rows('orders').map(({ orderId }) => orderId)).toEqual(['web-1', 'web-2'])
    expect((await shop.audit()).violations).toEqual([])
  })
})
