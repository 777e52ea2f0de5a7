import { describe, expect, it } from 'vitest'
import { expireOrder, placeOrder } from '../../src/commands.js'
import { type PresetName, presetNames, presets } from '../../src/index.js'
import { ownedCouponView } from '../../src/model/coupon.js'
import type { Changes } from '../../src/store.js'
import { couponOf, defaultNow, given, holdOf, issuedCouponOf, orderOf, productOf } from '../../src/testing/index.js'

const deadline = defaultNow + 15 * 60_000
const line = (productId: string, quantity: number) => ({ productId, quantity })
const holding = presetNames.filter(
  (name) => presets[name].stock.takenAt === 'order' && presets[name].order.checkout === 'order-then-pay',
)
const atOrder = holding.filter((name) => presets[name].coupon.consumedAt === 'order')

describe('the stock of an order whose deadline has passed', () => {
  const story = () =>
    given(
      productOf({ stock: 10, held: 10 }),
      orderOf({ lines: [{ quantity: 4 }] }),
      holdOf({ quantity: 4 }),
      orderOf({ orderId: 'o2', lines: [{ quantity: 6 }], expiresAt: deadline + 1 }),
      holdOf({ orderId: 'o2', quantity: 6, expiresAt: deadline + 1 }),
    ).under('standard')
  const four = { userId: 'u1', products: [line('p1', 4)] }

  it.each(holding)('can be ordered again without a sweep (%s)', (preset) => {
    given(productOf({ stock: 4, held: 4 }), orderOf({ lines: [{ quantity: 4 }] }), holdOf({ quantity: 4 }))
      .under(preset, { wallet: { opens: 'on-first-charge' } })
      .at(deadline - 1)
      .when(placeOrder, four)
      .thenRefused('STOCK_INSUFFICIENT', { lines: [{ available: 0 }] })
      .at(deadline)
      .when(placeOrder, four)
      .thenAccepted()
      .thenChanges({
        orders: { inserted: [{}] },
        products: { updated: [{ stock: 4, held: 4 }] },
        holds: { removed: [{ orderId: 'o1' }], inserted: [{ orderId: 'id-1', quantity: 4 }] },
      })
  })

  it('is released alone: other orders keep their holds', () => {
    story()
      .at(deadline)
      .when(placeOrder, { userId: 'u1', products: [line('p1', 5)] })
      .thenRefused('STOCK_INSUFFICIENT', { lines: [{ requested: 5, available: 4 }] })
      .when(placeOrder, four)
      .thenAccepted()
  })

  it('is released once, at the deadline: expiring the order releases nothing more', () => {
    story()
      .at(deadline)
      .when(placeOrder, four)
      .when(expireOrder, { orderId: 'o1' })
      .thenAccepted({ status: 'expired' })
      .thenChanges({ orders: { updated: [{ orderId: 'o1', status: 'expired' }] }, events: { inserted: [{}] } })
  })

  it('is released once if expiring finds it first', () => {
    story()
      .at(deadline)
      .when(expireOrder, { orderId: 'o1' })
      .thenChanges({
        orders: { updated: [{ status: 'expired' }] },
        events: { inserted: [{}] },
        products: { updated: [{ productId: 'p1', held: 6 }] },
        holds: { removed: [{ orderId: 'o1' }] },
      })
  })

  it('is released for every product of the order, and for several overdue orders at once', () => {
    given(
      productOf({ held: 3 }),
      productOf({ productId: 'p2', held: 2 }),
      orderOf({ lines: [{ quantity: 1 }, { productId: 'p2', quantity: 2 }] }),
      holdOf(),
      holdOf({ productId: 'p2', quantity: 2 }),
      orderOf({ orderId: 'o2', lines: [{ quantity: 2 }] }),
      holdOf({ orderId: 'o2', quantity: 2 }),
    )
      .at(deadline)
      .when(expireOrder, { orderId: 'o1' })
      .thenChanges({
        orders: { updated: [{ orderId: 'o1' }] },
        events: { inserted: [{}] },
        products: {
          updated: [
            { productId: 'p1', held: 0 },
            { productId: 'p2', held: 0 },
          ],
        },
        holds: {
          removed: [
            { orderId: 'o1', productId: 'p1' },
            { orderId: 'o1', productId: 'p2' },
            { orderId: 'o2', productId: 'p1' },
          ],
        },
      })
  })
})

describe('the coupon of an order whose deadline has passed', () => {
  const order = { userId: 'u1', products: [line('p1', 1)], couponId: 'c1' }
  const placed = (preset: PresetName = 'standard') =>
    given(productOf(), couponOf({ issued: 1 }), issuedCouponOf())
      .under(preset)
      .naming('o1', 'o2')
      .when(placeOrder, order)
      .thenAccepted({ orderId: 'o1' })
  const usedBySecond = { usedByOrderId: 'o2', usedUntil: deadline + 15 * 60_000 }

  it('reads as issued before any sweep', () => {
    const issued = issuedCouponOf({ usedByOrderId: 'o1', usedUntil: deadline }).row
    const terms = couponOf().row
    expect(ownedCouponView(issued, terms, deadline - 1)).toMatchObject({ status: 'used', usedByOrderId: 'o1' })
    expect(ownedCouponView(issued, terms, deadline)).toMatchObject({ status: 'issued', usedByOrderId: null })
  })

  it.each(atOrder)('can be used by a new order from the deadline on, and not before (%s)', (preset) => {
    placed(preset)
      .at(deadline - 1)
      .when(placeOrder, order)
      .thenRefused('COUPON_ALREADY_USED', { couponId: 'c1' })
      .at(deadline)
      .when(placeOrder, order)
      .thenAccepted({ orderId: 'o2', discountAmount: 500 })
      .thenChanges({
        orders: { inserted: [{ orderId: 'o2' }] },
        issuedCoupons: { updated: [usedBySecond] },
        products: { updated: [{ held: 1 }] },
        holds: { removed: [{ orderId: 'o1' }], inserted: [{ orderId: 'o2' }] },
      } satisfies { [T in keyof Changes]?: unknown })
  })

  it('stays with the new order when the old one is recorded as expired', () => {
    placed()
      .at(deadline)
      .when(placeOrder, order)
      .when(expireOrder, { orderId: 'o1' })
      .thenAccepted({ status: 'expired' })
      .thenChanges({ orders: { updated: [{ orderId: 'o1' }] }, events: { inserted: [{}] } })
      .when(placeOrder, order)
      .thenRefused('COUPON_ALREADY_USED')
  })

  it('cannot be used again if it has ended by then', () => {
    given(productOf(), couponOf({ issued: 1, validUntil: deadline }), issuedCouponOf())
      .when(placeOrder, order)
      .at(deadline)
      .when(placeOrder, order)
      .thenRefused('COUPON_EXPIRED')
  })
})
