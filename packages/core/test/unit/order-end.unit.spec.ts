import { describe, expect, it } from 'vitest'
import { cancelOrder, expireOrder, iso, placeOrder } from '../../src/commands.js'
import { type OrderStatus, orderStatuses, type PresetName, presetNames, presets } from '../../src/index.js'
import { isOverdue, orderTransitions, statusAt } from '../../src/model/order.js'
import { orderView } from '../../src/model/order-view.js'
import { couponOf, defaultNow, given, issuedCouponOf, orderOf, productOf, walletOf } from '../../src/testing/index.js'

const twoCalls = presetNames.filter((name) => presets[name].order.checkout === 'order-then-pay')
const deadline = defaultNow + 15 * 60_000
const orderId = 'o1'
const wanted = { userId: 'u1', products: [{ productId: 'p1', quantity: 2 }], couponId: 'c1' }

/** Order o1 of u1 with a coupon, placed under the preset. */
const placed = (preset: PresetName) =>
  given(walletOf({ balance: 9_000 }), productOf(), couponOf({ issued: 1 }), issuedCouponOf())
    .under(preset)
    .naming(orderId, 'ev1')
    .when(placeOrder, wanted)
    .thenAccepted({ status: 'pending' })

const heldBack = {
  products: { updated: [{ productId: 'p1', stock: 10, held: 0, received: 10 }] },
  holds: { removed: [{ orderId, productId: 'p1', quantity: 2 }] },
}
const couponBack = { issuedCoupons: { updated: [{ couponId: 'c1', usedByOrderId: null, usedUntil: null }] } }

/** What the order releases: what the preset reserves at the order. */
const comesBack = (preset: PresetName) => ({
  ...(presets[preset].stock.takenAt === 'order' && heldBack),
  ...(presets[preset].coupon.consumedAt === 'order' && couponBack),
})

describe('cancelling an order', () => {
  it.each(twoCalls)('keeps it as cancelled and releases its reservations (%s)', (preset) => {
    placed(preset)
      .at(deadline - 1)
      .when(cancelOrder, { orderId, userId: 'u1' })
      .thenAccepted({ orderId, status: 'cancelled', expiresAt: null, paidAt: null, finalAmount: 1_500 })
      .thenChanges({
        orders: { updated: [{ orderId, status: 'cancelled', expiresAt: null, events: 1, couponId: 'c1' }] },
        events: {
          inserted: [
            {
              eventId: 'ev1',
              type: 'order.cancelled',
              sequence: 1,
              at: deadline - 1,
              data: { status: 'cancelled', sequence: 1 },
            },
          ],
        },
        ...comesBack(preset),
      })
  })

  it.each(twoCalls)('releases once: a second cancel is refused (%s)', (preset) => {
    placed(preset)
      .when(cancelOrder, { orderId })
      .when(cancelOrder, { orderId })
      .thenRefused('ORDER_NOT_PENDING', { orderId, orderStatus: 'cancelled' })
  })

  it('makes stock and coupon available again', () => {
    placed('standard')
      .when(cancelOrder, { orderId })
      .when(placeOrder, { ...wanted, products: [{ productId: 'p1', quantity: 10 }] })
      .thenAccepted({ discountAmount: 500 })
  })

  it('refuses an unknown order', () => {
    given().when(cancelOrder, { orderId: 'o9' }).thenRefused('ORDER_NOT_FOUND', { orderId: 'o9' })
  })

  it('refuses another user’s order as unknown, in every status', () => {
    for (const status of orderStatuses)
      given(orderOf({ status }))
        .when(cancelOrder, { orderId, userId: 'u2' })
        .thenRefused('ORDER_NOT_FOUND', { orderId })
  })

  it('accepts any order from an administrator, who names no user', () => {
    placed('standard').when(cancelOrder, { orderId }).thenAccepted({ userId: 'u1', status: 'cancelled' })
  })

  it.each(orderStatuses.filter((status) => status !== 'pending'))(
    'refuses an order that is %s, naming the status',
    (status) => {
      given(walletOf(), productOf(), orderOf({ status, stockTakenAt: 'payment' }))
        .when(cancelOrder, { orderId, userId: 'u1' })
        .thenRefused('ORDER_NOT_PENDING', { orderId, orderStatus: status })
    },
  )

  it('refuses an overdue order as expired, swept or not', () => {
    placed('standard')
      .at(deadline)
      .when(cancelOrder, { orderId })
      .thenRefused('ORDER_NOT_PENDING', { orderStatus: 'expired' })
  })

  it('does not release a coupon that another order now uses', () => {
    given(
      walletOf(),
      productOf(),
      couponOf({ issued: 1 }),
      issuedCouponOf({ usedByOrderId: 'o2', usedUntil: null }),
      orderOf({ couponId: 'c1', couponConsumedAt: 'payment', stockTakenAt: 'payment' }),
    )
      .under('coupon-at-payment')
      .when(cancelOrder, { orderId })
      .thenAccepted()
      .thenChanges({ orders: { updated: [{ status: 'cancelled' }] }, events: { inserted: [{}] } })
  })

  it.each(['orderId', 'userId'])('refuses a %s that is invalid', (field) => {
    given()
      .when(cancelOrder, { orderId, [field]: '/' })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: field }] })
  })
})

