import { describe, expect, it } from 'vitest'
import { cureViolation } from '../../src/commands/repair/cure-violation.js'
import { changeStock, placeOrder } from '../../src/commands.js'
import type { Cure } from '../../src/model/repair.js'
import type { Refund } from '../../src/store.js'
import {
  couponOf,
  defaultNow,
  type Given,
  given,
  holdOf,
  issuedCouponOf,
  orderOf,
  productOf,
  walletOf,
} from '../../src/testing/index.js'

const cureOf = (cure: Cure) => ({ cure, law: 'LAW', subject: 'thing 1' })
const refund: Refund = {
  refundId: 'r1',
  amount: 300,
  bonusAmount: 0,
  lines: [{ productId: 'p1', quantity: 1, amount: 300 }],
  restocked: true,
  reason: null,
  reference: null,
  at: defaultNow,
}

describe('a cure', () => {
  it('subtracts the drift that the audit found, whatever has changed since', () => {
    given(walletOf(), productOf({ held: 5 }))
      .when(changeStock, { productId: 'p1', change: 7 })
      .when(placeOrder, { userId: 'u1', products: [{ productId: 'p1', quantity: 2 }] })
      .naming('repair-1')
      .when(cureViolation, cureOf({ kind: 'held', productId: 'p1', drift: 5 }))
      .thenAccepted({
        repairId: 'repair-1',
        law: 'LAW',
        subject: 'thing 1',
        what: 'added up the holds of the product again',
        before: 7,
        after: 2,
        at: defaultNow,
      })
      .thenChanges({
        products: { updated: [{ productId: 'p1', held: 2, stock: 17 }] },
        repairs: { inserted: [{ repairId: 'repair-1', before: 7, after: 2 }] },
      })
  })

  it('is fenced: it writes its token, and an older one is refused', () => {
    const cure = cureOf({ kind: 'held', productId: 'p1', drift: 1 })
    given(productOf({ held: 2 }), { put: 'fences', row: { job: 'repair', token: 4 } })
      .when(cureViolation, { ...cure, fence: { job: 'repair', token: 3 } })
      .thenRefused('LEADERSHIP_LOST', { job: 'repair' })
      .when(cureViolation, { ...cure, fence: { job: 'repair', token: 5 } })
      .thenAccepted()
      .thenChanges({
        fences: { updated: [{ job: 'repair', token: 5 }] },
        products: { updated: [{ held: 1 }] },
        repairs: { inserted: [{}] },
      })
  })

  it('assigns a coupon until the deadline of a pending order, and for ever to a paid one', () => {
    const cure = { kind: 'coupon-use', couponId: 'c1', userId: 'u1', named: null, orderId: 'o1' } as const
    const cured = (status: 'pending' | 'paid') =>
      given(couponOf({ issued: 1 }), issuedCouponOf(), orderOf({ status, couponId: 'c1' })).when(
        cureViolation,
        cureOf(cure),
      )
    const changes = (usedUntil: number | null) => ({
      issuedCoupons: { updated: [{ usedByOrderId: 'o1', usedUntil }] },
      repairs: { inserted: [{ before: null, after: 'o1' }] },
    })
    cured('pending').thenChanges(changes(defaultNow + 15 * 60_000))
    cured('paid').thenChanges(changes(null))
  })

  it('removes the hold of an order that has ended, and lowers the held units at most to 0', () => {
    const cure = cureOf({ kind: 'hold', orderId: 'o1', productId: 'p1' })
    for (const [held, left] of [
      [5, 3],
      [1, 0],
    ] as const)
      given(productOf({ held }), holdOf({ quantity: 2 }), orderOf({ status: 'cancelled' }))
        .when(cureViolation, cure)
        .thenChanges({
          products: { updated: [{ held: left }] },
          holds: { removed: [{ orderId: 'o1', quantity: 2 }] },
          repairs: { inserted: [{ before: 2, after: null }] },
        })
  })
})

