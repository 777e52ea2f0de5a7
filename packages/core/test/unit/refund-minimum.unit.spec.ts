import { describe, expect, it } from 'vitest'
import { type Coupon, payOrder, placeOrder, refundOrder } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { type Policies, presets, resolvePolicies } from '../../src/index.js'
import { couponOf, given, issuedCouponOf, productOf, walletOf } from '../../src/testing/index.js'
import { back, orderId, units } from './refunds.js'

type WhenMissed = Policies['refund']['whenMinimumIsMissed']
const under = (whenMinimumIsMissed: WhenMissed) => resolvePolicies('standard', { refund: { whenMinimumIsMissed } })

/** 4,000 off from 15,000 on. */
const terms = { issued: 1, discount: { kind: 'fixed', amount: 4_000 }, minimumOrderAmount: 15_000 } as const

/** An order with the coupon, paid: each product by its price and its quantity. */
const bought = (
  products: Readonly<Record<string, readonly [price: number, quantity: number]>>,
  whenMissed: WhenMissed = 'withdraw-discount',
  coupon: Partial<Coupon> = {},
) =>
  given(
    walletOf({ balance: 100_000 }),
    ...Object.entries(products).map(([productId, [price]]) => productOf({ productId, price })),
    productOf({ productId: 'other', price: 20_000 }),
    couponOf({ ...terms, ...coupon }),
    issuedCouponOf(),
  )
    .under(under(whenMissed))
    .naming(orderId, 'e1', 'pay1', 'ev1', 'r1', 'e2', 'ev2', 'r2', 'e3', 'ev3')
    .when(placeOrder, {
      userId: 'u1',
      products: Object.entries(products).map(([productId, [, quantity]]) => units(productId, quantity)),
      couponId: 'c1',
    })
    .when(payOrder, { userId: 'u1', orderId })

const released = { inserted: [], updated: [{ couponId: 'c1', usedByOrderId: null, usedUntil: null }] }

/** The changes of a refund, with the order and the copies of coupons as given. */
const changes = (order: object, issuedCoupons: object = {}) => ({
  orders: { updated: [order] },
  wallets: { updated: [{}] },
  entries: { inserted: [{}] },
  products: { updated: [{}] },
  events: { inserted: [{}] },
  sales: [{}],
  issuedCoupons,
})

const two = { dear: [10_000, 1], cheap: [6_000, 1] } as const

describe('a refund after which the coupon’s minimum is missed', () => {
  it('keeps the discount by default: nets 7,500 and 4,500, and the coupon returns with the last unit', () => {
    bought(two, 'keep-discount')
      .when(refundOrder, back(units('cheap', 1)))
      .thenAccepted({ refundedAmount: 4_500 })
      .thenChanges(changes({ discountWithdrawnBy: null }))
      .when(refundOrder, back(units('dear', 1)))
      .thenAccepted({ refundedAmount: 12_000, refunds: [{}, { amount: 7_500 }] })
      .thenChanges(changes({ discountWithdrawnBy: null, status: 'refunded' }, released))
  })

  it('withdraws the discount under withdraw-discount: the rest costs its full price', () => {
    bought(two)
      .when(refundOrder, back(units('cheap', 1)))
      .thenAccepted({ finalAmount: 12_000, refundedAmount: 2_000, discountAmount: 4_000, couponId: 'c1' })
      .thenChanges(changes({ discountWithdrawnBy: 'r1', discountAmount: 4_000, couponId: 'c1' }, released))
      .when(refundOrder, back(units('dear', 1)))
      .thenAccepted({ refundedAmount: 12_000, refunds: [{}, { amount: 10_000 }] })
      .thenChanges(changes({ discountWithdrawnBy: 'r1', status: 'refunded' }))
  })

  it('is judged at full prices after it: what reaches the minimum keeps the discount', () => {
    // 22,000 paid; nets 16,923 and 5,077.
    bought({ dear: [10_000, 2], cheap: [6_000, 1] })
      .when(refundOrder, back(units('cheap', 1)))
      .thenAccepted({ refunds: [{ amount: 5_077 }] })
      .thenChanges(changes({ discountWithdrawnBy: null }))
      .when(refundOrder, back(units('dear', 1)))
      .thenAccepted({ refunds: [{}, { amount: 6_923 }] })
      .thenChanges(changes({ discountWithdrawnBy: 'r2' }, released))
      .when(refundOrder, { orderId })
      .thenAccepted({ refundedAmount: 22_000, refunds: [{}, {}, { amount: 10_000 }] })
    bought({ dear: [15_000, 1], cheap: [6_000, 1] })
      .when(refundOrder, back(units('cheap', 1)))
      .thenChanges(changes({ discountWithdrawnBy: null }))
    bought({ dear: [14_999, 1], cheap: [6_000, 1] })
      .when(refundOrder, back(units('cheap', 1)))
      .thenChanges(changes({ discountWithdrawnBy: 'r1' }, released))
  })

  it('never asks for money', () => {
    const whole = { discount: { kind: 'fixed', amount: 15_500 } } as const
    bought(two, 'withdraw-discount', whole)
      .when(refundOrder, back(units('dear', 1)))
      .thenAccepted({ finalAmount: 500, refundedAmount: 0, refunds: [{ amount: 0 }] })
      .when(refundOrder, back(units('cheap', 1)))
      .thenAccepted({ status: 'refunded', refundedAmount: 500 })
  })

  it('has nothing to withdraw if nothing remains: the coupon returns with the last unit', () => {
    bought(two)
      .when(refundOrder, { orderId })
      .thenAccepted({ refundedAmount: 12_000 })
      .thenChanges({
        ...changes({ discountWithdrawnBy: null, status: 'refunded' }, released),
        products: { updated: [{}, {}] },
        sales: [{}, {}],
      })
  })

  it('withdraws the discount also if only free units remain', () => {
    bought({ dear: [16_000, 1], gift: [0, 2] })
      .when(refundOrder, back(units('dear', 1)))
      .thenAccepted({ status: 'paid', refundedAmount: 12_000 })
      .thenChanges(changes({ discountWithdrawnBy: 'r1' }, released))
      .when(refundOrder, { orderId })
      .thenAccepted({ status: 'refunded', refundedAmount: 12_000, refunds: [{}, { amount: 0 }] })
  })

  it('keeps the discount of a coupon without a minimum', () => {
    bought({ dear: [10_000, 2] }, 'withdraw-discount', { minimumOrderAmount: null })
      .when(refundOrder, back(units('dear', 1)))
      .thenAccepted({ refundedAmount: 8_000 })
      .thenChanges(changes({ discountWithdrawnBy: null }))
    bought({ dear: [10_000, 2] }, 'withdraw-discount', { minimumOrderAmount: 0 })
      .when(refundOrder, back(units('dear', 1)))
      .thenChanges(changes({ discountWithdrawnBy: null }))
  })

  it('shares what it gives back over its lines by full price, by largest remainder', () => {
    // 17,000 less 4,000 is 13,000 paid, and 14,000 remain at full price: nothing comes back. Then 13,000 do.
    bought({ a: [1_000, 3], b: [7_000, 1], c: [7_000, 1] })
      .when(refundOrder, back(units('a', 3)))
      .thenAccepted({ refunds: [{ amount: 0, lines: [{ amount: 0 }] }] })
      .when(refundOrder, back(units('c', 1), units('b', 1)))
      .thenAccepted({ refunds: [{}, { amount: 13_000, lines: [{ amount: 6_500 }, { amount: 6_500 }] }] })
    // 20,001 less 4,000 is 16,001 paid, and 13,000 remain: 3,001 over 5,001 and 2,000 is 2,143.58… and 857.27….
    bought({ a: [5_001, 1], b: [1_000, 2], c: [13_000, 1] })
      .when(refundOrder, back(units('b', 2), units('a', 1)))
      .thenAccepted({ refunds: [{ amount: 3_001, lines: [{ amount: 857 }, { amount: 2_144 }] }] })
  })
})

