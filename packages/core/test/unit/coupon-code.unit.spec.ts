import { describe, expect, it } from 'vitest'
import { createCoupon, issueCoupon, updateCoupon } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { presets } from '../../src/index.js'
import { claimableCouponView, couponView, foldCode } from '../../src/model/coupon.js'
import { couponOf, given, issuedCouponOf, defaultNow as now } from '../../src/testing/index.js'

const base = { name: 'C', discount: { kind: 'fixed', amount: 5 }, quantity: 2, validUntil: now + 1 } as const
const spring = couponOf({ code: 'Spring-1' })
const userId = 'u1'

describe('creating a coupon with a code', () => {
  it('keeps the code as it is written, and tells it to administrators only', () => {
    given()
      .when(createCoupon, { ...base, couponId: 'c1', code: 'Spring-1' })
      .thenAccepted({ code: 'Spring-1' })
      .thenChanges({ coupons: { inserted: [{ code: 'Spring-1' }] } })
    expect(couponView(spring.row)).toMatchObject({ code: 'Spring-1' })
    expect(claimableCouponView(spring.row)).not.toHaveProperty('code')
    expect(couponView(couponOf().row)).not.toHaveProperty('code')
  })

  it.each(['abc', 'A-9', '---', 'x'.repeat(40)])('takes %s', (code) => {
    given()
      .when(createCoupon, { ...base, code })
      .thenAccepted({ code })
  })

  it.each(['ab', 'x'.repeat(41), 'a b c', '봄봄봄', 'a_b', '', 5])('refuses %s', (code) => {
    given()
      .when(createCoupon, { ...base, code: code as string })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'code' }] })
    given(spring)
      .when(issueCoupon, { userId, code: code as string })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'code' }] })
  })

  it('refuses a taken code in any case, naming its coupon, after a taken id', () => {
    given(spring, couponOf({ couponId: 'c2' }))
      .when(createCoupon, { ...base, couponId: 'c3', code: 'SPRING-1' })
      .thenRefused('COUPON_ALREADY_EXISTS', { couponId: 'c1' })
      .when(createCoupon, { ...base, couponId: 'c2', code: 'SPRING-1' })
      .thenRefused('COUPON_ALREADY_EXISTS', { couponId: 'c2' })
      .when(createCoupon, { ...base, couponId: 'c3', code: 'SPRING-1', validUntil: now })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'validUntil' }] })
      .when(createCoupon, { ...base, couponId: 'c3', code: 'SPRING-2' })
      .thenAccepted()
  })

  it('reads the code in the form in which codes are compared', () => {
    expect(
      createCoupon.keys({ ...base, code: 'SprinG' }, { outlines: noOutlines, policies: presets.standard }),
    ).toEqual({
      read: { couponCodes: ['spring'] },
    })
    expect(foldCode('SprinG-ß')).toBe('spring-ß')
  })

  it('keeps its code when it changes', () => {
    given(spring).when(updateCoupon, { couponId: 'c1', quantity: 9 }).thenAccepted({ code: 'Spring-1' })
  })
})

describe('issuing a coupon by its code', () => {
  it.each(['Spring-1', 'spring-1', 'SPRING-1'])('finds it by %s', (code) => {
    given(spring)
      .when(issueCoupon, { userId, code })
      .thenAccepted({ userId, couponId: 'c1', status: 'issued' })
      .thenChanges({ coupons: { updated: [{ issued: 1 }] }, issuedCoupons: { inserted: [{ couponId: 'c1' }] } })
      .when(issueCoupon, { userId, code })
      .thenRefused('COUPON_ALREADY_ISSUED', { couponId: 'c1' })
  })

  it('refuses an unknown code, telling the code and no id', () => {
    given(spring, couponOf({ couponId: 'c2' }))
      .when(issueCoupon, { userId, code: 'Spring-2' })
      .thenRefused('COUPON_NOT_FOUND', { couponCode: 'Spring-2', couponId: undefined })
      .when(issueCoupon, { userId, code: 'Spring-2', requiresCode: true })
      .thenRefused('COUPON_NOT_FOUND', { couponCode: 'Spring-2' })
  })

  it('refuses as by its id: sold out, not begun, ended', () => {
    const code = 'Spring-1'
    given(couponOf({ code, quantity: 1, issued: 1 }))
      .when(issueCoupon, { userId, code })
      .thenRefused('COUPON_SOLD_OUT')
    given(couponOf({ code, validFrom: now + 1 }))
      .when(issueCoupon, { userId, code })
      .thenRefused('COUPON_NOT_YET_VALID')
    given(couponOf({ code, validUntil: now }))
      .when(issueCoupon, { userId, code })
      .thenRefused('COUPON_EXPIRED')
  })

  it('refuses an unknown user first', () => {
    given(spring).under('one-call').when(issueCoupon, { userId, code: 'none-such' }).thenRefused('USER_NOT_FOUND')
  })

  it('refuses both, and neither', () => {
    for (const input of [{ userId }, { userId, couponId: 'c1', code: 'Spring-1' }]) {
      given(spring)
        .when(issueCoupon, input)
        .thenRefused('INVALID_REQUEST', { errors: [{ path: 'couponId' }] })
    }
  })
})

describe('a coupon with a code, asked for by its id', () => {
  it('is issued by administrators, and does not exist for others', () => {
    const byId = { userId, couponId: 'c1' }
    given(spring)
      .when(issueCoupon, { ...byId, requiresCode: true })
      .thenRefused('COUPON_NOT_FOUND', { couponId: 'c1', couponCode: undefined })
      .when(issueCoupon, { ...byId, requiresCode: false })
      .thenAccepted({ couponId: 'c1' })
    given(spring).when(issueCoupon, byId).thenAccepted({ couponId: 'c1' })
  })

  it('does not tell others whether they have it', () => {
    given(couponOf({ code: 'Spring-1', issued: 1 }), issuedCouponOf())
      .when(issueCoupon, { userId, couponId: 'c1', requiresCode: true })
      .thenRefused('COUPON_NOT_FOUND')
  })

  it('needs no code if it has none', () => {
    given(couponOf()).when(issueCoupon, { userId, couponId: 'c1', requiresCode: true }).thenAccepted({ couponId: 'c1' })
  })
})