const outdated: readonly (readonly [string, Cure, readonly Given[]])[] = [
  ['a wallet that is not there', { kind: 'entries', userId: 'u1', drift: 1 }, []],
  ['lots of a wallet that is not there', { kind: 'lots', userId: 'u1', lots: ['l1'] }, []],
  ['a product that is not there', { kind: 'held', productId: 'p1', drift: 1 }, []],
  ['held units below 0', { kind: 'held', productId: 'p1', drift: 2 }, [productOf({ held: 1 })]],
  ['held units above the stock', { kind: 'held', productId: 'p1', drift: -10 }, [productOf({ held: 1 })]],
  ['a hold that is gone', { kind: 'hold', orderId: 'o1', productId: 'p1' }, [productOf(), orderOf()]],
  [
    'the hold of a pending order',
    { kind: 'hold', orderId: 'o1', productId: 'p1' },
    [productOf({ held: 1 }), holdOf(), orderOf()],
  ],
  ['a coupon that is not there', { kind: 'issued', couponId: 'c1', drift: 1 }, []],
  ['fewer copies than 0', { kind: 'issued', couponId: 'c1', drift: 2 }, [couponOf({ issued: 1 })]],
  ['more copies than the quantity', { kind: 'issued', couponId: 'c1', drift: -10 }, [couponOf({ issued: 1 })]],
  [
    'a coupon that another order uses since',
    { kind: 'coupon-use', couponId: 'c1', userId: 'u1', named: null, orderId: null },
    [couponOf(), issuedCouponOf({ usedByOrderId: 'o1' }), orderOf({ couponId: 'c1', status: 'paid' })],
  ],
  [
    'a coupon whose order uses it after all',
    { kind: 'coupon-use', couponId: 'c1', userId: 'u1', named: 'o1', orderId: null },
    [couponOf(), issuedCouponOf({ usedByOrderId: 'o1' }), orderOf({ couponId: 'c1', status: 'paid' })],
  ],
  [
    'a coupon whose order does not use it any more',
    { kind: 'coupon-use', couponId: 'c1', userId: 'u1', named: null, orderId: 'o1' },
    [couponOf(), issuedCouponOf(), orderOf({ couponId: 'c1', status: 'cancelled' })],
  ],
  [
    'a coupon for an order without it',
    { kind: 'coupon-use', couponId: 'c1', userId: 'u1', named: null, orderId: 'o1' },
    [couponOf(), issuedCouponOf(), orderOf({ status: 'paid' })],
  ],
  [
    'a coupon that is assigned already',
    { kind: 'coupon-use', couponId: 'c1', userId: 'u1', named: 'o1', orderId: 'o1' },
    [couponOf(), issuedCouponOf({ usedByOrderId: 'o1' }), orderOf({ couponId: 'c1', status: 'paid' })],
  ],
  ['an order that is not there', { kind: 'overdue-order', orderId: 'o1' }, []],
  [
    'an order that was paid since',
    { kind: 'overdue-order', orderId: 'o1' },
    [productOf(), orderOf({ status: 'paid' })],
  ],
  ['an order before its deadline', { kind: 'overdue-order', orderId: 'o1' }, [productOf(), orderOf()]],
  [
    'refunds of an order that was refunded again since',
    { kind: 'refunded-amount', orderId: 'o1', refunds: 0 },
    [productOf(), orderOf({ status: 'paid', refundedAmount: 1, refunds: [refund] })],
  ],
  [
    'refunds that add up',
    { kind: 'refunded-amount', orderId: 'o1', refunds: 1 },
    [productOf(), orderOf({ status: 'paid', refundedAmount: 300, refunds: [refund] })],
  ],
  [
    'events of an order that changed since',
    { kind: 'events', orderId: 'o1', events: 0, present: [] },
    [productOf(), orderOf({ status: 'paid' })],
  ],
]

describe('a cure that comes too late changes nothing', () => {
  it.each(outdated)('of %s', (_, cure, rows) => {
    given(...rows)
      .when(cureViolation, cureOf(cure))
      .thenAccepted((result) => expect(result).toBeNull())
      .thenChanges({})
  })
})
