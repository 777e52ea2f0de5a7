import { describe, expect, it } from 'vitest'
import { iso, maxPrice, placeOrder, sumDemand } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { presetNames, presets } from '../../src/index.js'
import { couponOf, defaultNow, given, issuedCouponOf, productOf, walletOf } from '../../src/testing/index.js'

const twoCalls = presetNames.filter((name) => presets[name].order.checkout === 'order-then-pay')
const deadline = defaultNow + 15 * 60_000
const line = (productId: string, quantity: number) => ({ productId, quantity })
const wanted = { userId: 'u1', products: [line('p1', 2), line('p2', 1)] }
const shop = () => given(walletOf(), productOf(), productOf({ productId: 'p2', price: 300, stock: 5 }))
const orderId = 'id-1'

describe('placing an order that is paid later', () => {
  it.each(twoCalls)('stores prices and amounts, and stays pending (%s)', (preset) => {
    shop()
      .under(preset)
      .when(placeOrder, wanted)
      .thenAccepted((view) =>
        expect(view).toEqual({
          orderId,
          userId: 'u1',
          status: 'pending',
          lines: [
            { productId: 'p1', name: 'Product p1', unitPrice: 1_000, quantity: 2, amount: 2_000 },
            { productId: 'p2', name: 'Product p2', unitPrice: 300, quantity: 1, amount: 300 },
          ],
          droppedLines: [],
          couponId: null,
          totalAmount: 2_300,
          discountAmount: 0,
          finalAmount: 2_300,
          createdAt: iso(defaultNow),
          expiresAt: iso(deadline),
          paidAt: null,
        }),
      )
  })

  it('takes the null of an answer for no coupon', () => {
    shop()
      .when(placeOrder, { ...wanted, couponId: null })
      .thenAccepted({ couponId: null, finalAmount: 2_300 })
  })

  it('refuses null for the products', () => {
    shop()
      .when(placeOrder, { ...wanted, products: null as never })
      .thenRefused('INVALID_REQUEST')
  })

  it.each(['standard', 'hold-at-order', 'coupon-at-payment'] as const)(
    'holds its stock until the deadline (%s)',
    (preset) => {
      shop()
        .under(preset)
        .when(placeOrder, wanted)
        .thenChanges({
          orders: { inserted: [{ orderId, status: 'pending', stockTakenAt: 'order', expiresAt: deadline, events: 0 }] },
          products: {
            updated: [
              { productId: 'p1', stock: 10, held: 2, received: 10 },
              { productId: 'p2', stock: 5, held: 1, received: 5 },
            ],
          },
          holds: {
            inserted: [
              { orderId, productId: 'p1', quantity: 2, expiresAt: deadline },
              { orderId, productId: 'p2', quantity: 1, expiresAt: deadline },
            ],
          },
        })
    },
  )

  it('checks the products and the price, but holds no stock if payment takes it', () => {
    shop()
      .under('take-at-payment')
      .when(placeOrder, { userId: 'u1', products: [line('p1', 10_000)] })
      .thenAccepted({ totalAmount: 10_000_000 })
      .thenChanges({
        orders: { inserted: [{ stockTakenAt: 'payment', couponConsumedAt: 'payment', status: 'pending' }] },
      })
  })

  it('accepts any user id if wallets open on the first charge', () => {
    given(productOf())
      .when(placeOrder, { userId: 'u9', products: [line('p1', 1)] })
      .thenAccepted({ userId: 'u9', status: 'pending' })
  })

  it('sums the lines of one product before any check', () => {
    const twice = [line('p1', 6), line('p2', 1), line('p1', 4)]
    expect(sumDemand(twice)).toEqual([line('p1', 10), line('p2', 1)])
    shop()
      .when(placeOrder, { userId: 'u1', products: twice })
      .thenAccepted({ lines: [{ productId: 'p1', quantity: 10, amount: 10_000 }, { productId: 'p2' }] })
    shop()
      .when(placeOrder, { userId: 'u1', products: [...twice, line('p1', 1)] })
      .thenRefused('STOCK_INSUFFICIENT', { lines: [{ productId: 'p1', requested: 11, available: 10 }] })
  })

  it('counts held units as unavailable', () => {
    given(productOf({ stock: 10, held: 8 }))
      .when(placeOrder, { userId: 'u1', products: [line('p1', 3)] })
      .thenRefused('STOCK_INSUFFICIENT', { lines: [{ productId: 'p1', requested: 3, available: 2 }] })
      .when(placeOrder, { userId: 'u1', products: [line('p1', 2)] })
      .thenAccepted()
  })

  it('computes the largest possible order exactly', () => {
    const products = Array.from({ length: 100 }, (_, index) => productOf({ productId: `p${index}`, price: maxPrice }))
    given(...products)
      .under('take-at-payment', { wallet: { opens: 'on-first-charge' } })
      .when(placeOrder, { userId: 'u1', products: products.map(({ row }) => line(row.productId, 10_000)) })
      .thenAccepted({ totalAmount: 9_000_000_000_000_000, finalAmount: 9_000_000_000_000_000 })
  })

  it.each([
    [0.5, 30_000],
    [15, 900_000],
    [0.000001, 1],
    [1 / 60_000 / 2, 1],
    [1.00001, 60_001],
  ])('has a deadline after %d minutes: %i ms, and at least 1 ms', (holdMinutes, ms) => {
    shop()
      .under('standard', { order: { holdMinutes } })
      .when(placeOrder, wanted)
      .thenAccepted({ expiresAt: iso(defaultNow + ms) })
  })

  it('accepts an order of free products only', () => {
    given(productOf({ price: 0 }))
      .when(placeOrder, { userId: 'u1', products: [line('p1', 1)] })
      .thenAccepted({ totalAmount: 0, finalAmount: 0 })
  })
})