describe('expiring an order', () => {
  it.each(twoCalls)(
    'records it from the deadline on, keeps the deadline, and releases its reservations (%s)',
    (preset) => {
      placed(preset)
        .at(deadline)
        .when(expireOrder, { orderId })
        .thenAccepted({ status: 'expired', expiresAt: iso(deadline) })
        .thenChanges({
          orders: { updated: [{ status: 'expired', expiresAt: deadline, events: 1 }] },
          events: { inserted: [{ type: 'order.expired', sequence: 1, data: { status: 'expired' } }] },
          ...comesBack(preset),
        })
    },
  )

  it('refuses an order before its deadline', () => {
    placed('standard')
      .at(deadline - 1)
      .when(expireOrder, { orderId })
      .thenRefused('ORDER_NOT_PENDING', { orderId, orderStatus: 'pending' })
  })

  it('happens once', () => {
    placed('standard')
      .at(deadline)
      .when(expireOrder, { orderId })
      .when(expireOrder, { orderId })
      .thenRefused('ORDER_NOT_PENDING', { orderStatus: 'expired' })
  })

  it('refuses an unknown order', () => {
    given().when(expireOrder, { orderId: 'o9' }).thenRefused('ORDER_NOT_FOUND', { orderId: 'o9' })
  })

  it.each(orderStatuses.filter((status) => status !== 'pending'))(
    'refuses an order that is %s, at any time',
    (status) => {
      given(walletOf(), productOf(), orderOf({ status }))
        .at(deadline + 86_400_000)
        .when(expireOrder, { orderId })
        .thenRefused('ORDER_NOT_PENDING', { orderStatus: status })
    },
  )

  it('refuses a replaced leader before it reads the order', () => {
    placed('standard')
      .at(deadline)
      .when(expireOrder, { orderId: 'o9', fence: { job: 'sweep', token: 7 } })
      .thenRefused('ORDER_NOT_FOUND')
      .when(expireOrder, { orderId, fence: { job: 'sweep', token: 7 } })
      .thenAccepted()
      .when(expireOrder, { orderId: 'o9', fence: { job: 'sweep', token: 6 } })
      .thenRefused('LEADERSHIP_LOST', { job: 'sweep' })
  })
})

describe('the status of an order', () => {
  const order = orderOf().row

  it('is expired from its deadline on, even before the sweep', () => {
    expect([deadline - 1, deadline].map((now) => isOverdue(order, now))).toEqual([false, true])
    expect([deadline - 1, deadline].map((now) => statusAt(order, now))).toEqual(['pending', 'expired'])
    expect([deadline - 1, deadline].map((now) => orderView(order, { now }).status)).toEqual(['pending', 'expired'])
  })

  it('does not depend on the time unless it is pending', () => {
    for (const status of orderStatuses.filter((each) => each !== 'pending'))
      expect(statusAt({ ...order, status }, deadline + 1)).toBe(status)
  })

  it('changes only from pending to an end, and from paid to refunded', () => {
    const changes = orderStatuses.flatMap((from) =>
      orderTransitions[from].map((to): [OrderStatus, OrderStatus] => [from, to]),
    )
    expect(changes).toEqual([
      ['pending', 'paid'],
      ['pending', 'failed'],
      ['pending', 'cancelled'],
      ['pending', 'expired'],
      ['paid', 'refunded'],
    ])
  })
})
