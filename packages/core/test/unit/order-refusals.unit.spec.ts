import { describe, it } from 'vitest'
import { placeOrder } from '../../src/commands.js'
import { type PlaceOrder, presetNames, presets } from '../../src/index.js'
import {
  couponOf,
  defaultNow,
  type Given,
  given,
  issuedCouponOf,
  productOf,
  walletOf,
} from '../../src/testing/index.js'

const line = (productId: string, quantity: number) => ({ productId, quantity })
const one: PlaceOrder = { userId: 'u1', products: [line('p1', 1)] }
const withCoupon = { ...one, couponId: 'c1' }
const byRegistration = presetNames.filter((name) => presets[name].wallet.opens === 'by-registration')
const holding = presetNames.filter((name) => presets[name].stock.takenAt === 'order')

describe('an order is refused', () => {
  it.each(byRegistration)('for an unknown user (%s)', (preset) => {
    given(productOf()).under(preset).when(placeOrder, one).thenRefused('USER_NOT_FOUND', { userId: 'u1' })
  })

  it.each(presetNames)('for unknown or unlisted products, naming all of them (%s)', (preset) => {
    given(walletOf(), productOf(), productOf({ productId: 'p2', listed: false }))
      .under(preset)
      .when(placeOrder, { userId: 'u1', products: [line('p9', 1), line('p1', 1), line('p2', 1), line('p9', 2)] })
      .thenRefused('PRODUCT_NOT_FOUND', { productIds: ['p9', 'p2'] })
  })

  it.each(holding)('for insufficient stock, naming every short line (%s)', (preset) => {
    given(walletOf({ balance: 10_000 }), productOf({ stock: 1 }), productOf({ productId: 'p2', stock: 0 }))
      .under(preset)
      .when(placeOrder, { userId: 'u1', products: [line('p2', 1), line('p1', 2)] })
      .thenRefused('STOCK_INSUFFICIENT', {
        lines: [
          { productId: 'p2', requested: 1, available: 0 },
          { productId: 'p1', requested: 2, available: 1 },
        ],
      })
  })

  it('as a whole, even if only one of its lines is short', () => {
    given(productOf(), productOf({ productId: 'p2', stock: 0 }))
      .when(placeOrder, { userId: 'u1', products: [line('p1', 1), line('p2', 1)] })
      .thenRefused('STOCK_INSUFFICIENT', { lines: [{ productId: 'p2' }] })
  })

  describe.each(presetNames)('and nothing is held or written (%s)', (preset) => {
    const shop = (...rows: readonly Given[]) => given(walletOf({ balance: 5_000 }), productOf(), ...rows).under(preset)

    it('for an unknown coupon', () => {
      shop().when(placeOrder, withCoupon).thenRefused('COUPON_NOT_FOUND', { couponId: 'c1' })
    })

    it('for a coupon that was never issued to this user', () => {
      shop(couponOf({ issued: 1 }), issuedCouponOf({ userId: 'u2' }))
        .when(placeOrder, withCoupon)
        .thenRefused('COUPON_NOT_OWNED', { couponId: 'c1' })
    })

    it('for a used coupon', () => {
      shop(couponOf({ issued: 1 }), issuedCouponOf({ usedByOrderId: 'o9' }))
        .when(placeOrder, withCoupon)
        .thenRefused('COUPON_ALREADY_USED', { couponId: 'c1' })
    })

    it('for a coupon that has not started', () => {
      shop(couponOf({ issued: 1, validFrom: defaultNow + 1 }), issuedCouponOf())
        .when(placeOrder, withCoupon)
        .thenRefused('COUPON_NOT_YET_VALID', { couponId: 'c1' })
    })

    it('for a coupon that has ended', () => {
      shop(couponOf({ issued: 1, validUntil: defaultNow }), issuedCouponOf())
        .when(placeOrder, withCoupon)
        .thenRefused('COUPON_EXPIRED', { couponId: 'c1' })
    })

    it('for a total below the coupon’s minimum', () => {
      shop(couponOf({ issued: 1, minimumOrderAmount: 1_001 }), issuedCouponOf())
        .when(placeOrder, withCoupon)
        .thenRefused('COUPON_MINIMUM_NOT_MET', { couponId: 'c1', minimumOrderAmount: 1_001 })
    })
  })

  it.each([
    ['products', { products: [] }],
    ['products', { products: Array.from({ length: 101 }, (_, index) => line(`p${index}`, 1)) }],
    ['products', { products: 'p1' as unknown as [] }],
    ['products[0].quantity', { products: [line('p1', 0)] }],
    ['products[0].quantity', { products: [line('p1', 10_001)] }],
    ['products[0].quantity', { products: [line('p1', 1.5)] }],
    ['products[1].productId', { products: [line('p1', 1), line('p 1', 1)] }],
    ['couponId', { couponId: '' }],
    ['userId', { userId: '' }],
  ])('for a wrong %s, before anything is read', (path, wrong) => {
    given()
      .under('one-call')
      .when(placeOrder, { ...one, ...wrong })
      .thenRefused('INVALID_REQUEST', { errors: [{ path }] })
  })

  it('for an empty list of lines, naming the limits', () => {
    given()
      .when(placeOrder, { ...one, products: [] })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'products', message: 'must be 1 to 100 lines' }] })
  })

  it('for every wrong line, each with its path', () => {
    given()
      .when(placeOrder, { userId: 'u1', products: [line('', 0), line('p1', 1), line('p2', -1)] })
      .thenRefused('INVALID_REQUEST', {
        errors: [{ path: 'products[0].productId' }, { path: 'products[0].quantity' }, { path: 'products[2].quantity' }],
      })
  })
})

