import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Coupon, createCoupon, payOrder, placeOrder, quoteOrder, refundOrder } from '../../src/commands.js'
import { type Policies, resolvePolicies } from '../../src/index.js'
import { redemption } from '../../src/model/coupon.js'
import { previewRefund } from '../../src/model/refund.js'
import { netAmounts } from '../../src/model/share.js'
import { couponOf, given, issuedCouponOf, defaultNow as now, productOf, walletOf } from '../../src/testing/index.js'

const userId = 'u1'
const line = (productId: string, quantity = 1) => ({ productId, quantity })
const both = { userId, products: [line('p1', 2), line('p2')], couponId: 'c1' }
const fixed = { kind: 'fixed', amount: 500 } as const

/** p1 costs 1,000, p2 costs 300, p3 is free. */
const shop = (coupon: Partial<Coupon>) =>
  given(
    walletOf({ balance: 100_000 }),
    productOf(),
    productOf({ productId: 'p2', price: 300 }),
    productOf({ productId: 'p3', price: 0 }),
    couponOf({ issued: 1, ...coupon }),
    issuedCouponOf(),
  )

describe('creating a coupon for products', () => {
  const base = { couponId: 'c1', name: 'C', discount: fixed, quantity: 1, validUntil: now + 1 }

  it('keeps its products, which need not exist', () => {
    given()
      .when(createCoupon, { ...base, productIds: ['p2', 'p-unknown'] })
      .thenAccepted({ productIds: ['p2', 'p-unknown'] })
      .thenChanges({ coupons: { inserted: [{ productIds: ['p2', 'p-unknown'], code: null }] } })
  })

  it('is for all products by default, and with null', () => {
    for (const input of [{}, { productIds: null }]) {
      given()
        .when(createCoupon, { ...base, ...input })
        .thenAccepted((view) => expect(view).not.toHaveProperty('productIds'))
        .thenChanges({ coupons: { inserted: [{ productIds: null }] } })
    }
  })

  it.each([
    ['no product', []],
    ['a product twice', ['p1', 'p1']],
    ['a wrong id', ['p 1']],
    ['a text', 'p1'],
    ['more than 1,000 products', Array.from({ length: 1_001 }, (_, index) => `p${index}`)],
  ])('refuses %s', (_, productIds) => {
    given()
      .when(createCoupon, { ...base, productIds: productIds as string[] })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'productIds' }] })
  })

  it('takes 1,000 products', () => {
    const productIds = Array.from({ length: 1_000 }, (_, index) => `p${index}`)
    given()
      .when(createCoupon, { ...base, productIds })
      .thenAccepted({ productIds })
  })
})

describe('a coupon for products', () => {
  it('takes its discount of their lines, and says which they are', () => {
    shop({ discount: { kind: 'percentage', percent: 50 }, productIds: ['p2', 'p9'] })
      .when(quoteOrder, both)
      .thenAccepted({ totalAmount: 2_300, discountAmount: 150, coupon: { applies: true } })
      .when(placeOrder, both)
      .thenAccepted({ totalAmount: 2_300, discountAmount: 150, finalAmount: 2_150, discountedProductIds: ['p2'] })
  })

  it('takes at most what their lines cost', () => {
    shop({ discount: fixed, productIds: ['p2'] })
      .when(placeOrder, both)
      .thenAccepted({ discountAmount: 300, finalAmount: 2_000 })
  })

  it('says nothing of products if it is for all', () => {
    shop({ discount: fixed })
      .when(placeOrder, both)
      .thenAccepted((view) => expect(view).not.toHaveProperty('discountedProductIds'))
  })

  it('does not apply to an order without them', () => {
    const none = { userId, products: [line('p1')], couponId: 'c1' }
    shop({ productIds: ['p2'] })
      .when(placeOrder, none)
      .thenRefused('COUPON_NOT_APPLICABLE', { couponId: 'c1' })
      .when(quoteOrder, none)
      .thenAccepted({ discountAmount: 0, coupon: { applies: false, code: 'COUPON_NOT_APPLICABLE' } })
  })

  it('does not apply once their lines are dropped', () => {
    given(
      productOf(),
      productOf({ productId: 'p2', stock: 0 }),
      couponOf({ issued: 1, productIds: ['p2'] }),
      issuedCouponOf(),
    )
      .under('standard', { stock: { shortage: 'drop-lines' } })
      .when(placeOrder, both)
      .thenRefused('COUPON_NOT_APPLICABLE')
  })

  it('applies to a free line, without a discount', () => {
    shop({ productIds: ['p3'] })
      .when(placeOrder, { userId, products: [line('p1'), line('p3')], couponId: 'c1' })
      .thenAccepted({ discountAmount: 0, discountedProductIds: ['p3'] })
  })

  it('takes its minimum of their lines', () => {
    const one = { userId, products: [line('p1', 9), line('p2', 2)], couponId: 'c1' }
    shop({ productIds: ['p2'], minimumOrderAmount: 601 })
      .when(placeOrder, one)
      .thenRefused('COUPON_MINIMUM_NOT_MET', { minimumOrderAmount: 601 })
    shop({ productIds: ['p2'], minimumOrderAmount: 600 })
      .when(placeOrder, one)
      .thenAccepted({ discountAmount: 500 })
  })

  it('is refused for its products after its validity and before its minimum', () => {
    const lines = [{ productId: 'p1', amount: 1_000 }]
    const terms = couponOf({ productIds: ['p2'], minimumOrderAmount: 9_000 }).row
    const issued = issuedCouponOf().row
    expect(redemption('c1', { ...terms, validUntil: now }, issued, { lines, now })?.code).toBe('COUPON_EXPIRED')
    expect(redemption('c1', terms, issued, { lines, now })?.code).toBe('COUPON_NOT_APPLICABLE')
    const own = [...lines, { productId: 'p2', amount: 1 }]
    expect(redemption('c1', terms, issued, { lines: own, now })?.code).toBe('COUPON_MINIMUM_NOT_MET')
  })

  it('is checked again on the same lines where payment uses it', () => {
    shop({ productIds: ['p2'], minimumOrderAmount: 300 })
      .under('coupon-at-payment')
      .naming('o1')
      .when(placeOrder, both)
      .when(payOrder, { userId, orderId: 'o1' })
      .thenAccepted({ amount: 2_000, order: { discountedProductIds: ['p2'] } })
  })
})

