import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeOrder, quoteOrder } from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type PresetName, presetNames, presets, resolvePolicies } from '../../src/index.js'
import { tableNames } from '../../src/store.js'
import {
  couponOf,
  defaultNow,
  given,
  issuedCouponOf,
  manualClock,
  productOf,
  walletOf,
} from '../../src/testing/index.js'
import { day, inOneHour, lotOf, walletWith } from './bonus.js'

const userId = 'u1'
const of = (quantity: number, productId = 'p1') => ({ productId, quantity })
const basket = (...products: readonly ReturnType<typeof of>[]) => ({ userId, products })
const coupon = [couponOf({ issued: 1 }), issuedCouponOf()] as const

describe('a quote', () => {
  it.each(presetNames)('has the amounts of the order, the balance, and whether it suffices (%s)', (preset) => {
    given(walletWith(1_500, [lotOf({ amount: 1_000 })]), productOf(), ...coupon)
      .under(preset)
      .when(quoteOrder, { ...basket(of(2), of(1)), couponId: 'c1' })
      .thenAccepted((quote) =>
        expect(quote).toEqual({
          lines: [{ productId: 'p1', name: 'Product p1', unitPrice: 1_000, quantity: 3, amount: 3_000 }],
          droppedLines: [],
          totalAmount: 3_000,
          discountAmount: 500,
          finalAmount: 2_500,
          coupon: { couponId: 'c1', applies: true },
          balance: 2_500,
          sufficient: true,
        }),
      )
      .thenChanges({})
      .when(quoteOrder, basket(of(3)))
      .thenAccepted({ coupon: null, discountAmount: 0, finalAmount: 3_000, balance: 2_500, sufficient: false })
      .thenChanges({})
  })

  it('is never refused for the balance, which is 0 without a wallet', () => {
    given(productOf())
      .under('one-call', { wallet: { opens: 'on-first-charge' } })
      .when(quoteOrder, basket(of(1)))
      .thenAccepted({
        balance: 0,
        sufficient: false,
      })
    given(productOf({ price: 0 }))
      .when(quoteOrder, basket(of(1)))
      .thenAccepted({ balance: 0, sufficient: true })
  })

  it('counts bonus money by the clock', () => {
    given(walletWith(100, [lotOf({ amount: 900, expiresAt: inOneHour })]), productOf())
      .at(inOneHour - 1)
      .when(quoteOrder, basket(of(1)))
      .thenAccepted({ balance: 1_000, sufficient: true })
      .at(inOneHour)
      .when(quoteOrder, basket(of(1)))
      .thenAccepted({ balance: 100, sufficient: false })
  })

  it.each([
    ['COUPON_NOT_FOUND', []],
    ['COUPON_NOT_OWNED', [couponOf()]],
    ['COUPON_ALREADY_USED', [couponOf({ issued: 1 }), issuedCouponOf({ usedByOrderId: 'o9' })]],
    ['COUPON_NOT_YET_VALID', [couponOf({ issued: 1, validFrom: defaultNow + 1 }), issuedCouponOf()]],
    ['COUPON_EXPIRED', [couponOf({ issued: 1, validUntil: defaultNow }), issuedCouponOf()]],
    ['COUPON_MINIMUM_NOT_MET', [couponOf({ issued: 1, minimumOrderAmount: 1_001 }), issuedCouponOf()]],
  ] as const)('tells %s, with a discount of 0, where the order is refused', (code, rows) => {
    const request = { ...basket(of(1)), couponId: 'c1' }
    given(walletOf({ balance: 1_000 }), productOf(), ...rows)
      .when(quoteOrder, request)
      .thenAccepted({
        discountAmount: 0,
        finalAmount: 1_000,
        coupon: { couponId: 'c1', applies: false, code },
        sufficient: true,
      })
      .when(placeOrder, request)
      .thenRefused(code)
  })
})

