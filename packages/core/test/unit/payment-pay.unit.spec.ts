import { describe, expect, it } from 'vitest'
import { iso, payOrder, placeOrder } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { type PresetName, presetNames, presets } from '../../src/index.js'
import { couponOf, defaultNow, given, issuedCouponOf, orderOf, productOf, walletOf } from '../../src/testing/index.js'

const twoCalls = presetNames.filter((name) => presets[name].order.checkout === 'order-then-pay')
const deadline = defaultNow + 15 * 60_000
const paidAt = defaultNow + 60_000
const order = {
  userId: 'u1',
  products: [
    { productId: 'p1', quantity: 2 },
    { productId: 'p2', quantity: 1 },
  ],
  couponId: 'c1',
}
const pay = { userId: 'u1', orderId: 'o1' }

/** Order o1 of 2,300 less 500, placed under the preset; its user has 2,000. */
const placed = (preset: PresetName) =>
  given(
    walletOf({ balance: 2_000 }),
    productOf(),
    productOf({ productId: 'p2', price: 300, stock: 5 }),
    couponOf({ issued: 1 }),
    issuedCouponOf(),
  )
    .under(preset)
    .naming('o1', 'e1', 'pay1', 'ev1')
    .when(placeOrder, order)
    .at(paidAt)

describe('paying an order', () => {
  it.each(twoCalls)('returns the payment with its order (%s)', (preset) => {
    placed(preset)
      .when(payOrder, pay)
      .thenAccepted((view) =>
        expect(view).toEqual({
          paymentId: 'pay1',
          orderId: 'o1',
          userId: 'u1',
          amount: 1_800,
          balance: 200,
          paidAt: iso(paidAt),
          order: expect.objectContaining({
            orderId: 'o1',
            status: 'paid',
            totalAmount: 2_300,
            discountAmount: 500,
            finalAmount: 1_800,
            expiresAt: null,
            paidAt: iso(paidAt),
            paymentId: 'pay1',
          }),
        }),
      )
  })

  it.each(twoCalls)('changes everything in one step (%s)', (preset) => {
    const held = presets[preset].stock.takenAt === 'order'
    placed(preset)
      .when(payOrder, pay)
      .thenChanges({
        orders: {
          updated: [{ orderId: 'o1', status: 'paid', paidAt, expiresAt: null, paymentId: 'pay1', events: 1 }],
        },
        wallets: { updated: [{ userId: 'u1', balance: 200, entries: 2 }] },
        entries: {
          inserted: [
            {
              entryId: 'e1',
              userId: 'u1',
              sequence: 2,
              kind: 'payment',
              amount: -1_800,
              balance: 200,
              orderId: 'o1',
              at: paidAt,
            },
          ],
        },
        issuedCoupons: { updated: [{ couponId: 'c1', usedByOrderId: 'o1', usedUntil: null }] },
        products: {
          updated: [
            { productId: 'p1', stock: 8, held: 0, received: 10 },
            { productId: 'p2', stock: 4, held: 0, received: 5 },
          ],
        },
        ...(held && {
          holds: {
            removed: [
              { productId: 'p1', quantity: 2 },
              { productId: 'p2', quantity: 1 },
            ],
          },
        }),
        events: {
          inserted: [
            {
              eventId: 'ev1',
              type: 'order.paid',
              subject: 'order',
              subjectId: 'o1',
              sequence: 1,
              at: paidAt,
              status: 'pending',
              data: { status: 'paid', sequence: 1, paidAt: iso(paidAt) },
            },
          ],
        },
        sales: [
          { timeZone: 'Asia/Seoul', day: '2025-06-15', productId: 'p1', quantity: 2 },
          { timeZone: 'Asia/Seoul', day: '2025-06-15', productId: 'p2', quantity: 1 },
        ],
      })
  })

  it.each(twoCalls)('happens once (%s)', (preset) => {
    placed(preset)
      .when(payOrder, pay)
      .when(payOrder, pay)
      .thenRefused('ORDER_NOT_PENDING', { orderId: 'o1', orderStatus: 'paid' })
  })

  it('compares the balance with the amount after the discount, to the last unit', () => {
    given(walletOf({ balance: 1_000 }), productOf({ stock: 5 }), orderOf({ stockTakenAt: 'payment' }))
      .when(payOrder, pay)
      .thenAccepted({ amount: 1_000, balance: 0 })
  })

  it('is possible until just before the deadline', () => {
    placed('standard')
      .at(deadline - 1)
      .when(payOrder, pay)
      .thenAccepted()
  })

  it('opens a wallet for a payment of 0, with its entry', () => {
    given(productOf({ price: 0 }))
      .under('hold-at-order')
      .naming('o1')
      .when(placeOrder, { userId: 'u7', products: [{ productId: 'p1', quantity: 1 }] })
      .when(payOrder, { userId: 'u7', orderId: 'o1' })
      .thenAccepted(({ amount, balance }) => expect([amount, balance]).toEqual([0, 0]))
      .thenChanges({
        orders: { updated: [{}] },
        wallets: { inserted: [{ userId: 'u7', balance: 0, entries: 1 }] },
        entries: { inserted: [{ kind: 'payment', amount: 0, balance: 0, sequence: 1 }] },
        products: { updated: [{ stock: 9, held: 0 }] },
        holds: { removed: [{}] },
        events: { inserted: [{}] },
        sales: [{ quantity: 1 }],
      })
  })

  it('uses the price at which the order was placed, not the current one', () => {
    given(walletOf({ balance: 1_000 }), productOf({ price: 9_999 }), orderOf({ stockTakenAt: 'payment' }))
      .when(payOrder, pay)
      .thenAccepted({ amount: 1_000 })
  })

  it('accepts a product that was unlisted later', () => {
    given(walletOf({ balance: 1_000 }), productOf({ listed: false }), orderOf({ stockTakenAt: 'payment' }))
      .when(payOrder, pay)
      .thenAccepted()
  })

  it('uses a coupon that has ended since the order was placed', () => {
    given(walletOf({ balance: 2_000 }), productOf(), couponOf({ issued: 1, validUntil: paidAt }), issuedCouponOf())
      .naming('o1')
      .when(placeOrder, { userId: 'u1', products: [{ productId: 'p1', quantity: 1 }], couponId: 'c1' })
      .at(paidAt)
      .when(payOrder, pay)
      .thenAccepted({ amount: 500 })
  })

  it('follows what the order reserved when it was placed, whatever the current policies are', () => {
    placed('standard').under('take-at-payment').when(payOrder, pay).thenAccepted({ amount: 1_800 })
    placed('take-at-payment').under('standard').when(payOrder, pay).thenAccepted({ amount: 1_800 })
  })

  it.each([
    ['2025-06-15T14:59:59.999Z', '2025-06-15'],
    ['2025-06-15T15:00:00.000Z', '2025-06-16'],
  ])('counts the sale on the day of payment in the ranking’s time zone: %s is %s in Seoul', (now, day) => {
    given(
      walletOf({ balance: 1_000 }),
      productOf(),
      orderOf({ stockTakenAt: 'payment', expiresAt: Date.parse(now) + 1 }),
    )
      .at(now)
      .when(payOrder, pay)
      .thenChanges({
        orders: { updated: [{}] },
        wallets: { updated: [{}] },
        entries: { inserted: [{}] },
        products: { updated: [{}] },
        events: { inserted: [{}] },
        sales: [{ day, timeZone: 'Asia/Seoul', quantity: 1 }],
      })
  })

  it('locks the order with everything it can change, and of another user’s order only the order', () => {
    const outline = { orderId: 'o1', userId: 'u1', couponId: 'c1', productIds: ['p1'] }
    const context = { outlines: { ...noOutlines, order: () => outline }, policies: presets.standard }
    expect(payOrder.keys(pay, context)).toEqual({
      lock: {
        orders: ['o1'],
        wallets: ['u1'],
        products: ['p1'],
        issuedCoupons: [{ couponId: 'c1', userId: 'u1' }],
      },
      read: { terms: ['c1'] },
    })
    expect(payOrder.keys({ ...pay, userId: 'u2' }, context)).toEqual({
      lock: { orders: ['o1'] },
      read: { users: ['u2'] },
    })
  })

  it('locks no coupon for an order without one, and nothing for an unknown order', () => {
    const outline = { orderId: 'o1', userId: 'u1', couponId: null, productIds: ['p1'] }
    const context = { outlines: { ...noOutlines, order: () => outline }, policies: presets.standard }
    expect(payOrder.keys(pay, context)).toEqual({ lock: { orders: ['o1'], wallets: ['u1'], products: ['p1'] } })
    const unknown = { outlines: noOutlines, policies: presets.standard }
    expect(payOrder.keys(pay, unknown)).toEqual({ lock: { orders: [] }, read: { users: ['u1'] } })
  })
})

