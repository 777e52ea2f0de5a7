import { describe, expect, it } from 'vitest'
import { iso, issueCoupon, registerUser } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { presetNames, presets } from '../../src/index.js'
import { couponOf, defaultNow, given, issuedCouponOf, walletOf } from '../../src/testing/index.js'

const wanted = { userId: 'u1', couponId: 'c1' }
const byRegistration = presetNames.filter((name) => presets[name].wallet.opens === 'by-registration')
const onFirstCharge = presetNames.filter((name) => presets[name].wallet.opens === 'on-first-charge')

describe('issuing a coupon, first come, first served', () => {
  it.each(presetNames)('returns the user’s copy (%s)', (preset) => {
    given(walletOf(), couponOf({ quantity: 3, issued: 1 }))
      .under(preset)
      .when(issueCoupon, wanted)
      .thenAccepted((view) =>
        expect(view).toEqual({
          userId: 'u1',
          couponId: 'c1',
          name: 'Coupon c1',
          discount: { kind: 'fixed', amount: 500 },
          status: 'issued',
          issuedAt: iso(defaultNow),
          validFrom: '2025-06-14T03:00:00.000Z',
          validUntil: '2025-06-16T03:00:00.000Z',
        }),
      )
  })

  it.each(presetNames)('writes the copy and counts it in one step (%s)', (preset) => {
    given(walletOf(), couponOf({ quantity: 3, issued: 1 }))
      .under(preset)
      .when(issueCoupon, wanted)
      .thenChanges({
        coupons: { updated: [{ couponId: 'c1', issued: 2, quantity: 3 }] },
        issuedCoupons: {
          inserted: [{ couponId: 'c1', userId: 'u1', issuedAt: defaultNow, usedByOrderId: null, usedUntil: null }],
        },
      })
  })

  it('issues exactly as many copies as the quantity, each to another user', () => {
    const story = given(couponOf({ quantity: 3 }))
    for (const userId of ['u1', 'u2', 'u3'])
      story.when(issueCoupon, { userId, couponId: 'c1' }).thenAccepted({ userId })
    for (const userId of ['u4', 'u5'])
      story.when(issueCoupon, { userId, couponId: 'c1' }).thenRefused('COUPON_SOLD_OUT')
  })

  it.each(presetNames)('refuses when every copy is issued (%s)', (preset) => {
    given(walletOf(), couponOf({ quantity: 3, issued: 3 }))
      .under(preset)
      .when(issueCoupon, wanted)
      .thenRefused('COUPON_SOLD_OUT', { couponId: 'c1' })
  })

  it.each(presetNames)('refuses a second copy (%s)', (preset) => {
    given(walletOf(), couponOf({ issued: 1 }), issuedCouponOf())
      .under(preset)
      .when(issueCoupon, wanted)
      .thenRefused('COUPON_ALREADY_ISSUED', { couponId: 'c1' })
  })

  it.each(presetNames)('refuses an unknown coupon (%s)', (preset) => {
    given(walletOf())
      .under(preset)
      .when(issueCoupon, { userId: 'u1', couponId: 'c9' })
      .thenRefused('COUPON_NOT_FOUND', { couponId: 'c9' })
  })

  it.each(byRegistration)('refuses an unknown user before all other checks (%s)', (preset) => {
    given().under(preset).when(issueCoupon, wanted).thenRefused('USER_NOT_FOUND', { userId: 'u1' })
  })

  it.each(byRegistration)('issues to a user who has registered (%s)', (preset) => {
    given(couponOf())
      .under(preset)
      .when(registerUser, { userId: 'u1' })
      .when(issueCoupon, wanted)
      .thenAccepted({ status: 'issued' })
  })

  it.each(onFirstCharge)('issues to a user who has never charged (%s)', (preset) => {
    given(couponOf())
      .under(preset)
      .when(issueCoupon, wanted)
      .thenAccepted({ status: 'issued' })
      .thenChanges({ coupons: { updated: [{}] }, issuedCoupons: { inserted: [{}] } })
  })

  it('refuses before the coupon starts, naming the start, and issues from the start on', () => {
    given(couponOf({ validFrom: defaultNow + 1 }))
      .when(issueCoupon, wanted)
      .thenRefused('COUPON_NOT_YET_VALID', { couponId: 'c1', validFrom: iso(defaultNow + 1) })
      .at(defaultNow + 1)
      .when(issueCoupon, wanted)
      .thenAccepted()
  })

  it('issues until just before the coupon ends, and refuses from the end on', () => {
    given(couponOf({ validUntil: defaultNow + 1 }))
      .when(issueCoupon, wanted)
      .thenAccepted()
    given(couponOf({ validUntil: defaultNow }))
      .when(issueCoupon, wanted)
      .thenRefused('COUPON_EXPIRED', { couponId: 'c1', validUntil: iso(defaultNow) })
  })

  it('locks the coupon and the copy, and reads only whether the user exists', () => {
    const outlines = noOutlines
    const keys = (preset: 'one-call' | 'standard') => issueCoupon.keys(wanted, { outlines, policies: presets[preset] })
    const lock = { coupons: ['c1'], issuedCoupons: [wanted] }
    expect(keys('one-call')).toEqual({ lock, read: { users: ['u1'] } })
    expect(keys('standard')).toEqual({ lock, read: {} })
  })

  it.each(['userId', 'couponId'])('refuses a %s that is invalid', (field) => {
    given()
      .when(issueCoupon, { ...wanted, [field]: 'no id' })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: field }] })
  })
})

describe('the first of two refusals of a claim is returned', () => {
  const issued = issuedCouponOf()

  it('an unknown user comes before an unknown coupon', () => {
    given().under('take-at-payment').when(issueCoupon, wanted).thenRefused('USER_NOT_FOUND')
  })

  it('a second copy comes before sold out, so that a retry always gets the same refusal', () => {
    given(couponOf({ quantity: 1, issued: 1 }), issued)
      .when(issueCoupon, wanted)
      .thenRefused('COUPON_ALREADY_ISSUED')
  })

  it('a second copy comes before the end of the coupon', () => {
    given(couponOf({ issued: 1, validUntil: defaultNow }), issued)
      .when(issueCoupon, wanted)
      .thenRefused('COUPON_ALREADY_ISSUED')
  })

  it('a coupon that has not started comes before sold out', () => {
    given(couponOf({ quantity: 1, issued: 1, validFrom: defaultNow + 1 }))
      .when(issueCoupon, wanted)
      .thenRefused('COUPON_NOT_YET_VALID')
  })

  it('the end of the coupon comes before sold out', () => {
    given(couponOf({ quantity: 1, issued: 1, validUntil: defaultNow }))
      .when(issueCoupon, wanted)
      .thenRefused('COUPON_EXPIRED')
  })
})