describe('placing an order with a coupon', () => {
  const withCoupon = { ...wanted, couponId: 'c1' }
  const coupon = couponOf({ discount: { kind: 'percentage', percent: 10 }, issued: 1 })
  const ready = () =>
    given(walletOf(), productOf(), productOf({ productId: 'p2', price: 300, stock: 5 }), coupon, issuedCouponOf())

  it.each(twoCalls)('subtracts the discount from the whole order (%s)', (preset) => {
    ready()
      .under(preset)
      .when(placeOrder, withCoupon)
      .thenAccepted({ couponId: 'c1', totalAmount: 2_300, discountAmount: 230, finalAmount: 2_070 })
  })

  it.each(['standard', 'hold-at-order'] as const)('uses the coupon until the order’s deadline (%s)', (preset) => {
    ready()
      .under(preset)
      .when(placeOrder, withCoupon)
      .thenAccepted()
      .thenChanges({
        orders: { inserted: [{ couponId: 'c1', couponConsumedAt: 'order' }] },
        issuedCoupons: { updated: [{ couponId: 'c1', userId: 'u1', usedByOrderId: orderId, usedUntil: deadline }] },
        products: { updated: [{ held: 2 }, { held: 1 }] },
        holds: { inserted: [{}, {}] },
      })
      .when(placeOrder, { ...withCoupon, products: [line('p1', 1)] })
      .thenRefused('COUPON_ALREADY_USED', { couponId: 'c1' })
  })

  it('only prices the order if payment uses the coupon, so a second order may name it', () => {
    ready()
      .under('take-at-payment')
      .when(placeOrder, withCoupon)
      .thenChanges({ orders: { inserted: [{ couponId: 'c1', couponConsumedAt: 'payment', discountAmount: 230 }] } })
      .when(placeOrder, withCoupon)
      .thenAccepted({ discountAmount: 230 })
  })

  it('only prices the order if payment uses the coupon, and holds the stock', () => {
    ready()
      .under('coupon-at-payment')
      .when(placeOrder, withCoupon)
      .thenAccepted({ discountAmount: 230 })
      .thenChanges({
        orders: { inserted: [{ couponConsumedAt: 'payment', stockTakenAt: 'order' }] },
        products: { updated: [{ held: 2 }, { held: 1 }] },
        holds: { inserted: [{}, {}] },
      })
  })

  it('never subtracts more than the total', () => {
    given(productOf({ price: 300 }), couponOf({ issued: 1 }), issuedCouponOf())
      .when(placeOrder, { userId: 'u1', products: [line('p1', 1)], couponId: 'c1' })
      .thenAccepted({ totalAmount: 300, discountAmount: 300, finalAmount: 0 })
  })

  it('reads only the terms of the coupon, so that redeeming never waits for claims', () => {
    const outlines = noOutlines
    const keys = placeOrder.keys(withCoupon, { outlines, policies: presets.standard })
    expect(keys).toEqual({
      lock: { products: ['p1', 'p2'], issuedCoupons: [{ couponId: 'c1', userId: 'u1' }], wallets: ['u1'] },
      read: { terms: ['c1'], openOrders: ['u1'], buyers: ['u1'] },
    })
  })
})