describe('a discount that is withdrawn', () => {
  const withdrawn = () => bought(two).when(refundOrder, back(units('cheap', 1)))

  it('stays withdrawn, whatever the policy says later', () => {
    withdrawn()
      .under(under('keep-discount'))
      .when(refundOrder, back(units('dear', 1)))
      .thenAccepted({ refunds: [{}, { amount: 10_000 }] })
  })

  it('stays kept if the policy comes later, until the minimum is missed after a refund', () => {
    bought({ dear: [10_000, 2], cheap: [6_000, 2] }, 'keep-discount') // 28,000 paid; nets 17,500 and 10,500
      .when(refundOrder, back(units('dear', 2)))
      .thenAccepted({ refundedAmount: 17_500 })
      .under(under('withdraw-discount'))
      .when(refundOrder, back(units('cheap', 1)))
      .thenAccepted({ refunds: [{}, { amount: 4_500 }] })
      .thenChanges(changes({ discountWithdrawnBy: 'r2' }, released))
      .when(refundOrder, { orderId })
      .thenAccepted({ refundedAmount: 28_000, refunds: [{}, {}, { amount: 6_000 }] })
  })

  it('frees the coupon for another order, which keeps it when the rest is refunded', () => {
    withdrawn()
      .naming('o2')
      .when(placeOrder, { userId: 'u1', products: [units('other', 1)], couponId: 'c1' })
      .thenAccepted({ discountAmount: 4_000 })
      .when(refundOrder, { orderId })
      .thenAccepted({ status: 'refunded' })
      .thenChanges(changes({ status: 'refunded' }))
      .when(placeOrder, { userId: 'u1', products: [units('other', 1)], couponId: 'c1' })
      .thenRefused('COUPON_ALREADY_USED')
  })
})

describe('the terms of the coupon', () => {
  const outline = { orderId, userId: 'u1', couponId: 'c1', productIds: ['p1'] }
  const keys = (whenMissed: WhenMissed, couponId: string | null) =>
    refundOrder.keys(
      { orderId },
      { outlines: { ...noOutlines, order: () => ({ ...outline, couponId }) }, policies: under(whenMissed) },
    )

  it('are read only where they decide', () => {
    expect(keys('withdraw-discount', 'c1').read).toEqual({ terms: ['c1'] })
    expect(keys('withdraw-discount', null).read).toBeUndefined()
    expect(keys('keep-discount', 'c1')).toEqual({
      lock: { orders: [orderId], products: ['p1'], issuedCoupons: [{ couponId: 'c1', userId: 'u1' }], wallets: ['u1'] },
    })
    expect(refundOrder.keys({ orderId }, { outlines: noOutlines, policies: presets.standard })).toEqual({})
  })
})
