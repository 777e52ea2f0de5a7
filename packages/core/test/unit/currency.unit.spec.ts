import { describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, isCurrency, type Shop } from '../../src/index.js'
import { defaultNow as now } from '../../src/testing/index.js'

const opened = (currency?: string, store = inMemoryStore({ clock: { now: () => now } })) => ({
  store,
  shop: createShop({ store, currency }),
})

/** Calls everything that answers with an amount. */
const answersOf = async (shop: Shop): Promise<Readonly<Record<string, unknown>>> => {
  const products = [{ productId: 'p', quantity: 2 }]
  const created = await shop.products.create({ productId: 'p', name: 'P', price: 250, stock: 9, opensAt: now })
  const charged = await shop.balance.charge({ userId: 'u', amount: 5_000, reference: 'pay-1' })
  const replayed = await shop.balance.charge({ userId: 'u', amount: 5_000, reference: 'pay-1' })
  const placed = await shop.orders.place({ userId: 'u', products })
  const { orderId } = placed
  const paid = await shop.payments.pay({ userId: 'u', orderId })
  await shop.upkeep.refreshRanking()
  const { items: history } = await shop.balance.history({ userId: 'u' })
  const { items: entries } = await shop.balance.entries()
  const { items: orders } = await shop.orders.list()
  const { items: events } = await shop.outbox.list()
  return {
    created,
    changed: await shop.products.update({ productId: 'p', price: 251 }),
    stocked: await shop.products.changeStock({ productId: 'p', change: 1 }),
    get: await shop.products.get({ productId: 'p' }),
    find: await shop.products.find({ productId: 'p' }),
    ofList: (await shop.products.list()).products[0],
    listed: (await shop.products.listAll()).products[0],
    states: (await shop.products.states({ productIds: ['p'] })).products[0],
    top: (await shop.products.top()).products[0],
    registered: await shop.users.register({ userId: 'v' }),
    charged,
    replayed,
    granted: await shop.balance.grant({ userId: 'u', amount: 5 }),
    withdrawn: await shop.balance.withdraw({ userId: 'u', amount: 1 }),
    adjusted: await shop.balance.adjust({ userId: 'u', change: 1, reason: 'r' }),
    balance: await shop.balance.get({ userId: 'u' }),
    entry: history[0],
    userEntry: entries[0],
    placed,
    quoted: await shop.orders.quote({ userId: 'u', products }),
    paid,
    ofPayment: paid.order,
    payment: await shop.payments.get({ paymentId: paid.paymentId }),
    order: await shop.orders.get({ orderId }),
    orders: orders[0],
    labelled: await shop.orders.update({ orderId, metadata: { a: 'b' } }),
    refunded: await shop.orders.refund({ orderId }),
    event: events[0]?.data,
  }
}

describe('the currency of a shop', () => {
  it('is in every answer about a product, an order, a balance or an event, and changes nothing else', async () => {
    const [plain, named] = await Promise.all([opened(), opened('USD')].map(({ shop }) => answersOf(shop)))
    expect(Object.values(plain ?? {}).filter((answer) => answer === undefined)).toEqual([])
    const currencies = (answers = {}) =>
      Object.fromEntries(
        Object.entries(answers).map(([name, answer]) => [name, (answer as object)['currency' as never]]),
      )
    expect(new Set(Object.values(currencies(plain)))).toEqual(new Set([undefined]))
    expect(currencies(named)).toEqual(Object.fromEntries(Object.keys(named ?? {}).map((name) => [name, 'USD'])))
    const amountsOf = (answers: Readonly<Record<string, unknown>> = {}) => {
      const { balance, order, get } = answers as Record<string, Record<string, unknown>>
      return [balance?.['balance'], order?.['finalAmount'], get?.['price']]
    }
    expect(amountsOf(plain)).toEqual([4_505, 500, 251])
    expect(amountsOf(named)).toEqual(amountsOf(plain))
  })

  it('is in no row but those that keep an answer', async () => {
    const { store, shop } = opened('USD')
    await answersOf(shop)
    for (const table of ['products', 'orders', 'wallets', 'entries'] as const)
      expect(JSON.stringify(store.rows(table))).not.toContain('USD')
    expect(store.rows('events')[0]?.data).toHaveProperty('currency', 'USD')
  })

  it('is that of the shop that answered first, if an idempotency key or an event keeps the answer', async () => {
    const { store, shop } = opened('USD')
    const options = { idempotency: { scope: 'u', key: 'k' } }
    const first = await shop.balance.charge({ userId: 'u', amount: 5 }, options)
    const later = opened('EUR', store).shop
    expect(await later.balance.charge({ userId: 'u', amount: 5 }, options)).toEqual(first)
    expect(await later.balance.get({ userId: 'u' })).toEqual({ userId: 'u', balance: 5, currency: 'EUR' })
  })

  it.each(['KRW', 'USD', 'JPY', 'KWD'])('may be %s', (currency) => {
    expect(isCurrency(currency)).toBe(true)
    expect(opened(currency).shop.currency).toBe(currency)
  })

  it.each(['', 'usd', 'DOLLARS', 'XXA', 'US', ' USD', 840, null])('is refused as %j', (currency) => {
    expect(isCurrency(currency)).toBe(false)
    expect(() => opened(currency as string)).toThrow(TypeError)
    expect(() => opened(currency as string)).toThrow(/^currency must be a code of ISO 4217/)
  })

  it('is absent from a shop without one', () => {
    expect(opened().shop).not.toHaveProperty('currency')
  })
})
