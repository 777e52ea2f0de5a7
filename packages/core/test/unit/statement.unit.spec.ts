import { describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type PolicyOverrides, resolvePolicies, type Statement } from '../../src/index.js'
import { addDays, entryKinds } from '../../src/store.js'
import { manualClock } from '../../src/testing/index.js'
import { day, hour } from './bonus.js'
import { refused } from './finding.js'

const at = (text: string) => Date.parse(text)

/** A shop whose clock stands at this time, with its days in this zone. */
const books = (now: string, timeZone = 'UTC', policies: PolicyOverrides = {}) => {
  const clock = manualClock(at(now))
  const store = inMemoryStore({ clock })
  const shop = createShop({ store, policies: resolvePolicies('standard', { ...policies, ranking: { timeZone } }) })
  return { clock, store, shop, to: (text: string) => clock.move(at(text) - clock.now()) }
}

/** The movements that are not 0. */
const moved = ({ movements }: Statement) =>
  Object.fromEntries(movements.filter(({ amount }) => amount !== 0).map(({ kind, amount }) => [kind, amount]))

const figures = ({ opening, closing }: Statement) => [opening, closing]

describe('a statement', () => {
  it('leads from the opening to the closing by every kind of movement, and lists the products that moved', async () => {
    const { shop } = books('2026-05-04T12:00:00Z')
    await shop.balance.charge({ userId: 'u1', amount: 10_000 })
    await shop.balance.charge({ userId: 'u2', amount: 5_000 })
    await shop.balance.grant({ userId: 'u1', amount: 2_000 })
    await shop.balance.withdraw({ userId: 'u2', amount: 1_500 })
    await shop.balance.adjust({ userId: 'u2', change: -500, reason: 'mistake' })
    for (const productId of ['tea', 'mug', 'hat'])
      await shop.products.create({ productId, name: productId, price: 900, stock: 10 })
    const products = [
      { productId: 'tea', quantity: 4 },
      { productId: 'mug', quantity: 1 },
    ]
    const { orderId } = await shop.orders.place({ userId: 'u1', products })
    await shop.payments.pay({ userId: 'u1', orderId })
    await shop.orders.refund({ orderId, lines: [{ productId: 'tea', quantity: 1 }] })
    await shop.orders.place({ userId: 'u1', products: [{ productId: 'hat', quantity: 1 }] })
    expect(await shop.statement({ from: '2026-05-04', to: '2026-05-04' })).toEqual({
      from: '2026-05-04',
      to: '2026-05-04',
      opening: 0,
      closing: 11_400,
      movements: [
        { kind: 'charge', amount: 15_000 },
        { kind: 'grant', amount: 2_000 },
        { kind: 'payment', amount: -4_500 },
        { kind: 'refund', amount: 900 },
        { kind: 'withdrawal', amount: -1_500 },
        { kind: 'adjustment', amount: -500 },
        { kind: 'expiry', amount: 0 },
        { kind: 'opening', amount: 0 },
      ],
      products: [
        { productId: 'mug', sold: 1, soldAmount: 900, refunded: 0, refundedAmount: 0 },
        { productId: 'tea', sold: 4, soldAmount: 3_600, refunded: 1, refundedAmount: 900 },
      ],
    })
    const before = await shop.statement({ from: '2026-05-03', to: '2026-05-03' })
    expect([...figures(before), moved(before), before.products]).toEqual([0, 0, {}, []])
    const after = await shop.statement({ from: '2026-05-05', to: '9999-12-31' })
    expect([...figures(after), moved(after), after.products]).toEqual([11_400, 11_400, {}, []])
  })

  it('is empty for a shop without movements', async () => {
    const { shop } = books('2026-05-04T12:00:00Z')
    expect(await shop.statement({ from: '1970-01-01', to: '9999-12-31' })).toEqual({
      from: '1970-01-01',
      to: '9999-12-31',
      opening: 0,
      closing: 0,
      movements: entryKinds.map((kind) => ({ kind, amount: 0 })),
      products: [],
    })
  })

  it('counts money after the discount, sales on the day of payment and refunds on their own day', async () => {
    const { shop, to } = books('2026-05-04T12:00:00Z')
    await shop.balance.charge({ userId: 'u1', amount: 10_000 })
    for (const [productId, price] of [
      ['a', 1_000],
      ['b', 500],
      ['c', 333],
    ] as const)
      await shop.products.create({ productId, name: productId, price, stock: 10 })
    const discount = { kind: 'fixed', amount: 1_000 } as const
    await shop.coupons.create({
      couponId: 'c1',
      name: 'C',
      discount,
      quantity: 1,
      validUntil: at('2027-01-01T00:00:00Z'),
    })
    await shop.coupons.issue({ userId: 'u1', couponId: 'c1' })
    const products = [
      ['a', 3],
      ['b', 2],
      ['c', 1],
    ].map(([productId, quantity]) => ({ productId, quantity })) as never
    to('2026-05-04T23:59:00Z')
    const { orderId } = await shop.orders.place({ userId: 'u1', products, couponId: 'c1' })
    to('2026-05-05T00:00:00.000Z')
    await shop.payments.pay({ userId: 'u1', orderId })
    to('2026-05-06T00:00:00.000Z')
    await shop.orders.refund({ orderId, lines: [{ productId: 'a', quantity: 2 }] })
    to('2026-05-06T23:59:59.999Z')
    await shop.orders.refund({ orderId, lines: [{ productId: 'c', quantity: 1 }] })
    const products4 = (await shop.statement({ from: '2026-05-04', to: '2026-05-04' })).products
    const paid = await shop.statement({ from: '2026-05-05', to: '2026-05-05' })
    const refunded = await shop.statement({ from: '2026-05-06', to: '2026-05-06' })
    expect(products4).toEqual([])
    expect([paid.products, moved(paid)]).toEqual([
      [
        { productId: 'a', sold: 3, soldAmount: 2_308, refunded: 0, refundedAmount: 0 },
        { productId: 'b', sold: 2, soldAmount: 769, refunded: 0, refundedAmount: 0 },
        { productId: 'c', sold: 1, soldAmount: 256, refunded: 0, refundedAmount: 0 },
      ],
      { payment: -3_333 },
    ])
    expect([refunded.products, moved(refunded)]).toEqual([
      [
        { productId: 'a', sold: 0, soldAmount: 0, refunded: 2, refundedAmount: 1_538 },
        { productId: 'c', sold: 0, soldAmount: 0, refunded: 1, refundedAmount: 256 },
      ],
      { refund: 1_794 },
    ])
  })

  it('shares the refund of a withdrawn discount over its products', async () => {
    const { shop } = books('2026-05-04T12:00:00Z', 'UTC', { refund: { whenMinimumIsMissed: 'withdraw-discount' } })
    await shop.balance.charge({ userId: 'u1', amount: 100_000 })
    for (const [productId, price] of [
      ['a', 5_001],
      ['b', 1_000],
      ['c', 13_000],
    ] as const)
      await shop.products.create({ productId, name: productId, price, stock: 10 })
    const terms = { discount: { kind: 'fixed', amount: 4_000 }, minimumOrderAmount: 15_000 } as const
    await shop.coupons.create({
      ...terms,
      couponId: 'c1',
      name: 'C',
      quantity: 1,
      validUntil: at('2027-01-01T00:00:00Z'),
    })
    await shop.coupons.issue({ userId: 'u1', couponId: 'c1' })
    const products = [
      { productId: 'a', quantity: 1 },
      { productId: 'b', quantity: 2 },
      { productId: 'c', quantity: 1 },
    ]
    const { orderId } = await shop.orders.place({ userId: 'u1', products, couponId: 'c1' })
    await shop.payments.pay({ userId: 'u1', orderId })
    await shop.orders.refund({ orderId, lines: products.slice(0, 2) })
    const statement = await shop.statement({ from: '2026-05-04', to: '2026-05-04' })
    expect(statement.products.map(({ productId, refundedAmount }) => [productId, refundedAmount])).toEqual([
      ['a', 2_144],
      ['b', 857],
      ['c', 0],
    ])
    expect(moved(statement)).toMatchObject({ refund: 3_001 })
  })
})

