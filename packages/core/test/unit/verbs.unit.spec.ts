import { describe, expect, it } from 'vitest'
import { createCoupon, createProduct, presets, refreshRanking } from '../../src/index.js'
import { verbs } from '../../src/verbs.js'

describe('the verbs of a shop', () => {
  it('keep their names: a stored idempotency key is compared with them', () => {
    const names = Object.values(verbs).flatMap((named) => Object.values(named).map(({ name }) => name))
    expect([...names, refreshRanking.name]).toEqual([
      'register-user',
      'charge-balance',
      'create-product',
      'update-product',
      'change-stock',
      'create-coupon',
      'update-coupon',
      'issue-coupon',
      'place-order',
      'cancel-order',
      'expire-order',
      'refund-order',
      'pay-order',
      'redeliver-event',
      'refresh-ranking',
    ])
  })

  it('lock no row for what they name themselves', () => {
    const context = { seen: { order: () => undefined }, policies: presets.standard }
    const discount = { kind: 'fixed', amount: 1 } as const
    expect(createProduct.keys({ name: 'Mug', price: 1, stock: 1 }, context)).toEqual({})
    expect(createCoupon.keys({ name: 'Welcome', discount, quantity: 1, validUntil: 1 }, context)).toEqual({})
  })
})
