import { describe, it } from 'vitest'
import { payOrder, placeOrder } from '../../src/commands.js'
import { orderStatuses, type PresetName, presetNames, presets } from '../../src/index.js'
import { couponOf, defaultNow, given, issuedCouponOf, orderOf, productOf, walletOf } from '../../src/testing/index.js'

const twoCalls = presetNames.filter((name) => presets[name].order.checkout === 'order-then-pay')
const byRegistration = presetNames.filter((name) => presets[name].wallet.opens === 'by-registration')
const failing = twoCalls.filter((name) => presets[name].payment.onInsufficientBalance === 'fail-order')
const keeping = twoCalls.filter((name) => presets[name].payment.onInsufficientBalance === 'keep-pending')
const deadline = defaultNow + 15 * 60_000
const order = { userId: 'u1', products: [{ productId: 'p1', quantity: 2 }], couponId: 'c1' }
const pay = { userId: 'u1', orderId: 'o1' }

const placed = (preset: PresetName, balance = 1_499) =>
  given(walletOf({ balance }), productOf({ stock: 2 }), couponOf({ issued: 1 }), issuedCouponOf())
    .under(preset)
    .naming('o1', 'ev1')
    .when(placeOrder, order)

describe('a payment is refused', () => {
  it.each(byRegistration)('for an unknown user (%s)', (preset) => {
    given(productOf(), orderOf({ stockTakenAt: 'payment' }))
      .under(preset)
      .when(payOrder, pay)
      .thenRefused('USER_NOT_FOUND', { userId: 'u1' })
  })

  it.each(twoCalls)('for an unknown order (%s)', (preset) => {
    given(walletOf()).under(preset).when(payOrder, pay).thenRefused('ORDER_NOT_FOUND', { orderId: 'o1' })
  })

  it.each(twoCalls)('for another user’s order as unknown, in every status (%s)', (preset) => {
    for (const status of orderStatuses) {
      given(walletOf({ userId: 'u2', balance: 9_000 }), walletOf(), productOf(), orderOf({ status }))
        .under(preset)
        .when(payOrder, { userId: 'u2', orderId: 'o1' })
        .thenRefused('ORDER_NOT_FOUND', { orderId: 'o1' })
    }
  })

  it.each(orderStatuses.filter((status) => status !== 'pending'))('for an order that is %s', (status) => {
    given(walletOf({ balance: 9_000 }), productOf(), orderOf({ status, stockTakenAt: 'payment' }))
      .when(payOrder, pay)
      .thenRefused('ORDER_NOT_PENDING', { orderId: 'o1', orderStatus: status })
  })

  it.each(twoCalls)('from the deadline on, swept or not (%s)', (preset) => {
    placed(preset, 9_000).at(deadline).when(payOrder, pay).thenRefused('ORDER_NOT_PENDING', { orderStatus: 'expired' })
  })

  it('for insufficient stock, naming every short line, and stays pending, if payment takes the stock', () => {
    given(
      walletOf({ balance: 9_000 }),
      productOf({ stock: 1 }),
      productOf({ productId: 'p2', stock: 0 }),
      orderOf({ stockTakenAt: 'payment', lines: [{ quantity: 2 }, { productId: 'p2', quantity: 1 }] }),
    )
      .under('take-at-payment')
      .when(payOrder, pay)
      .thenRefused('STOCK_INSUFFICIENT', {
        lines: [
          { productId: 'p1', requested: 2, available: 1 },
          { productId: 'p2', requested: 1, available: 0 },
        ],
      })
      .when(payOrder, pay)
      .thenRefused('STOCK_INSUFFICIENT')
  })

  it('for stock that others hold, if payment takes the stock', () => {
    given(walletOf({ balance: 9_000 }), productOf({ stock: 5, held: 5 }), orderOf({ stockTakenAt: 'payment' }))
      .under('take-at-payment')
      .when(payOrder, pay)
      .thenRefused('STOCK_INSUFFICIENT', { lines: [{ requested: 1, available: 0 }] })
  })

  describe.each(['take-at-payment', 'coupon-at-payment'] as const)('if payment uses the coupon (%s)', (preset) => {
    const ordered = { couponId: 'c1', couponConsumedAt: 'payment', stockTakenAt: 'payment' } as const
    const story = (...rows: readonly (ReturnType<typeof couponOf> | ReturnType<typeof issuedCouponOf>)[]) =>
      given(walletOf({ balance: 9_000 }), productOf(), orderOf(ordered), ...rows)
        .under(preset)
        .when(payOrder, pay)

    it('for a coupon that has ended since; the order stays pending', () => {
      story(couponOf({ issued: 1, validUntil: defaultNow }), issuedCouponOf())
        .thenRefused('COUPON_EXPIRED', { couponId: 'c1' })
        .when(payOrder, pay)
        .thenRefused('COUPON_EXPIRED')
    })

    it('for a coupon that another order has used since; the order stays pending', () => {
      story(couponOf({ issued: 1 }), issuedCouponOf({ usedByOrderId: 'o2' }))
        .thenRefused('COUPON_ALREADY_USED', { couponId: 'c1' })
        .when(payOrder, pay)
        .thenRefused('COUPON_ALREADY_USED')
    })

    it('for the first reason that applies to the coupon', () => {
      story().thenRefused('COUPON_NOT_FOUND')
      story(couponOf({ validUntil: defaultNow })).thenRefused('COUPON_NOT_OWNED')
      story(couponOf({ validUntil: defaultNow }), issuedCouponOf({ usedByOrderId: 'o2' })).thenRefused(
        'COUPON_ALREADY_USED',
      )
    })
  })

  it.each(['userId', 'orderId'])('for an invalid %s', (field) => {
    given()
      .when(payOrder, { ...pay, [field]: '' })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: field }] })
  })
})