describe('dropping short lines', () => {
  const dropping = () =>
    given(
      productOf({ stock: 1 }),
      productOf({ productId: 'p2', price: 300, stock: 0 }),
      productOf({ productId: 'p3', price: 50, stock: 9 }),
    ).under('standard', { stock: { shortage: 'drop-lines' } })
  const demand = (p1: number, p2: number, p3: number) => ({
    userId: 'u1',
    products: [line('p1', p1), line('p2', p2), line('p3', p3)],
  })

  it('drops them, names them, and prices the remaining lines', () => {
    dropping()
      .when(placeOrder, demand(2, 1, 4))
      .thenAccepted({
        lines: [{ productId: 'p3', quantity: 4 }],
        droppedLines: [
          { productId: 'p1', requested: 2, available: 1 },
          { productId: 'p2', requested: 1, available: 0 },
        ],
        totalAmount: 200,
      })
      .thenChanges({
        orders: { inserted: [{ lines: [{ productId: 'p3' }], droppedLines: [{}, {}] }] },
        products: { updated: [{ productId: 'p3', held: 4 }] },
        holds: { inserted: [{ productId: 'p3', quantity: 4 }] },
      })
  })

  it('refuses the order when every line is short', () => {
    dropping()
      .when(placeOrder, demand(2, 1, 10))
      .thenRefused('STOCK_INSUFFICIENT', { lines: [{ productId: 'p1' }, { productId: 'p2' }, { productId: 'p3' }] })
  })

  it('drops nothing if no line is short', () => {
    dropping()
      .when(placeOrder, { userId: 'u1', products: [line('p1', 1)] })
      .thenAccepted({ droppedLines: [] })
  })

  it('compares the coupon’s minimum with the remaining lines', () => {
    const ready = (minimumOrderAmount: number) =>
      given(
        productOf({ stock: 1 }),
        productOf({ productId: 'p3', price: 50 }),
        couponOf({ minimumOrderAmount, discount: { kind: 'percentage', percent: 50 } }),
        issuedCouponOf(),
      )
        .under('standard', { stock: { shortage: 'drop-lines' } })
        .when(placeOrder, { userId: 'u1', products: [line('p1', 2), line('p3', 4)], couponId: 'c1' })
    ready(201).thenRefused('COUPON_MINIMUM_NOT_MET', { minimumOrderAmount: 201 })
    ready(200).thenAccepted({ totalAmount: 200, discountAmount: 100 })
  })

  it('does not drop an unknown product', () => {
    dropping()
      .when(placeOrder, { userId: 'u1', products: [line('p9', 1), line('p3', 1)] })
      .thenRefused('PRODUCT_NOT_FOUND', { productIds: ['p9'] })
  })
})