describe('the discount of a coupon for products', () => {
  const products = ['a', 'b', 'c', 'd']
  const lines = fc
    .array(fc.integer({ min: 0, max: 10 ** 9 }), { minLength: 1, maxLength: 4 })
    .map((amounts) => amounts.map((amount, index) => ({ productId: products[index] as string, amount })))

  it('is shared over their lines only, by largest remainder', () => {
    const amounts = [1_000, 500, 334].map((amount, index) => ({ productId: products[index] as string, amount }))
    const shared = { lines: amounts, discountAmount: 100, discountedProductIds: ['c', 'a'] }
    expect(netAmounts(shared)).toEqual([925, 500, 309])
  })

  it('leaves the others as they are, and adds up', () => {
    fc.assert(
      fc.property(lines, fc.subarray(products), fc.double({ min: 0, max: 1, noNaN: true }), (all, chosen, part) => {
        const isOwn = ({ productId }: { readonly productId: string }) => chosen.includes(productId)
        const discountAmount = Math.floor(all.filter(isOwn).reduce((sum, each) => sum + each.amount, 0) * part)
        const nets = netAmounts({ lines: all, discountAmount, discountedProductIds: chosen })
        for (const [index, each] of all.entries()) {
          const net = nets[index] as number
          if (!isOwn(each)) expect(net).toBe(each.amount)
          expect(net).toBeGreaterThanOrEqual(0)
        }
        const total = all.reduce((sum, { amount }) => sum + amount, 0)
        expect(nets.reduce((sum, net) => sum + net, 0)).toBe(total - discountAmount)
      }),
    )
  })
})

describe('refunding an order with a coupon for products', () => {
  type WhenMissed = Policies['refund']['whenMinimumIsMissed']
  const bought = (coupon: Partial<Coupon>, whenMissed: WhenMissed = 'withdraw-discount') =>
    shop({ discount: fixed, productIds: ['p1'], minimumOrderAmount: 2_000, ...coupon })
      .under(resolvePolicies('standard', { refund: { whenMinimumIsMissed: whenMissed } }))
      .naming('o1')
      .when(placeOrder, both)
      .when(payOrder, { userId, orderId: 'o1' })
  const back = (...lines: ReturnType<typeof line>[]) => ({ orderId: 'o1', lines })

  it('gives the full price of other products, and the net of its own', () => {
    bought({}, 'keep-discount')
      .when(refundOrder, back(line('p2')))
      .thenAccepted({ refunds: [{ amount: 300 }] })
      .when(refundOrder, back(line('p1')))
      .thenAccepted({ refunds: [{}, { amount: 750 }] })
      .when(refundOrder, { orderId: 'o1' })
      .thenAccepted({ status: 'refunded', refundedAmount: 1_800, refunds: [{}, {}, { amount: 750 }] })
  })

  it('keeps the discount while the units of its products reach the minimum', () => {
    bought({})
      .when(refundOrder, back(line('p2')))
      .thenAccepted({ refunds: [{ amount: 300 }] })
      .thenChanges({
        orders: { updated: [{ discountWithdrawnBy: null }] },
        wallets: { updated: [{}] },
        entries: { inserted: [{}] },
        products: { updated: [{}] },
        events: { inserted: [{}] },
        sales: [{}],
      })
  })

  it('withdraws the discount once they do not, whatever other products remain', () => {
    // Paid 1,800; 1,300 remain at full price.
    bought({})
      .when(refundOrder, back(line('p1')))
      .thenAccepted({ refunds: [{ amount: 500 }] })
      .when(placeOrder, { userId, products: [line('p1', 2)], couponId: 'c1' })
      .thenAccepted({ discountAmount: 500 })
  })

  it('withdraws it with the last of its products, if others remain', () => {
    bought({ minimumOrderAmount: 1_000 })
      .when(refundOrder, back(line('p1', 2)))
      .thenAccepted({ refunds: [{ amount: 1_500 }] })
      .when(refundOrder, { orderId: 'o1' })
      .thenAccepted({ status: 'refunded', refundedAmount: 1_800 })
  })

  it('is previewed exactly as it is made', () => {
    bought({})
      .when(refundOrder, { orderId: 'o1', lines: [line('p2')] })
      .thenAccepted((order) => {
        expect(previewRefund(order, [line('p1')], 2_000)).toBe(500)
        expect(previewRefund(order, [line('p1')])).toBe(750)
        expect(previewRefund(order, [line('p1', 2)], 2_000)).toBe(1_500)
      })
  })
})