describe('a quote is refused as the order is', () => {
  const story = (preset: PresetName) => given(walletOf({ balance: 9 }), productOf({ stock: 2 })).under(preset)

  it.each(presetNames)('for an unknown or unlisted product (%s)', (preset) => {
    story(preset)
      .when(quoteOrder, basket(of(1), of(1, 'p9')))
      .thenRefused('PRODUCT_NOT_FOUND', { productIds: ['p9'] })
    given(walletOf(), productOf({ listed: false }))
      .under(preset)
      .when(quoteOrder, basket(of(1)))
      .thenRefused('PRODUCT_NOT_FOUND', { productIds: ['p1'] })
  })

  it.each(presetNames.filter((preset) => presets[preset].stock.takenAt === 'order'))(
    'for too little stock where ordering takes it (%s)',
    (preset) => {
      const short = [{ productId: 'p1', requested: 3, available: 2 }]
      story(preset)
        .when(quoteOrder, basket(of(3)))
        .thenRefused('STOCK_INSUFFICIENT', { lines: short })
    },
  )

  it('not for too little stock where payment takes it', () => {
    story('take-at-payment')
      .when(quoteOrder, basket(of(3)))
      .thenAccepted({ totalAmount: 3_000 })
  })

  it('not for a line that the order would drop', () => {
    given(walletOf(), productOf({ stock: 2 }), productOf({ productId: 'p2', price: 300 }))
      .under('partial-orders')
      .when(quoteOrder, basket(of(3), of(1, 'p2')))
      .thenAccepted({
        lines: [{ productId: 'p2', amount: 300 }],
        droppedLines: [{ productId: 'p1', requested: 3, available: 2 }],
        totalAmount: 300,
      })
  })

  it.each(presetNames.filter((preset) => presets[preset].wallet.opens === 'by-registration'))(
    'for an unknown user, before everything else (%s)',
    (preset) => {
      given()
        .under(preset)
        .when(quoteOrder, basket(of(1, 'p9')))
        .thenRefused('USER_NOT_FOUND', { userId })
    },
  )

  it('for an invalid request, with the fields of the order', () => {
    const invalid = (input: object) =>
      given()
        .when(quoteOrder, input as never)
        .thenRefused('INVALID_REQUEST', {})
    for (const wrong of [{ products: [] }, { products: [of(0)] }, { couponId: '' }, { price: 1 }, { userId: ' ' }])
      invalid({ ...basket(of(1)), ...wrong })
  })
})

