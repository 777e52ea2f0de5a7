import { describe, expect, it } from 'vitest'
import { issueCoupon, placeOrder } from '../../src/commands.js'
import { decideGroup } from '../../src/engine/decide-group.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type EventType, type EventView, eventTypes, resolvePolicies, type Shop } from '../../src/index.js'
import { mergeKeys, nothingLoaded } from '../../src/store.js'
import { couponOf, defaultNow, manualClock, productOf } from '../../src/testing/index.js'

const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

const open = (events: readonly EventType[] = eventTypes, more = {}) => {
  const clock = manualClock(defaultNow)
  const policies = resolvePolicies('standard', { events, ...more })
  const traced = createShop({
    store: inMemoryStore({ clock }),
    policies,
    middleware: [(call, next) => next({ ...call, traceparent: trace })],
  })
  return { shop: traced, clock }
}

const minute = 60_000

/** Type, subject and sequence of each event, the oldest first; events of one moment by subject and sequence. */
const told = async (shop: Shop<never>) => {
  const { items } = await shop.outbox.list({ limit: 100 })
  const key = ({ at, subject, subjectId, sequence }: EventView) => `${at} ${subject} ${subjectId} ${sequence}`
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

const names = async (shop: Shop<never>) =>
  (await told(shop)).map(({ type, subjectId, sequence }) => `${type} ${subjectId} ${sequence}`)

describe('events of a balance', () => {
  it('carry the entry under its number, and the trace context of the call', async () => {
    const { shop, clock } = open()
    await shop.balance.charge({ userId: 'ann', amount: 1_000, reference: 'C-1' })
    await shop.balance.grant({ userId: 'ann', amount: 50, expiresAt: clock.now() + minute })
    await shop.balance.withdraw({ userId: 'ann', amount: 100 })
    await shop.balance.adjust({ userId: 'ann', change: 5, reason: 'a gift' })
    const events = await told(shop)
    expect(
      events.map(({ type, subject, subjectId, sequence, data }) => [type, subject, subjectId, sequence, data]),
    ).toEqual(
      [
        ['wallet.charged', { kind: 'charge', amount: 1_000, balance: 1_000, reference: 'C-1' }],
        ['wallet.granted', { kind: 'grant', amount: 50, bonusAmount: 50, balance: 1_050 }],
        ['wallet.withdrawn', { kind: 'withdrawal', amount: -100, balance: 950 }],
        ['wallet.adjusted', { kind: 'adjustment', amount: 5, balance: 955, reason: 'a gift' }],
      ].map(([type, data], index) => [
        type,
        'user',
        'ann',
        index + 1,
        expect.objectContaining({ ...(data as object), userId: 'ann', sequence: index + 1 }),
      ]),
    )
    expect(events.every((event) => !('orderId' in event))).toBe(true)
  })

  it('tell of money that ended when its wallet is next locked, also by a refused call', async () => {
    const { shop, clock } = open(['wallet.expired'])
    await shop.balance.grant({ userId: 'ann', amount: 50, expiresAt: clock.now() + minute })
    clock.move(minute)
    await expect(shop.balance.withdraw({ userId: 'ann', amount: 1 })).rejects.toThrow()
    expect((await told(shop)).map(({ type, sequence, data }) => [type, sequence, data])).toEqual([
      ['wallet.expired', 2, expect.objectContaining({ kind: 'expiry', amount: -50, at: '2025-06-15T03:01:00.000Z' })],
    ])
  })

  it('leave out payments and refunds, which are events of their order', async () => {
    const { shop } = open()
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 100, stock: 5 })
    await shop.balance.charge({ userId: 'ann', amount: 1_000 })
    const { orderId } = await shop.orders.place({ userId: 'ann', products: [{ productId: 'mug', quantity: 1 }] })
    await shop.payments.pay({ userId: 'ann', orderId })
    await shop.orders.refund({ orderId })
    const users = (await told(shop)).filter(({ subject }) => subject === 'user')
    expect(users.map(({ type }) => type)).toEqual(['wallet.charged'])
  })
})

describe('events of a coupon', () => {
  it('carry the issued copy and count the copies; a replay and a refusal make none', async () => {
    const { shop, clock } = open(['coupon.issued'])
    const validUntil = clock.now() + minute
    await shop.coupons.create({
      couponId: 'c1',
      name: 'C',
      discount: { kind: 'fixed', amount: 1 },
      quantity: 2,
      validUntil,
    })
    const idempotency = { scope: 'ann', key: 'k' }
    const first = await shop.coupons.issue({ userId: 'ann', couponId: 'c1' }, { idempotency })
    await shop.coupons.issue({ userId: 'ann', couponId: 'c1' }, { idempotency })
    await shop.coupons.issue({ userId: 'bob', couponId: 'c1' })
    await expect(shop.coupons.issue({ userId: 'cid', couponId: 'c1' })).rejects.toThrow()
    const events = await told(shop)
    expect(events.map(({ data }) => data)).toEqual([
      { ...first, sequence: 1 },
      { ...first, userId: 'bob', sequence: 2 },
    ])
    expect(events.map(({ type, subject, subjectId }) => `${type} ${subject} ${subjectId}`)).toEqual(
      Array(2).fill('coupon.issued coupon c1'),
    )
  })
})