describe('the end of a lot', () => {
  it('counts on the day of its end, written or not, and a past day never changes', async () => {
    const { shop, to, store } = books('2026-05-04T12:00:00Z')
    await shop.balance.grant({ userId: 'u1', amount: 300, expiresAt: '2026-05-06T00:00:00Z' })
    await shop.balance.grant({ userId: 'u1', amount: 500, expiresAt: '2026-05-05T23:59:59.999Z' })
    const on = async (date: string) => {
      const statement = await shop.statement({ from: date, to: date })
      return [...figures(statement), moved(statement)]
    }
    const days = async () => [await on('2026-05-04'), await on('2026-05-05'), await on('2026-05-06')]
    expect(await days()).toEqual([
      [0, 800, { grant: 800 }],
      [800, 800, {}],
      [800, 800, {}],
    ])
    to('2026-05-08T00:00:00Z')
    const expected = [
      [0, 800, { grant: 800 }],
      [800, 300, { expiry: -500 }],
      [300, 0, { expiry: -300 }],
    ]
    expect(await days()).toEqual(expected)
    expect(store.rows('entries')).toHaveLength(2)
    await shop.upkeep.expireLots()
    expect(store.rows('entries')).toHaveLength(4)
    expect(await days()).toEqual(expected)
  })

  it('and the refund after it count on the day of the refund', async () => {
    const { shop, to } = books('2026-05-04T12:00:00Z')
    await shop.balance.grant({ userId: 'u1', amount: 900, expiresAt: '2026-05-05T00:00:00Z' })
    await shop.products.create({ productId: 'tea', name: 'Tea', price: 600, stock: 10 })
    const { orderId } = await shop.orders.place({ userId: 'u1', products: [{ productId: 'tea', quantity: 1 }] })
    await shop.payments.pay({ userId: 'u1', orderId })
    to('2026-05-06T12:00:00Z')
    await shop.orders.refund({ orderId })
    const statement = async (date: string) => shop.statement({ from: date, to: date })
    expect(moved(await statement('2026-05-05'))).toEqual({ expiry: -300 })
    expect([...figures(await statement('2026-05-06')), moved(await statement('2026-05-06'))]).toEqual([
      0,
      0,
      { refund: 600, expiry: -600 },
    ])
  })
})