describe('quoting', () => {
  const shopAt = (preset: PresetName) => {
    const clock = manualClock(defaultNow)
    const store = inMemoryStore({ clock })
    return { clock, store, shop: createShop({ store, policies: resolvePolicies(preset) }) }
  }

  it('writes nothing, not even what a command would write first', async () => {
    const { clock, store, shop } = shopAt('standard')
    await shop.balance.charge({ userId, amount: 100 })
    await shop.balance.grant({ userId, amount: 50, expiresAt: clock.now() + day })
    await shop.products.create({ productId: 'p1', name: 'P', price: 100, stock: 2 })
    await shop.orders.place(basket(of(1)))
    // The lot has ended and the hold is overdue: the next lock of wallet and product would write both.
    clock.move(day)
    const rows = () => tableNames.map((table) => structuredClone(store.rows(table)))
    const before = rows()
    expect(await shop.orders.quote(basket(of(2)))).toMatchObject({ balance: 100, sufficient: false })
    expect(rows()).toEqual(before)
    expect(shop.queued).toBe(0)
  })

  it('starts no transaction', async () => {
    const { store, shop } = shopAt('standard')
    await shop.products.create({ productId: 'p1', name: 'P', price: 100, stock: 2 })
    const reading = createShop({
      store: { ...store, transact: () => Promise.reject(new Error('a quote started a transaction')) },
    })
    expect(await reading.orders.quote(basket(of(2)))).toMatchObject({ finalAmount: 200, balance: 0 })
  })

  it('inside a transaction of the caller sees what it has written, and returns refusals as values', async () => {
    const { store } = shopAt('standard')
    const shop = createShop<object>({ store: { ...store, within: () => store } })
    const inside = shop.within({})
    await inside.products.create({ productId: 'p1', name: 'P', price: 100, stock: 2 })
    expect(await inside.orders.quote(basket(of(2)))).toMatchObject({ ok: true, result: { totalAmount: 200 } })
    expect(await inside.orders.quote(basket(of(3)))).toMatchObject({
      ok: false,
      refusal: { code: 'STOCK_INSUFFICIENT' },
    })
  })

  it('promises the amounts of an order that is placed next', { timeout: 60_000 }, async () => {
    const scenario = fc.record({
      preset: fc.constantFrom(...presetNames),
      paid: fc.integer({ min: 1, max: 20_000 }),
      bonus: fc.integer({ min: 1, max: 20_000 }),
      prices: fc.array(fc.nat({ max: 9_000 }), { minLength: 3, maxLength: 3 }),
      products: fc.array(
        fc.record({ productId: fc.constantFrom('p1', 'p2', 'p3'), quantity: fc.integer({ min: 1, max: 4 }) }),
        { minLength: 1, maxLength: 4 },
      ),
      couponId: fc.constantFrom('fixed', 'percentage', 'dear', 'unknown', null),
    })
    const property = fc.asyncProperty(scenario, async ({ preset, paid, bonus, prices, products, couponId }) => {
      const { shop } = shopAt(preset)
      await shop.users.register({ userId })
      await shop.balance.adjust({ userId, change: paid, reason: 'opening' })
      await shop.balance.grant({ userId, amount: bonus })
      for (const [index, price] of prices.entries())
        await shop.products.create({ productId: `p${index + 1}`, name: 'P', price, stock: 3 })
      const terms = { quantity: 1, validUntil: defaultNow + day, name: 'C' }
      const percentage = { kind: 'percentage', percent: 33, maximum: 2_000 } as const
      await shop.coupons.create({ ...terms, couponId: 'fixed', discount: { kind: 'fixed', amount: 1_500 } })
      await shop.coupons.create({ ...terms, couponId: 'percentage', discount: percentage })
      await shop.coupons.create({ ...terms, couponId: 'dear', discount: percentage, minimumOrderAmount: 20_000 })
      for (const id of ['fixed', 'percentage', 'dear']) await shop.coupons.issue({ userId, couponId: id })
      const request = { userId, products, couponId }
      const quote = await shop.orders.quote(request).catch((error) => error.refusal)
      const outcome = await shop.execute(placeOrder, request)
      if ('code' in quote) expect(outcome).toMatchObject({ refusal: quote })
      else if (quote.coupon?.applies === false) expect(outcome).toMatchObject({ refusal: { code: quote.coupon.code } })
      else if (presets[preset].order.checkout === 'order-and-pay' && !quote.sufficient)
        expect(outcome).toMatchObject({ refusal: { code: 'BALANCE_INSUFFICIENT', balance: quote.balance } })
      else {
        const { lines, droppedLines, totalAmount, discountAmount, finalAmount } = quote
        expect(outcome).toMatchObject({
          ok: true,
          result: { lines, droppedLines, totalAmount, discountAmount, finalAmount, couponId },
        })
      }
    })
    await fc.assert(property)
  })
})

describe('quotes that are asked at once', () => {
  it('share a read, and are refused each for itself', async () => {
    const clock = manualClock(Date.UTC(2026, 0, 1))
    const store = inMemoryStore({ clock })
    const loads: (readonly string[])[] = []
    const shop = createShop({
      store: {
        ...store,
        load(keys) {
          loads.push(keys.lock.products)
          return store.load(keys)
        },
      },
    })
    await shop.balance.charge({ userId, amount: 10_000 })
    for (const productId of ['p1', 'p2']) await shop.products.create({ productId, name: 'P', price: 1_000, stock: 3 })
    const quotes = await Promise.allSettled(
      [of(1), of(2), of(1, 'p2'), of(1, 'p9')].map((line) => shop.orders.quote(basket(line))),
    )
    expect(loads).toEqual([['p1'], ['p1', 'p2', 'p9']])
    expect(quotes).toMatchObject([
      { value: { finalAmount: 1_000 } },
      { value: { finalAmount: 2_000 } },
      { value: { finalAmount: 1_000, lines: [{ productId: 'p2' }] } },
      { reason: { refusal: { code: 'PRODUCT_NOT_FOUND', productIds: ['p9'] } } },
    ])
  })
})
