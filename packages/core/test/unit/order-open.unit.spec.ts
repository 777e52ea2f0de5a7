import { describe, it } from 'vitest'
import { cancelOrder, payOrder, placeOrder, quoteOrder } from '../../src/commands.js'
import { type PolicyOverrides, presetNames, presets } from '../../src/index.js'
import { couponOf, given, issuedCouponOf, defaultNow as now, productOf, walletOf } from '../../src/testing/index.js'

const line = (productId: string, quantity = 1) => ({ productId, quantity })
const one = { userId: 'u1', products: [line('p1')] }
const deadline = now + 15 * 60_000
const twoCalls = presetNames.filter((name) => presets[name].order.checkout === 'order-then-pay')
const twoOpen: PolicyOverrides = { order: { pendingPerUser: 2 } }
const needsMoney: PolicyOverrides = { order: { balanceAtOrder: 'required' } }
const tooMany = 'TOO_MANY_PENDING_ORDERS'

describe('the open orders of a user', () => {
  const full = (balance = 9_000, userId = 'u1') =>
    given(walletOf({ balance, userId }), walletOf({ userId: 'u2' }), productOf({ stock: 99 }))

  it.each(twoCalls)(
    'are at most as many as the policy says, until one is paid, cancelled or overdue (%s)',
    (preset) => {
      full()
        .under(preset, twoOpen)
        .naming('o1')
        .when(placeOrder, one)
        .naming('o2')
        .at(now + 1)
        .when(placeOrder, one)
        .when(placeOrder, one)
        .thenRefused(tooMany, { limit: 2 })
        .when(placeOrder, { ...one, userId: 'u2' })
        .thenAccepted()
        .when(payOrder, { userId: 'u1', orderId: 'o1' })
        .when(placeOrder, one)
        .thenAccepted()
        .when(placeOrder, one)
        .thenRefused(tooMany, { limit: 2 })
        .when(cancelOrder, { orderId: 'o2' })
        .when(placeOrder, one)
        .thenAccepted()
        .at(deadline)
        .when(placeOrder, one)
        .thenRefused(tooMany, { limit: 2 })
        .at(deadline + 1)
        .when(placeOrder, one)
        .thenAccepted()
    },
  )

  it('are at most 20 by default', () => {
    const story = full()
    for (let placed = 0; placed < 20; placed += 1) story.when(placeOrder, one).thenAccepted()
    story.when(placeOrder, one).thenRefused(tooMany, { limit: 20 })
  })

  it.each(presetNames.filter((name) => name !== 'standard'))('are not limited by default (%s)', (preset) => {
    const story = full(99_000).under(preset)
    for (let placed = 0; placed < 21; placed += 1) story.when(placeOrder, one).thenAccepted()
  })

  it('are counted after the user is known, and before any look at products', () => {
    const nothing = { userId: 'u1', products: [line('p9')] }
    given(productOf())
      .under('standard', { wallet: { opens: 'by-registration' }, ...twoOpen })
      .when(placeOrder, nothing)
      .thenRefused('USER_NOT_FOUND')
    full()
      .under('standard', { order: { pendingPerUser: 1 } })
      .when(placeOrder, nothing)
      .thenRefused('PRODUCT_NOT_FOUND')
      .when(placeOrder, one)
      .when(placeOrder, nothing)
      .thenRefused(tooMany, { limit: 1 })
  })

  it('are not counted for a quote, nor where an order is paid at once', () => {
    full()
      .under('standard', { order: { pendingPerUser: 1 } })
      .when(placeOrder, one)
      .when(quoteOrder, one)
      .thenAccepted()
    full()
      .under('one-call', { order: { pendingPerUser: 1 } })
      .when(placeOrder, one)
      .when(placeOrder, one)
      .thenAccepted({ status: 'paid' })
  })

  it('count for a user without a wallet', () => {
    given(productOf({ stock: 99 }))
      .under('standard', { order: { pendingPerUser: 1 } })
      .when(placeOrder, one)
      .thenAccepted()
      .when(placeOrder, one)
      .thenRefused(tooMany, { limit: 1 })
  })
})

describe('the balance at the order', () => {
  it.each(twoCalls)('does not matter by default (%s)', (preset) => {
    given(walletOf(), productOf()).under(preset).when(placeOrder, one).thenAccepted({ status: 'pending' })
  })

  it.each(twoCalls)('must suffice for the final amount where it is required, and is not reserved (%s)', (preset) => {
    const coupon = [couponOf({ issued: 1 }), issuedCouponOf()]
    given(walletOf({ balance: 999 }), productOf(), ...coupon)
      .under(preset, needsMoney)
      .when(placeOrder, one)
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 999, required: 1_000 })
      .thenChanges({})
      .when(quoteOrder, one)
      .thenAccepted({ sufficient: false })
      .when(placeOrder, { ...one, couponId: 'c1' })
      .thenAccepted({ finalAmount: 500 })
    given(walletOf({ balance: 1_000 }), productOf())
      .under(preset, needsMoney)
      .when(placeOrder, one)
      .thenAccepted({ status: 'pending' })
      .when(placeOrder, one)
      .thenAccepted({ status: 'pending' })
  })

  it('is 0 without a wallet', () => {
    given(productOf(), productOf({ productId: 'p2', price: 0 }))
      .under('standard', needsMoney)
      .when(placeOrder, one)
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 0, required: 1_000 })
      .when(placeOrder, { userId: 'u1', products: [line('p2')] })
      .thenAccepted()
  })

  it('is the last reason to refuse', () => {
    const poor = () =>
      given(
        walletOf(),
        productOf({ purchaseLimit: 1, stock: 1 }),
        productOf({ productId: 'p2', opensAt: now + 1 }),
      ).under('standard', needsMoney)
    poor()
      .when(placeOrder, { userId: 'u1', products: [line('p2')] })
      .thenRefused('PRODUCT_NOT_ON_SALE')
    poor()
      .when(placeOrder, { userId: 'u1', products: [line('p1', 2)] })
      .thenRefused('PURCHASE_LIMIT_EXCEEDED')
    poor()
      .when(placeOrder, { ...one, couponId: 'c9' })
      .thenRefused('COUPON_NOT_FOUND')
    poor().when(placeOrder, one).thenRefused('BALANCE_INSUFFICIENT')
  })

  it('is refused once where orders are paid at once, with nothing written', () => {
    given(walletOf({ balance: 999 }), productOf())
      .under('one-call', needsMoney)
      .when(placeOrder, one)
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 999, required: 1_000 })
      .thenChanges({})
  })
})
