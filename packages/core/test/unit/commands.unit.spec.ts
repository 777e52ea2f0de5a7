import { describe, expect, it } from 'vitest'
import { refreshRanking } from '../../src/commands/ranking/refresh-ranking.js'
import { createCoupon, createProduct, expireOrder, payOrder, redeliverEvent, refundOrder } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { presets } from '../../src/index.js'
import { commands } from '../../src/shop/commands.js'
import { defaultNow, given, orderOf, productOf, walletOf } from '../../src/testing/index.js'

describe('the commands of a shop', () => {
  it('keep their names: stored idempotency keys contain them', () => {
    const names = Object.values(commands).flatMap((named) => Object.values(named).map(({ name }) => name))
    expect([...names, refreshRanking.name]).toEqual([
      'register-user',
      'charge-balance',
      'grant-bonus',
      'withdraw-balance',
      'adjust-balance',
      'create-product',
      'update-product',
      'change-stock',
      'create-coupon',
      'update-coupon',
      'issue-coupon',
      'place-order',
      'update-order',
      'cancel-order',
      'expire-order',
      'refund-order',
      'pay-order',
      'redeliver-event',
      'acknowledge-loss',
      'refresh-ranking',
    ])
  })

  it('lock no row under an id that they create', () => {
    const context = { outlines: noOutlines, policies: presets.standard }
    const discount = { kind: 'fixed', amount: 1 } as const
    expect(createProduct.keys({ name: 'Mug', price: 1, stock: 1 }, context)).toEqual({})
    expect(createCoupon.keys({ name: 'Welcome', discount, quantity: 1, validUntil: 1 }, context)).toEqual({})
  })

  it('refuse an invalid id before they look it up', () => {
    given()
      .when(expireOrder, { orderId: '/' })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'orderId' }] })
      .when(redeliverEvent, { eventId: '/' })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'eventId' }] })
  })

  it('report contradictory rows as a bug, and name them', () => {
    const paid = orderOf({ status: 'paid' })
    const noTime = orderOf({ status: 'paid', paidAt: null })
    const broken = 'order o1 is paid but has no wallet or no time of payment'
    expect(() => given(productOf(), paid).when(refundOrder, { orderId: 'o1' })).toThrow(broken)
    expect(() => given(walletOf(), productOf(), noTime).when(refundOrder, { orderId: 'o1' })).toThrow(broken)
    const noProduct = given(walletOf(), orderOf({ stockTakenAt: 'payment' })).at(defaultNow)
    expect(() => noProduct.when(payOrder, { userId: 'u1', orderId: 'o1' })).toThrow('product p1 of an order is gone')
  })
})