describe('the first of several refusals of an order is returned', () => {
  // Each step fixes the reason of the previous refusal; all later reasons remain.
  const used = issuedCouponOf({ usedByOrderId: 'o9' })
  const wrongInEveryWay = { userId: 'u1', products: [line('p1', 1), line('p2', 1)], couponId: 'c1' }
  const short = productOf({ stock: 0 })
  const listed = productOf({ productId: 'p2' })
  const stocked = productOf()
  const late = { validFrom: defaultNow + 1, minimumOrderAmount: 9_999 }
  const ended = { validUntil: defaultNow, minimumOrderAmount: 9_999 }

  it.each([
    ['USER_NOT_FOUND', [short]],
    ['PRODUCT_NOT_FOUND', [walletOf(), short]],
    ['STOCK_INSUFFICIENT', [walletOf(), short, listed]],
    ['COUPON_NOT_FOUND', [walletOf(), stocked, listed, used]],
    ['COUPON_NOT_OWNED', [walletOf(), stocked, listed, couponOf(ended)]],
    ['COUPON_ALREADY_USED', [walletOf(), stocked, listed, couponOf(ended), used]],
    ['COUPON_NOT_YET_VALID', [walletOf(), stocked, listed, couponOf(late), issuedCouponOf()]],
    ['COUPON_EXPIRED', [walletOf(), stocked, listed, couponOf(ended), issuedCouponOf()]],
    [
      'COUPON_MINIMUM_NOT_MET',
      [walletOf(), stocked, listed, couponOf({ minimumOrderAmount: 9_999 }), issuedCouponOf()],
    ],
    ['BALANCE_INSUFFICIENT', [walletOf(), stocked, listed, couponOf(), issuedCouponOf()]],
  ] as const)('%s, if the order is paid at once', (code, rows) => {
    given(...rows)
      .under('one-call')
      .when(placeOrder, wrongInEveryWay)
      .thenRefused(code)
  })

  it('but not for the balance, if the order is paid later', () => {
    given(walletOf(), stocked, listed, couponOf(), issuedCouponOf())
      .under('coupon-at-payment')
      .when(placeOrder, wrongInEveryWay)
      .thenAccepted({ status: 'pending' })
  })
})
