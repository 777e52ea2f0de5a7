import { createShop } from '@shop/core'
import { payOrder, placeOrder } from '@shop/core/commands'
import { inMemoryStore } from '@shop/core/in-memory'
import { couponOf, defaultNow, given, issuedCouponOf, productOf, walletOf } from '@shop/core/testing'
import { describe, expect, it } from 'vitest'
import { claimMembersCoupon } from '../src/claim-members-coupon.js'
import { housePolicies } from '../src/house-policies.js'
import { placeModestOrder } from '../src/place-modest-order.js'

const minutes = 60_000
const wanted = (quantity: number, ...more: number[]) => ({
  userId: 'u1',
  products: [quantity, ...more].map((each) => ({ productId: 'p1', quantity: each })),
})

describe('the house policies', () => {
  it('keep an order for five minutes', () => {
    given(productOf())
      .under(housePolicies)
      .when(placeOrder, wanted(1))
      .thenAccepted({ expiresAt: new Date(defaultNow + 5 * minutes).toISOString() })
  })

  it('fail an order that cannot be paid', () => {
    given(walletOf({ balance: 999 }), productOf())
      .under(housePolicies)
      .naming('o1')
      .when(placeOrder, wanted(1))
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .thenRefused(
        'BALANCE_INSUFFICIENT',
        { balance: 999, required: 1_000 },
        {
          orders: { updated: [{ orderId: 'o1', status: 'failed' }] },
          events: { inserted: [{ type: 'order.failed' }] },
          products: { updated: [{ stock: 10, held: 0 }] },
          holds: { removed: [{ orderId: 'o1' }] },
        },
      )
  })
})

describe('a modest order', () => {
  it('is placed like any order', () => {
    given(productOf()).when(placeModestOrder, wanted(2)).thenAccepted({ status: 'pending', totalAmount: 2_000 })
  })

  it.each([[[3]], [[1, 2]]])('is refused if lines of %j add up to more than two of a product', ([first, ...rest]) => {
    const errors = [{ path: 'products', message: 'must contain at most 2 of p1' }]
    given(productOf())
      .when(placeModestOrder, wanted(first as number, ...rest))
      .thenRefused('INVALID_REQUEST', { errors })
  })

  it('is refused as malformed before quantities are checked', () => {
    given(productOf())
      .when(placeModestOrder, wanted(0, 3))
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'products[0].quantity' }] as never })
  })
})

const claim = { userId: 'u1', couponId: 'c1', membershipId: 'club' }
const club = couponOf({ couponId: 'club', issued: 1 })
const membership = issuedCouponOf({ couponId: 'club' })

describe('a coupon for members', () => {
  it('is issued to a member', () => {
    given(couponOf(), club, membership)
      .when(claimMembersCoupon, claim)
      .thenAccepted({ couponId: 'c1', status: 'issued' })
      .thenChanges({
        coupons: { updated: [{ couponId: 'c1', issued: 1 }] },
        issuedCoupons: { inserted: [{ couponId: 'c1', userId: 'u1' }] },
      })
  })

  it('is refused to non-members, even when it is sold out', () => {
    given(couponOf({ quantity: 1, issued: 1 }), club)
      .when(claimMembersCoupon, claim)
      .thenRefused('COUPON_NOT_OWNED', { couponId: 'club' })
  })

  it('is issued once per member', () => {
    given(couponOf(), club, membership)
      .when(claimMembersCoupon, claim)
      .when(claimMembersCoupon, claim)
      .thenRefused('COUPON_ALREADY_ISSUED', { couponId: 'c1' })
  })

  it('is issued to exactly as many concurrent members as there are copies', async () => {
    const shop = createShop({ store: inMemoryStore(), policies: housePolicies })
    const terms = { discount: { kind: 'percentage', percent: 20 }, validUntil: Date.UTC(2099, 0) } as const
    await shop.coupons.create({ ...terms, couponId: 'club', name: 'Club', quantity: 100 })
    await shop.coupons.create({ ...terms, couponId: 'c1', name: 'For members', quantity: 10 })
    const users = Array.from({ length: 60 }, (_, index) => `user-${index}`)
    const members = users.slice(0, 30)
    await Promise.all(members.map((userId) => shop.coupons.issue({ userId, couponId: 'club' })))
    const outcomes = await Promise.all(users.map((userId) => shop.execute(claimMembersCoupon, { ...claim, userId })))
    const answers = outcomes.map((outcome) => (outcome.ok ? 'issued' : outcome.refusal.code))
    const count = (answer: string) => answers.filter((each) => each === answer).length
    expect([count('issued'), count('COUPON_SOLD_OUT'), count('COUPON_NOT_OWNED')]).toEqual([10, 20, 30])
    expect(await shop.audit()).toMatchObject({ ok: true })
    await shop.close()
  })
})
