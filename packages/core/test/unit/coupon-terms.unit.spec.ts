import { describe, expect, it } from 'vitest'
import { createCoupon, iso, maxInstant, maxUnits, updateCoupon } from '../../src/commands.js'
import {
  claimableCouponView,
  couponValidity,
  couponView,
  isInUse,
  issuedCouponView,
  ownedCouponView,
  redemption,
  release,
  remaining,
  use,
} from '../../src/model/coupon.js'
import { couponOf, defaultNow, given, issuedCouponOf } from '../../src/testing/index.js'

const offered = {
  couponId: 'c1',
  name: 'Welcome',
  discount: { kind: 'percentage', percent: 10 },
  quantity: 5,
  validUntil: defaultNow + 1_000,
} as const

describe('creating a coupon', () => {
  it('starts now and has no minimum by default', () => {
    given()
      .when(createCoupon, offered)
      .thenAccepted((view) =>
        expect(view).toEqual({
          couponId: 'c1',
          name: 'Welcome',
          discount: { kind: 'percentage', percent: 10 },
          quantity: 5,
          remaining: 5,
          issued: 0,
          validFrom: iso(defaultNow),
          validUntil: iso(defaultNow + 1_000),
          minimumOrderAmount: null,
        }),
      )
      .thenChanges({
        coupons: {
          inserted: [
            { couponId: 'c1', issued: 0, validFrom: defaultNow, minimumOrderAmount: null, createdAt: defaultNow },
          ],
        },
      })
  })

  it('takes the null of an answer for no minimum', () => {
    given()
      .when(createCoupon, { ...offered, minimumOrderAmount: null })
      .thenAccepted({ minimumOrderAmount: null })
  })

  it('trims the name, and refuses characters that change the text direction', () => {
    given()
      .when(createCoupon, { ...offered, name: ' Welcome\u00a0' })
      .thenAccepted({ name: 'Welcome' })
      .when(createCoupon, { ...offered, couponId: 'c2', name: '\u2067Welcome' })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'name', message: 'must not hold the character U+2067' }] })
  })

  it('uses the given start and minimum, and makes an id', () => {
    const { couponId, ...unnamed } = offered
    given()
      .when(createCoupon, { ...unnamed, validFrom: defaultNow + 999, minimumOrderAmount: 0 })
      .thenAccepted({ couponId: 'id-1', validFrom: iso(defaultNow + 999), minimumOrderAmount: 0 })
  })

  it.each([
    ['now', { validUntil: defaultNow }],
    ['its beginning', { validFrom: defaultNow + 1_000 }],
  ])('refuses an end at or before %s', (_, window) => {
    given()
      .when(createCoupon, { ...offered, ...window })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'validUntil', message: 'must be after validFrom' }] })
  })

  it('refuses an existing id', () => {
    given(couponOf()).when(createCoupon, offered).thenRefused('COUPON_ALREADY_EXISTS', { couponId: 'c1' })
  })

  it('refuses the empty validity before the existing id', () => {
    given(couponOf())
      .when(createCoupon, { ...offered, validUntil: 0 })
      .thenRefused('INVALID_REQUEST')
  })

  it.each([
    ['quantity', { quantity: 0 }],
    ['quantity', { quantity: maxUnits + 1 }],
    ['name', { name: '' }],
    ['validUntil', { validUntil: maxInstant + 1 }],
    ['validFrom', { validFrom: 0.5 }],
    ['minimumOrderAmount', { minimumOrderAmount: -1 }],
    ['discount.percent', { discount: { kind: 'percentage', percent: 101 } as const }],
    ['couponId', { couponId: '' }],
  ])('refuses a wrong %s', (path, wrong) => {
    given()
      .when(createCoupon, { ...offered, ...wrong })
      .thenRefused('INVALID_REQUEST', { errors: [{ path }] })
  })
})

describe('updating a coupon', () => {
  it('changes quantity and end only', () => {
    const coupon = couponOf({ issued: 4 })
    given(coupon)
      .when(updateCoupon, { couponId: 'c1', quantity: 4 })
      .thenAccepted({ quantity: 4, remaining: 0, issued: 4 })
      .thenChanges({ coupons: { updated: [{ ...coupon.row, quantity: 4 }] } })
      .when(updateCoupon, { couponId: 'c1', validUntil: defaultNow })
      .thenAccepted({ validUntil: iso(defaultNow), quantity: 4 })
  })

  it('refuses an unknown coupon', () => {
    given().when(updateCoupon, { couponId: 'c9', quantity: 1 }).thenRefused('COUPON_NOT_FOUND', { couponId: 'c9' })
  })

  it('refuses a quantity below the issued copies and an end before the start in one refusal', () => {
    given(couponOf({ issued: 4, validFrom: defaultNow }))
      .when(updateCoupon, { couponId: 'c1', quantity: 3, validUntil: defaultNow })
      .thenRefused('INVALID_REQUEST', {
        errors: [
          { path: 'quantity', message: '4 are already issued' },
          { path: 'validUntil', message: 'must be after validFrom' },
        ],
      })
  })

  it.each([
    ['couponId', { couponId: 'no id' }],
    ['quantity', { quantity: 0 }],
    ['validUntil', { validUntil: maxInstant + 1 }],
  ])('refuses a wrong %s before it looks up the coupon', (path, wrong) => {
    given()
      .when(updateCoupon, { couponId: 'c1', ...wrong })
      .thenRefused('INVALID_REQUEST', { errors: [{ path }] })
  })
})