describe('a clock that goes back', () => {
  it('refuses an order without a coupon if its stock is taken by another order', () => {
    const { couponId: _, ...plain } = order
    given(walletOf({ balance: 9_000 }), productOf(), productOf({ productId: 'p2', price: 300, stock: 5 }))
      .naming('o1')
      .when(placeOrder, plain)
      .at(deadline)
      .when(placeOrder, { ...plain, products: [{ productId: 'p2', quantity: 1 }] })
      .at(deadline - 50)
      .when(payOrder, pay)
      .thenRefused('ORDER_NOT_PENDING', { orderId: 'o1', orderStatus: 'expired' })
  })

  it('refuses an order if its coupon does not exist any more', () => {
    given(walletOf({ balance: 9_000 }), productOf(), orderOf({ couponId: 'c1', stockTakenAt: 'payment' }))
      .when(payOrder, pay)
      .thenRefused('ORDER_NOT_PENDING', { orderId: 'o1', orderStatus: 'expired' })
  })

  it('refuses an order if others have taken its stock and its coupon', () => {
    const lapsed = { orderId: 'o1', orderStatus: 'expired' }
    placed('standard')
      .at(deadline)
      .when(placeOrder, { ...order, products: [{ productId: 'p2', quantity: 1 }] })
      .at(deadline - 50)
      .when(payOrder, pay)
      .thenRefused('ORDER_NOT_PENDING', lapsed)
    given(walletOf({ balance: 2_000 }), productOf(), couponOf({ issued: 1 }), issuedCouponOf())
      .under('standard', { stock: { takenAt: 'payment' } })
      .naming('o1')
      .when(placeOrder, { ...order, products: [{ productId: 'p1', quantity: 1 }] })
      .at(deadline)
      .when(placeOrder, { ...order, products: [{ productId: 'p1', quantity: 1 }] })
      .at(deadline - 50)
      .when(payOrder, pay)
      .thenRefused('ORDER_NOT_PENDING', lapsed)
  })
})
