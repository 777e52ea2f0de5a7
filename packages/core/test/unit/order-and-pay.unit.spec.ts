import { describe, expect, it } from 'vitest'
import { iso, placeOrder } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { presetNames, presets } from '../../src/index.js'
import { couponOf, defaultNow, given, issuedCouponOf, productOf, walletOf } from '../../src/testing/index.js'

const oneCall = presetNames.filter((name) => presets[name].order.checkout === 'order-and-pay')
const line = (productId: string, quantity: number) => ({ productId, quantity })
const wanted = { userId: 'u1', products: [line('p1', 2), line('p2', 1)] }
const withCoupon = { ...wanted, couponId: 'c1' }
const products = () => [productOf(), productOf({ productId: 'p2', price: 300, stock: 5 })] as const

describe('ordering and paying in one call', () => {
  it('is enabled in the presets of documents 001 and 002', () => {
    expect(oneCall).toEqual(['partial-orders', 'one-call'])
  })

  it.each(oneCall)('takes money and stock and writes the order (%s)', (preset) => {
    given(walletOf({ balance: 3_000 }), ...products())
      .under(preset)
      .naming('o1', 'e1', 'pay1', 'ev1')
      .when(placeOrder, wanted)
      .thenAccepted((view) =>
        expect(view).toEqual({
          orderId: 'o1',
          userId: 'u1',
          status: 'paid',
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
          expiresAt: null,
          paidAt: iso(defaultNow),
          paymentId: 'pay1',
        }),
      )
      .thenChanges({
        orders: {
          inserted: [
            { orderId: 'o1', status: 'paid', expiresAt: null, paidAt: defaultNow, paymentId: 'pay1', events: 1 },
          ],
        },
        wallets: { updated: [{ balance: 700, entries: 2 }] },
        entries: {
          inserted: [{ entryId: 'e1', sequence: 2, kind: 'payment', amount: -2_300, balance: 700, orderId: 'o1' }],
        },
        products: {
          updated: [
            { productId: 'p1', stock: 8, held: 0, received: 10 },
            { productId: 'p2', stock: 4, held: 0, received: 5 },
          ],
        },
        events: { inserted: [{ eventId: 'ev1', type: 'order.paid', subjectId: 'o1', sequence: 1, status: 'pending' }] },
        sales: [
          { timeZone: 'Asia/Seoul', day: '2025-06-15', productId: 'p1', quantity: 2 },
          { timeZone: 'Asia/Seoul', day: '2025-06-15', productId: 'p2', quantity: 1 },
        ],
      })
  })

  it.each(oneCall)('refuses an insufficient balance and writes nothing, not even a failed order (%s)', (preset) => {
    given(walletOf({ balance: 2_299 }), ...products(), couponOf({ issued: 1 }), issuedCouponOf())
      .under(preset)
      .when(placeOrder, wanted)
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 2_299, required: 2_300 })
  })

  it.each(oneCall)('compares the balance with the amount after the discount (%s)', (preset) => {
    given(walletOf({ balance: 1_800 }), ...products(), couponOf({ issued: 1 }), issuedCouponOf())
      .under(preset)
      .when(placeOrder, withCoupon)
      .thenAccepted({ status: 'paid', totalAmount: 2_300, discountAmount: 500, finalAmount: 1_800 })
    given(walletOf({ balance: 1_799 }), ...products(), couponOf({ issued: 1 }), issuedCouponOf())
      .under(preset)
      .when(placeOrder, withCoupon)
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 1_799, required: 1_800 })
  })

  it.each(oneCall)('uses the coupon permanently (%s)', (preset) => {
    given(walletOf({ balance: 3_000 }), ...products(), couponOf({ issued: 1 }), issuedCouponOf())
      .under(preset)
      .when(placeOrder, withCoupon)
      .thenChanges({
        orders: { inserted: [{ couponId: 'c1', discountAmount: 500 }] },
        issuedCoupons: { updated: [{ usedByOrderId: 'id-1', usedUntil: null }] },
        wallets: { updated: [{ balance: 1_200 }] },
        entries: { inserted: [{}] },
        products: { updated: [{}, {}] },
        events: { inserted: [{}] },
        sales: [{}, {}],
      })
      .when(placeOrder, withCoupon)
      .thenRefused('COUPON_ALREADY_USED')
  })

  it('treats a user without a wallet as a balance of 0 if wallets open on the first charge', () => {
    given(...products())
      .under('partial-orders')
      .when(placeOrder, wanted)
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 0, required: 2_300 })
  })

  it('opens a wallet for a payment of 0, with its entry', () => {
    given(productOf({ price: 0 }))
      .under('partial-orders')
      .when(placeOrder, { userId: 'u7', products: [line('p1', 1)] })
      .thenAccepted({ status: 'paid', finalAmount: 0 })
      .thenChanges({
        orders: { inserted: [{}] },
        wallets: { inserted: [{ userId: 'u7', balance: 0, entries: 1 }] },
        entries: { inserted: [{ kind: 'payment', amount: 0, balance: 0, sequence: 1 }] },
        products: { updated: [{ stock: 9 }] },
        events: { inserted: [{}] },
        sales: [{ quantity: 1 }],
      })
  })

  it('pays only for the kept lines, and takes only their stock', () => {
    given(walletOf({ balance: 2_000 }), productOf(), productOf({ productId: 'p2', price: 300, stock: 0 }))
      .under('partial-orders')
      .when(placeOrder, wanted)
      .thenAccepted({
        status: 'paid',
        finalAmount: 2_000,
        droppedLines: [{ productId: 'p2', requested: 1, available: 0 }],
      })
      .thenChanges({
        orders: { inserted: [{}] },
        wallets: { updated: [{ balance: 0 }] },
        entries: { inserted: [{ amount: -2_000 }] },
        products: { updated: [{ productId: 'p1', stock: 8 }] },
        events: { inserted: [{ data: { droppedLines: [{ productId: 'p2' }] } }] },
        sales: [{ productId: 'p1', quantity: 2 }],
      })
  })

  it('records no event for a refused order', () => {
    given(walletOf({ balance: 2_000 }), productOf({ stock: 0 }))
      .under('partial-orders')
      .when(placeOrder, { userId: 'u1', products: [line('p1', 1)] })
      .thenRefused('STOCK_INSUFFICIENT')
  })

  it('commits the event with the order; its data is the paid order', () => {
    given(walletOf({ balance: 3_000 }), productOf())
      .under('one-call')
      .when(placeOrder, { userId: 'u1', products: [line('p1', 1)] })
      .thenChanges({
        orders: { inserted: [{}] },
        wallets: { updated: [{}] },
        entries: { inserted: [{}] },
        products: { updated: [{}] },
        events: {
          inserted: [
            {
              type: 'order.paid',
              at: defaultNow,
              nextAttemptAt: defaultNow,
              attempts: 0,
              lastError: null,
              data: { orderId: 'id-1', status: 'paid', sequence: 1, finalAmount: 1_000, paidAt: iso(defaultNow) },
            },
          ],
        },
        sales: [{}],
      })
  })

  it('checks the stock even if the policy takes it at payment', () => {
    given(walletOf({ balance: 9_000 }), productOf({ stock: 1 }))
      .under('one-call', { stock: { takenAt: 'payment' } })
      .when(placeOrder, { userId: 'u1', products: [line('p1', 2)] })
      .thenRefused('STOCK_INSUFFICIENT', { lines: [{ requested: 2, available: 1 }] })
  })

  it('uses the coupon at once even if the policy consumes it at payment', () => {
    given(walletOf({ balance: 9_000 }), productOf(), couponOf({ issued: 1 }), issuedCouponOf())
      .under('one-call', { coupon: { consumedAt: 'payment' } })
      .when(placeOrder, { userId: 'u1', products: [line('p1', 1)], couponId: 'c1' })
      .thenAccepted({ discountAmount: 500 })
      .when(placeOrder, { userId: 'u1', products: [line('p1', 1)], couponId: 'c1' })
      .thenRefused('COUPON_ALREADY_USED')
  })

  it('locks the wallet, and does not read the user separately', () => {
    const keys = placeOrder.keys(wanted, { outlines: noOutlines, policies: presets['one-call'] })
    expect(keys).toEqual({ lock: { products: ['p1', 'p2'], wallets: ['u1'] }, read: { buyers: ['u1'] } })
  })
})