describe('redeeming a coupon', () => {
  const order = { lines: [{ productId: 'p1', amount: 1_000 }], now: defaultNow }
  const terms = couponOf().row
  const issued = issuedCouponOf().row
  const used = use(issued, 'o9', null)
  const ended = couponOf({ validUntil: defaultNow, minimumOrderAmount: 2_000 }).row
  const notBegun = couponOf({ validFrom: defaultNow + 1, minimumOrderAmount: 2_000 }).row

  it('is possible with an unused copy within the validity', () => {
    expect(redemption('c1', terms, issued, order)).toBeUndefined()
  })

  it('refuses in this order: not found, not owned, used, not started or ended, minimum not met', () => {
    expect(redemption('c1', undefined, used, order)).toEqual({ code: 'COUPON_NOT_FOUND', couponId: 'c1' })
    expect(redemption('c1', ended, undefined, order)).toEqual({ code: 'COUPON_NOT_OWNED', couponId: 'c1' })
    expect(redemption('c1', ended, used, order)).toEqual({ code: 'COUPON_ALREADY_USED', couponId: 'c1' })
    expect(redemption('c1', notBegun, issued, order)).toEqual({
      code: 'COUPON_NOT_YET_VALID',
      couponId: 'c1',
      validFrom: iso(defaultNow + 1),
    })
    expect(redemption('c1', ended, issued, order)).toEqual({
      code: 'COUPON_EXPIRED',
      couponId: 'c1',
      validUntil: iso(defaultNow),
    })
    expect(redemption('c1', { ...terms, minimumOrderAmount: 1_001 }, issued, order)).toEqual({
      code: 'COUPON_MINIMUM_NOT_MET',
      couponId: 'c1',
      minimumOrderAmount: 1_001,
    })
  })

  it('accepts a total that equals the minimum', () => {
    expect(redemption('c1', { ...terms, minimumOrderAmount: 1_000 }, issued, order)).toBeUndefined()
  })

  it('is possible with the copy of an overdue order', () => {
    const overdue = use(issued, 'o9', defaultNow)
    expect(redemption('c1', terms, overdue, order)).toBeUndefined()
    expect(redemption('c1', terms, overdue, { ...order, now: defaultNow - 1 })?.code).toBe('COUPON_ALREADY_USED')
  })
})

describe('the validity of a coupon', () => {
  it('starts at validFrom and ends just before validUntil', () => {
    const terms = couponOf({ validFrom: 100, validUntil: 200 }).row
    const codes = [99, 100, 199, 200].map((now) => couponValidity(terms, now)?.code)
    expect(codes).toEqual(['COUPON_NOT_YET_VALID', undefined, undefined, 'COUPON_EXPIRED'])
  })
})

describe('a user’s coupon', () => {
  const issued = issuedCouponOf().row
  const terms = couponOf().row

  it('is in use until its order’s deadline, or permanently once the order is paid', () => {
    expect(isInUse(issued, defaultNow)).toBe(false)
    expect(isInUse(use(issued, 'o1', defaultNow + 1), defaultNow)).toBe(true)
    expect(isInUse(use(issued, 'o1', defaultNow), defaultNow)).toBe(false)
    expect(isInUse(use(issued, 'o1', null), maxInstant)).toBe(true)
  })

  it('is released by the order that uses it, and by no other', () => {
    expect(release(use(issued, 'o1', null), 'o1')).toEqual(issued)
    const taken = use(issued, 'o2', defaultNow)
    expect(release(taken, 'o1')).toBe(taken)
  })

  it('reads as issued, used or expired, and names the order that uses it', () => {
    const read = (copy: typeof issued, now: number) => {
      const { status, usedByOrderId } = ownedCouponView(copy, terms, now)
      return [status, usedByOrderId]
    }
    const end = terms.validUntil
    expect(read(issued, defaultNow)).toEqual(['issued', null])
    expect(read(issued, end - 1)).toEqual(['issued', null])
    expect(read(issued, end)).toEqual(['expired', null])
    expect(read(use(issued, 'o1', defaultNow + 1), defaultNow)).toEqual(['used', 'o1'])
    expect(read(use(issued, 'o1', defaultNow), defaultNow)).toEqual(['issued', null])
    expect(read(use(issued, 'o1', defaultNow), end)).toEqual(['expired', null])
    expect(read(use(issued, 'o1', null), end)).toEqual(['used', 'o1'])
  })

  it('appears in the reply to a claim with everything except the order', () => {
    expect(Object.keys(issuedCouponView(issued, terms, defaultNow))).not.toContain('usedByOrderId')
  })
})

describe('the views of a coupon', () => {
  const coupon = couponOf({ quantity: 10, issued: 4, minimumOrderAmount: 5_000 }).row

  it('show how many remain, and show how many are issued only to administrators', () => {
    expect(remaining(coupon)).toBe(6)
    expect(claimableCouponView(coupon)).toEqual({
      couponId: 'c1',
      name: 'Coupon c1',
      discount: { kind: 'fixed', amount: 500 },
      quantity: 10,
      remaining: 6,
      validFrom: iso(coupon.validFrom),
      validUntil: iso(coupon.validUntil),
      minimumOrderAmount: 5_000,
    })
    expect(couponView(coupon)).toEqual({ ...claimableCouponView(coupon), issued: 4 })
  })
})