describe('a payment that the balance does not cover', () => {
  it.each(keeping)('is refused and leaves the order pending, with its stock and coupon (%s)', (preset) => {
    placed(preset)
      .when(payOrder, pay)
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 1_499, required: 1_500 })
      .when(payOrder, pay)
      .thenRefused('BALANCE_INSUFFICIENT')
  })

  it.each(failing)('fails the order, releases stock and coupon, and records no payment (%s)', (preset) => {
    placed(preset)
      .when(payOrder, pay)
      .thenRefused(
        'BALANCE_INSUFFICIENT',
        { balance: 1_499, required: 1_500 },
        {
          orders: { updated: [{ orderId: 'o1', status: 'failed', expiresAt: null, paidAt: null, events: 1 }] },
          products: { updated: [{ productId: 'p1', stock: 2, held: 0 }] },
          holds: { removed: [{ orderId: 'o1', productId: 'p1' }] },
          issuedCoupons: { updated: [{ couponId: 'c1', usedByOrderId: null, usedUntil: null }] },
          events: { inserted: [{ eventId: 'ev1', type: 'order.failed', sequence: 1, data: { status: 'failed' } }] },
        },
      )
      .when(payOrder, pay)
      .thenRefused('ORDER_NOT_PENDING', { orderStatus: 'failed' })
  })

  it('fails an order without coupon and holds, and changes neither', () => {
    given(walletOf(), productOf(), orderOf({ stockTakenAt: 'payment' }))
      .under('standard', { payment: { onInsufficientBalance: 'fail-order' } })
      .when(payOrder, pay)
      .thenRefused(
        'BALANCE_INSUFFICIENT',
        {},
        { orders: { updated: [{ status: 'failed' }] }, events: { inserted: [{ type: 'order.failed' }] } },
      )
  })

  it('fails an order whose coupon was not used yet, and does not change the coupon', () => {
    given(
      walletOf(),
      productOf(),
      couponOf({ issued: 1 }),
      issuedCouponOf(),
      orderOf({ couponId: 'c1', couponConsumedAt: 'payment', stockTakenAt: 'payment' }),
    )
      .under('coupon-at-payment', { payment: { onInsufficientBalance: 'fail-order' } })
      .when(payOrder, pay)
      .thenRefused(
        'BALANCE_INSUFFICIENT',
        {},
        { orders: { updated: [{ status: 'failed' }] }, events: { inserted: [{}] } },
      )
  })

  it('fails the order only for an insufficient balance: short stock leaves it pending', () => {
    given(walletOf(), productOf({ stock: 0 }), orderOf({ stockTakenAt: 'payment' }))
      .under('hold-at-order')
      .when(payOrder, pay)
      .thenRefused('STOCK_INSUFFICIENT')
  })

  it('treats a user without a wallet as a balance of 0', () => {
    given(productOf(), orderOf({ stockTakenAt: 'payment' }))
      .when(payOrder, pay)
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 0, required: 1_000 })
  })
})

describe('the first of several refusals of a payment is returned', () => {
  const wrong = orderOf({ stockTakenAt: 'payment', couponConsumedAt: 'payment', couponId: 'c1' })
  const expired = couponOf({ issued: 1, validUntil: defaultNow })

  it.each([
    ['USER_NOT_FOUND', [productOf({ stock: 0 }), wrong]],
    ['ORDER_NOT_FOUND', [walletOf(), productOf({ stock: 0 })]],
    ['ORDER_NOT_PENDING', [walletOf(), productOf({ stock: 0 }), orderOf({ ...wrong.row, status: 'cancelled' })]],
    ['STOCK_INSUFFICIENT', [walletOf(), productOf({ stock: 0 }), wrong, expired, issuedCouponOf()]],
    ['COUPON_EXPIRED', [walletOf(), productOf(), wrong, expired, issuedCouponOf()]],
    ['BALANCE_INSUFFICIENT', [walletOf(), productOf(), wrong, couponOf(), issuedCouponOf()]],
  ] as const)('%s', (code, rows) => {
    given(...rows)
      .under('take-at-payment')
      .when(payOrder, pay)
      .thenRefused(code)
  })
})
