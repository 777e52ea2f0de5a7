import { describe, it } from 'vitest'
import { iso, maxMoney, payOrder, placeOrder, refundOrder } from '../../src/commands.js'
import { orderStatuses, type PresetName, presetNames, presets } from '../../src/index.js'
import { couponOf, defaultNow, given, issuedCouponOf, orderOf, productOf, walletOf } from '../../src/testing/index.js'

const order = {
  userId: 'u1',
  products: [
    { productId: 'p1', quantity: 2 },
    { productId: 'p2', quantity: 1 },
  ],
  couponId: 'c1',
}
const orderId = 'o1'
const nextDay = defaultNow + 86_400_000

/** Order o1 of 2,300 less 500, placed and paid under the preset. */
const paid = (preset: PresetName) => {
  const placed = given(
    walletOf({ balance: 2_000 }),
    productOf(),
    productOf({ productId: 'p2', price: 300, stock: 5 }),
    couponOf({ issued: 1 }),
    issuedCouponOf(),
  )
    .under(preset)
    .naming(orderId, 'e1', 'pay1', 'ev1', 'r1', 'e2', 'ev2')
    .when(placeOrder, order)
  return presets[preset].order.checkout === 'order-and-pay' ? placed : placed.when(payOrder, { userId: 'u1', orderId })
}

describe('refunding an order', () => {
  it.each(presetNames)(
    'returns money, stock and coupon, and subtracts the sale from its day of payment (%s)',
    (preset) => {
      paid(preset)
        .at(nextDay)
        .when(refundOrder, { orderId })
        .thenAccepted({
          orderId,
          status: 'refunded',
          paidAt: iso(defaultNow),
          paymentId: 'pay1',
          expiresAt: null,
          finalAmount: 1_800,
        })
        .thenChanges({
          orders: { updated: [{ status: 'refunded', paidAt: defaultNow, paymentId: 'pay1', events: 2 }] },
          wallets: { updated: [{ balance: 2_000, entries: 3 }] },
          entries: {
            inserted: [
              { entryId: 'e2', sequence: 3, kind: 'refund', amount: 1_800, balance: 2_000, orderId, at: nextDay },
            ],
          },
          products: {
            updated: [
              { productId: 'p1', stock: 10, held: 0, received: 10 },
              { productId: 'p2', stock: 5, held: 0, received: 5 },
            ],
          },
          issuedCoupons: { updated: [{ usedByOrderId: null, usedUntil: null }] },
          events: {
            inserted: [
              { eventId: 'ev2', type: 'order.refunded', sequence: 2, data: { status: 'refunded', sequence: 2 } },
            ],
          },
          sales: [
            { timeZone: 'Asia/Seoul', day: '2025-06-15', productId: 'p1', quantity: -2 },
            { timeZone: 'Asia/Seoul', day: '2025-06-15', productId: 'p2', quantity: -1 },
          ],
        })
    },
  )

  it.each(presetNames)('happens once (%s)', (preset) => {
    paid(preset)
      .when(refundOrder, { orderId })
      .when(refundOrder, { orderId })
      .thenRefused('ORDER_NOT_PAID', { orderId, orderStatus: 'refunded' })
  })

  it('returns the money even above the balance limit', () => {
    given(walletOf({ balance: 1_000_000 }), productOf({ stock: 9, received: 10 }), orderOf({ status: 'paid' }))
      .when(refundOrder, { orderId })
      .thenAccepted()
      .thenChanges({
        orders: { updated: [{}] },
        wallets: { updated: [{ balance: 1_001_000 }] },
        entries: { inserted: [{ balance: 1_001_000 }] },
        products: { updated: [{ stock: 10 }] },
        events: { inserted: [{}] },
        sales: [{ quantity: -1 }],
      })
  })

  it('refuses only a balance beyond the exact integers', () => {
    const refund = (balance: number) =>
      given(walletOf({ balance }), productOf({ stock: 9, received: 10 }), orderOf({ status: 'paid' })).when(
        refundOrder,
        {
          orderId,
        },
      )
    refund(maxMoney - 1_000).thenAccepted()
    refund(maxMoney - 999).thenRefused('BALANCE_LIMIT_EXCEEDED', { limit: maxMoney, balance: maxMoney - 999 })
  })

  it('writes an entry even for a refund of 0', () => {
    given(walletOf(), productOf({ stock: 9, received: 10 }), orderOf({ status: 'paid', lines: [{ unitPrice: 0 }] }))
      .when(refundOrder, { orderId })
      .thenChanges({
        orders: { updated: [{}] },
        wallets: { updated: [{ balance: 0, entries: 1 }] },
        entries: { inserted: [{ kind: 'refund', amount: 0 }] },
        products: { updated: [{}] },
        events: { inserted: [{}] },
        sales: [{}],
      })
  })

  it('does not release a coupon that another order uses', () => {
    given(
      walletOf(),
      productOf({ stock: 9, received: 10 }),
      couponOf({ issued: 1 }),
      issuedCouponOf({ usedByOrderId: 'o2' }),
      orderOf({ status: 'paid', couponId: 'c1' }),
    )
      .when(refundOrder, { orderId })
      .thenChanges({
        orders: { updated: [{}] },
        wallets: { updated: [{}] },
        entries: { inserted: [{}] },
        products: { updated: [{}] },
        events: { inserted: [{}] },
        sales: [{}],
      })
  })

  it('makes the coupon usable again', () => {
    paid('standard').when(refundOrder, { orderId }).when(placeOrder, order).thenAccepted({ discountAmount: 500 })
  })

  it('refuses an unknown order', () => {
    given().when(refundOrder, { orderId: 'o9' }).thenRefused('ORDER_NOT_FOUND', { orderId: 'o9' })
  })

  it.each(orderStatuses.filter((status) => status !== 'paid'))('refuses an order that is %s', (status) => {
    given(walletOf(), productOf(), orderOf({ status, stockTakenAt: 'payment' }))
      .when(refundOrder, { orderId })
      .thenRefused('ORDER_NOT_PAID', { orderId, orderStatus: status })
  })

  it('reports an overdue pending order as expired', () => {
    given(walletOf(), productOf(), orderOf({ stockTakenAt: 'payment' }))
      .at(nextDay)
      .when(refundOrder, { orderId })
      .thenRefused('ORDER_NOT_PAID', { orderStatus: 'expired' })
  })

  it('refuses an invalid order id', () => {
    given()
      .when(refundOrder, { orderId: '' })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'orderId' }] })
  })
})
