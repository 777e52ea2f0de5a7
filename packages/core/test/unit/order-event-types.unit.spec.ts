import { describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type EventType, eventTypes, resolvePolicies } from '../../src/index.js'
import { eventTypesOf, missingEvents, orderTypesUnder } from '../../src/model/order-events.js'
import { defaultNow, manualClock, orderOf } from '../../src/testing/index.js'

const usual = resolvePolicies().events

describe('the types of events of an order', () => {
  it('are recorded only where they differ from the usual ones', () => {
    expect(orderTypesUnder(usual)).toBeNull()
    expect(orderTypesUnder([...usual, 'wallet.charged'])).toBeNull()
    expect(orderTypesUnder([...usual].reverse())).toBeNull()
    expect(orderTypesUnder(['order.paid', 'coupon.issued', 'order.placed'])).toEqual(['order.placed', 'order.paid'])
    expect(orderTypesUnder([])).toEqual([])
  })

  it('are those of its placement, whatever the policy is when it is paid', async () => {
    const clock = manualClock(defaultNow)
    const store = inMemoryStore({ clock })
    const under = (events: readonly EventType[]) =>
      createShop({ store, policies: resolvePolicies('standard', { events }) })
    const [all, none, plain] = [under(eventTypes), under([]), under(usual)]
    await plain.balance.charge({ userId: 'ann', amount: 10_000 })
    await plain.products.create({ productId: 'mug', name: 'Mug', price: 100, stock: 9 })
    const place = { userId: 'ann', products: [{ productId: 'mug', quantity: 1 }] }
    const orders = [await all.orders.place(place), await none.orders.place(place), await plain.orders.place(place)]
    for (const { orderId } of orders) await plain.payments.pay({ userId: 'ann', orderId })
    for (const { orderId } of orders) await all.orders.refund({ orderId })
    const { items } = await plain.outbox.list({ limit: 100 })
    const told = orders.map(({ orderId }) =>
      items
        .filter((event) => event.orderId === orderId)
        .sort((a, b) => a.sequence - b.sequence)
        .map(({ type, sequence }) => `${sequence} ${type}`),
    )
    expect(told).toEqual([
      ['1 order.placed', '2 order.paid', '3 order.refunded'],
      [],
      ['1 order.paid', '2 order.refunded'],
    ])
    expect((await plain.audit()).violations).toEqual([])
  })

  it('begin with the placed order also where one call orders and pays', async () => {
    const policies = resolvePolicies('one-call', { events: eventTypes, wallet: { opens: 'on-first-charge' } })
    const shop = createShop({ store: inMemoryStore({ clock: manualClock(defaultNow) }), policies })
    await shop.balance.charge({ userId: 'ann', amount: 10_000 })
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 100, stock: 9 })
    const { orderId } = await shop.orders.place({ userId: 'ann', products: [{ productId: 'mug', quantity: 1 }] })
    const events = (await shop.outbox.list({ limit: 100 })).items.filter((event) => event.orderId === orderId)
    expect(events.map(({ type, data }) => [type, data.sequence, 'status' in data && data.status]).sort()).toEqual([
      ['order.paid', 2, 'paid'],
      ['order.placed', 1, 'pending'],
    ])
    expect((await shop.audit()).violations).toEqual([])
  })

  it.each([
    [
      ['order.placed', 'order.refunded'],
      ['order.placed', 'order.refunded'],
    ],
    [null, ['order.paid', 'order.refunded']],
    [[], []],
  ] as const)('filter what a refunded order has had: %j', (recorded, expected) => {
    expect(eventTypesOf(orderOf({ status: 'refunded', eventTypes: recorded }).row)).toEqual(expected)
  })

  it('count what is missing by the types of the order, and show it as it was then', () => {
    const { row } = orderOf({ status: 'paid', eventTypes: ['order.placed', 'order.paid'], events: 2 })
    const later = defaultNow + 60 * 60_000
    const found = (present: readonly number[]) =>
      missingEvents(row, present, { now: later, newId: () => 'new' }).missing.map(({ type, sequence, data }) => [
        type,
        sequence,
        'status' in data && data.status,
      ])
    expect(found([])).toEqual([
      ['order.placed', 1, 'pending'],
      ['order.paid', 2, 'paid'],
    ])
    expect(found([1])).toEqual([['order.paid', 2, 'paid']])
    expect(found([1, 2])).toEqual([])
  })
})