describe('events of a product', () => {
  it('tell of its terms and its stock, of the last unit and of the first one again', async () => {
    const { shop } = open(['product.changed', 'stock.changed', 'stock.sold-out', 'stock.back'])
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 100, stock: 2 })
    await shop.products.update({ productId: 'mug', name: 'Cup' })
    await shop.products.update({ productId: 'mug', name: 'Cup' })
    await shop.products.changeStock({ productId: 'mug', change: -2 })
    await shop.products.changeStock({ productId: 'mug', change: 3 })
    const events = await told(shop)
    expect(events.map(({ type, sequence }) => `${type} ${sequence}`)).toEqual([
      'product.changed 1',
      'product.changed 2',
      'stock.changed 3',
      'stock.sold-out 4',
      'stock.changed 5',
      'stock.back 6',
    ])
    expect(events.map(({ data }) => ('stock' in data ? data.stock : undefined))).toEqual([2, 2, 0, 0, 3, 3])
    expect(events[1]?.data).toMatchObject({ productId: 'mug', name: 'Cup', listed: true, sequence: 2 })
    expect(events[3]?.data).toEqual({ productId: 'mug', stock: 0, sequence: 4 })
  })

  it('count on where types were off for a while', async () => {
    const { shop } = open(['stock.sold-out'])
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 100, stock: 1 })
    for (const change of [-1, 1, -1]) await shop.products.changeStock({ productId: 'mug', change })
    expect(await names(shop)).toEqual(['stock.sold-out mug 1', 'stock.sold-out mug 2'])
  })

  it('tell of units whose hold has ended when the product is next locked, also by a refused call', async () => {
    const { shop, clock } = open(['stock.changed'])
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 100, stock: 1 })
    const order = () => shop.orders.place({ userId: 'ann', products: [{ productId: 'mug', quantity: 2 }] })
    await shop.orders.place({ userId: 'ann', products: [{ productId: 'mug', quantity: 1 }] })
    await expect(order()).rejects.toThrow()
    expect((await told(shop)).map(({ data }) => data)).toEqual([{ productId: 'mug', stock: 0, sequence: 1 }])
    clock.move(15 * minute)
    await expect(order()).rejects.toThrow()
    expect((await told(shop)).map(({ data }) => data)).toEqual([
      { productId: 'mug', stock: 0, sequence: 1 },
      { productId: 'mug', stock: 1, sequence: 2 },
    ])
  })

  it('are made once for a group, from what it found to what it leaves', () => {
    const loaded = {
      ...nothingLoaded(defaultNow),
      products: [productOf({ productId: 'mug', stock: 3, events: 7 }).row],
    }
    const place = (userId: string) => ({
      call: {
        command: placeOrder,
        input: { userId, products: [{ productId: 'mug', quantity: 1 }] },
        traceparent: trace,
      },
      outlines: { order: () => undefined, couponIdOf: () => undefined },
    })
    const members = ['ann', 'bob', 'cid', 'dan'].map(place)
    const policies = resolvePolicies('hold-at-order', { events: eventTypes })
    const keys = mergeKeys(
      members.map(({ call }) => placeOrder.keys(call.input, { outlines: members[0]?.outlines as never, policies })),
    )
    let made = 0
    const newId = () => {
      made += 1
      return `id-${String(made).padStart(3, '0')}`
    }
    const { verdicts, changes } = decideGroup(members, keys, loaded, { policies, newId })
    expect(verdicts.map((verdict) => 'outcome' in verdict && verdict.outcome.ok)).toEqual([true, true, true, false])
    const { inserted } = changes.events
    expect(inserted.map(({ type, sequence, traceparent }) => [type, sequence, traceparent])).toEqual([
      ...Array(3).fill(['order.placed', 1, trace]),
      ['stock.changed', 8, null],
      ['stock.sold-out', 9, null],
    ])
    expect(changes.products.updated).toMatchObject([{ held: 3, events: 9 }])
  })
})

describe('a type that is off', () => {
  it('is not written, and nothing is counted for it', async () => {
    const { shop } = open(['order.paid'])
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 100, stock: 1 })
    await shop.balance.charge({ userId: 'ann', amount: 1_000 })
    await shop.orders.place({ userId: 'ann', products: [{ productId: 'mug', quantity: 1 }] })
    expect(await names(shop)).toEqual([])
  })

  it('leaves the changes of a group as they are by default', () => {
    const loaded = { ...nothingLoaded(defaultNow), coupons: [couponOf().row] }
    const outlines = { order: () => undefined, couponIdOf: () => undefined }
    const input = { userId: 'u1', couponId: 'c1' }
    const keys = mergeKeys([{ lock: { coupons: ['c1'], issuedCoupons: [input] }, read: { users: ['u1'] } }])
    const member = { call: { command: issueCoupon, input }, outlines }
    const { changes } = decideGroup([member], keys, loaded, { policies: resolvePolicies(), newId: () => 'id' })
    expect(changes.events.inserted).toEqual([])
    expect(changes.coupons.updated).toMatchObject([{ issued: 1, events: null }])
  })
})