describe('the days of a statement', () => {
  it.each([
    ['Asia/Seoul', '2026-05-04', '2026-05-03T15:00:00Z', 24],
    ['America/New_York', '2025-03-09', '2025-03-09T05:00:00Z', 23],
    ['America/New_York', '2025-11-02', '2025-11-02T04:00:00Z', 25],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z', 23],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z', 24],
  ])('in %s, %s begins at %s and has %i hours', async (timeZone, date, begin, hours) => {
    const { shop, clock } = books(begin, timeZone)
    clock.move(-1)
    const charge = (amount: number) => shop.balance.charge({ userId: 'u1', amount })
    await charge(1)
    clock.move(1)
    await charge(10)
    clock.move(hours * hour - 1)
    await charge(100)
    clock.move(1)
    await charge(1_000)
    const statement = (from: string, to = from) => shop.statement({ from, to })
    expect(figures(await statement(date))).toEqual([1, 111])
    expect(figures(await statement(addDays(date, -1)))).toEqual(timeZone === 'Pacific/Apia' ? [1, 1] : [0, 1])
    expect(figures(await statement(addDays(date, 1)))).toEqual([111, 1_111])
    expect(figures(await statement(addDays(date, -2), addDays(date, 1)))).toEqual([0, 1_111])
  })

  it('are a range: from and to are both included', async () => {
    const { shop, clock } = books('2026-05-04T00:00:00Z')
    for (let nth = 0; nth < 4; nth += 1) {
      await shop.balance.charge({ userId: 'u1', amount: 10 ** nth })
      clock.move(day)
    }
    expect(figures(await shop.statement({ from: '2026-05-05', to: '2026-05-06' }))).toEqual([1, 111])
  })

  it.each([
    [{ from: '2026-05-05', to: '2026-05-04' }, ['to']],
    [{ from: '2026-02-30', to: '2026-03-01' }, ['from']],
    [{ from: '2026-05-04', to: 'today' }, ['to']],
    [{ from: '2026-05-04' }, ['to']],
    [{}, ['from', 'to']],
    [{ from: '2026-05-04', to: '2026-05-04', userId: 'u1' }, ['userId']],
    [undefined, ['from', 'to']],
  ])('cannot be %j', async (query, paths) => {
    const { shop } = books('2026-05-04T12:00:00Z')
    const refusal = await refused(shop.statement(query as never))
    expect(refusal).toMatchObject({ code: 'INVALID_REQUEST', errors: paths.map((path) => ({ path })) })
  })
})

describe('the snapshot of a statement', () => {
  it('is closed, also when reading fails', async () => {
    const { store } = books('2026-05-04T12:00:00Z')
    let closed = 0
    const failing = createShop({
      store: {
        ...store,
        audit: async () => ({
          ...(await store.audit()),
          movements: () => Promise.reject(new Error('no connection')),
          close: async () => {
            closed += 1
          },
        }),
      },
    })
    await expect(failing.statement({ from: '2026-05-04', to: '2026-05-04' })).rejects.toThrow('no connection')
    expect(closed).toBe(1)
  })
})
