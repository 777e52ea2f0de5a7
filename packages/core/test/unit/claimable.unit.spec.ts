import { describe, expect, it } from 'vitest'
import { hasPassed, issueCoupon } from '../../src/commands.js'
import { couponValidity, isClaimable, isOverdue, statusAt } from '../../src/store.js'
import { couponOf, defaultNow, given, orderOf } from '../../src/testing/index.js'

describe('a coupon', () => {
  const { row: coupon } = couponOf({ validFrom: defaultNow, validUntil: defaultNow + 10, quantity: 2 })

  it.each([
    [-1, 0, 'COUPON_NOT_YET_VALID'],
    [0, 0, undefined],
    [0, 1, undefined],
    [0, 2, 'COUPON_SOLD_OUT'],
    [9, 1, undefined],
    [10, 1, 'COUPON_EXPIRED'],
  ] as const)(
    '%i ms after its start, %i issued, is listed as claimable exactly when it can be issued',
    (ms, issued, code) => {
      const at = defaultNow + ms
      const row = { ...coupon, issued }
      expect(isClaimable(row, at)).toBe(code === undefined)
      expect(couponValidity(row, at)?.code).toBe(code === 'COUPON_SOLD_OUT' ? undefined : code)
      const issuing = given(couponOf(row)).at(at).when(issueCoupon, { userId: 'u1', couponId: 'c1' })
      if (code === undefined) issuing.thenAccepted()
      else issuing.thenRefused(code)
    },
  )
})

describe('a deadline', () => {
  const { row: order } = orderOf({ expiresAt: defaultNow })

  it.each([
    [-1, false],
    [0, true],
    [1, true],
  ])('%i ms later has passed: %s', (ms, passed) => {
    expect(hasPassed(defaultNow, defaultNow + ms)).toBe(passed)
    expect(isOverdue(order, defaultNow + ms)).toBe(passed)
    expect(statusAt(order, defaultNow + ms)).toBe(passed ? 'expired' : 'pending')
  })
})
