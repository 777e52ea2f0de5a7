import { describe, expect, it } from 'vitest'
import { purchaseLaws } from '../../src/audit/purchase-laws.js'
import type { PurchasedLine } from '../../src/store.js'

const now = 1_000_000
const [law] = purchaseLaws

/** What the law finds in these orders of one user, or undefined. */
const found = (...orders: Partial<PurchasedLine>[]) => {
  const lines = orders.map(
    (order, index): PurchasedLine => ({
      orderId: `o${index}`,
      status: 'paid',
      createdAt: now - 100 + index,
      expiresAt: null,
      units: 1,
      purchaseLimit: 2,
      ...order,
    }),
  )
  if (law?.subject !== 'purchase') throw new Error('the law of purchase limits is gone')
  return law.check({ userId: 'u', productId: 'p', orders: lines }, now)
}
const open = { status: 'pending', expiresAt: now + 1 } as const
const overdue = { status: 'pending', expiresAt: now } as const

describe('PURCHASE-LIMIT', () => {
  it('allows the limit, and no unit more', () => {
    expect(found({}, open)).toBeUndefined()
    expect(found({}, open, {})).toMatchObject({ expected: 'at most 2', actual: 3 })
    expect(found({}, { units: 2 })).toMatchObject({ actual: 3 })
  })

  it('counts open orders until their deadline, by the clock', () => {
    expect(found(overdue, {}, {})).toBeUndefined()
    expect(found(open, {}, {})).toMatchObject({ actual: 3 })
  })

  it('binds each order by its own limit, whether it was raised, lowered, set or removed', () => {
    expect(found({ purchaseLimit: 1 }, { units: 2, purchaseLimit: 3 })).toBeUndefined()
    expect(found({ units: 2, purchaseLimit: 3 }, { units: 0, purchaseLimit: 1 })).toMatchObject({ actual: 2 })
    expect(found({ units: 5, purchaseLimit: null }, { purchaseLimit: 6 })).toBeUndefined()
    expect(found({ units: 5, purchaseLimit: null }, { purchaseLimit: 5 })).toMatchObject({ actual: 6 })
    expect(found({ purchaseLimit: 1 }, { units: 9, purchaseLimit: null })).toBeUndefined()
  })

  it('takes the orders by their times, however they are listed', () => {
    const [first, second] = [{ purchaseLimit: 1 }, { units: 2, purchaseLimit: 3 }]
    expect(found({ ...second, createdAt: now - 1 }, { ...first, createdAt: now - 2 })).toBeUndefined()
    expect(found({ ...second, createdAt: now - 2 }, { ...first, createdAt: now - 1 })).toMatchObject({ actual: 3 })
  })

  it('allows orders of one instant what their highest limit allows', () => {
    const at = { createdAt: now - 1 }
    expect(found({ ...at, units: 2, purchaseLimit: 3 }, { ...at, purchaseLimit: 1 })).toBeUndefined()
    expect(found({ ...at, units: 3, purchaseLimit: 3 }, { ...at, purchaseLimit: 1 })).toMatchObject({ actual: 4 })
    expect(found({ ...at, units: 3, purchaseLimit: null }, { ...at, purchaseLimit: 1 })).toBeUndefined()
  })

  it('lets an order expire that a later order saw expire, also if the clock of the snapshot is slower', () => {
    const later = { createdAt: now + 10 }
    expect(found({ ...open, expiresAt: now + 10 }, { ...later, units: 2 })).toBeUndefined()
    expect(found({ ...open, expiresAt: now + 11 }, { ...later, units: 2 })).toMatchObject({ actual: 3 })
  })
})
