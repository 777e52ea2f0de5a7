import { describe, expect, it } from 'vitest'
import { refreshRanking } from '../../src/index.js'
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
})
