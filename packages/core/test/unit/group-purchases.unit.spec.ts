import { describe, expect, it } from 'vitest'
import { mergeKeys, put, type SomeKeys } from '../../src/commands.js'
import { WorkingSet } from '../../src/engine/working-set.js'
import { InvariantViolated } from '../../src/shared/invariant.js'
import { isStoreError, type Loaded, nothingLoaded } from '../../src/store.js'
import { countedIds, couponOf, lineOf, defaultNow as now, orderOf, productOf } from '../../src/testing/index.js'

const keys: SomeKeys = {
  lock: { products: ['p1'], orders: ['o1', 'o2'], coupons: ['c1'] },
  read: { buyers: ['u1', 'u2'], openOrders: ['u1', 'u2'], couponCodes: ['spring'] },
}
const limited = productOf({ purchaseLimit: 9 }).row
const working = (loaded: Partial<Loaded> = {}) =>
  new WorkingSet(mergeKeys([keys]), { ...nothingLoaded(now), products: [limited], ...loaded }, countedIds('id'))

const order = (orderId: string, parts: Parameters<typeof orderOf>[0] = {}) =>
  orderOf({ orderId, lines: [lineOf({ quantity: 3 })], ...parts }).row
const known = (set: WorkingSet) => [set.purchased('u1', 'p1'), set.openOrders('u1')]

describe('what a user has bought, within a group', () => {
  const loaded = {
    purchases: [{ userId: 'u1', productId: 'p1', quantity: 4 }],
    openOrders: [{ userId: 'u1', count: 2 }],
  }

  it('is what was loaded, and nothing without it', () => {
    expect(known(working(loaded))).toEqual([4, 2])
    expect(known(working())).toEqual([0, 0])
    expect(working(loaded).purchased('u2', 'p1')).toBe(0)
  })

  it.each([
    ['asked before', true],
    ['first asked afterwards', false],
  ])('grows with each order of the group (%s)', (_, isAsked) => {
    const set = working(loaded)
    if (isAsked) known(set)
    set.apply([put('orders', order('o3'))])
    set.apply([put('orders', order('o4', { status: 'paid' })), put('orders', order('o5', { userId: 'u2' }))])
    expect(known(set)).toEqual([10, 3])
    expect([set.purchased('u2', 'p1'), set.openOrders('u2')]).toEqual([3, 1])
  })

  it.each([
    ['asked before', true],
    ['first asked afterwards', false],
  ])('changes with each change of an order, once (%s)', (_, isAsked) => {
    const set = working({ ...loaded, orders: [order('o1'), order('o2', { status: 'paid' })] })
    if (isAsked) known(set)
    set.apply([put('orders', order('o1', { status: 'paid' }))])
    set.apply([put('orders', order('o1', { status: 'paid', events: 2 }))])
    expect(known(set)).toEqual([4, 1])
    const refunds = [
      {
        refundId: 'r1',
        amount: 0,
        bonusAmount: 0,
        lines: [{ productId: 'p1', quantity: 2, amount: 0 }],
        restocked: true,
        reason: null,
        reference: null,
        at: now,
      },
    ]
    set.apply([put('orders', order('o2', { status: 'paid', refunds }))])
    expect(known(set)).toEqual([2, 1])
    set.apply([put('orders', order('o1', { status: 'refunded' }))])
    expect(known(set)).toEqual([-1, 1])
  })

  it('does not change when an order that was overdue is recorded as expired', () => {
    const set = working({ ...loaded, orders: [order('o1', { expiresAt: now })] })
    expect(known(set)).toEqual([4, 2])
    set.apply([put('orders', order('o1', { status: 'expired', expiresAt: now }))])
    expect(known(set)).toEqual([4, 2])
  })

  it('is not known of a product that had no limit when the group was loaded: its commands run one by one', () => {
    const set = working({ ...loaded, products: [productOf().row] })
    set.apply([put('products', limited)])
    let error: unknown
    try {
      set.purchased('u1', 'p1')
    } catch (thrown) {
      error = thrown
    }
    expect(isStoreError(error) && error.kind).toBe('busy')
  })

  it('is nothing for a product that the group has created', () => {
    const set = working({ products: [] })
    set.apply([put('products', limited)])
    expect(set.purchased('u1', 'p1')).toBe(0)
  })

  it('is readable only for declared users and products', () => {
    const set = working(loaded)
    expect(() => set.purchased('u3', 'p1')).toThrow(InvariantViolated)
    expect(() => set.purchased('u1', 'p2')).toThrow(InvariantViolated)
    expect(() => set.openOrders('u3')).toThrow(InvariantViolated)
    expect(() => set.couponIdOf('other')).toThrow(InvariantViolated)
  })
})

describe('the coupon of a code, within a group', () => {
  it('is the loaded one, or one that the group has created', () => {
    const found = working({ couponCodes: [{ code: 'spring', couponId: 'c9' }] })
    expect(found.couponIdOf('SPRING')).toBe('c9')
    const set = working()
    expect(set.couponIdOf('Spring')).toBeUndefined()
    set.apply([put('coupons', couponOf({ code: 'SprinG' }).row)])
    expect(set.couponIdOf('spring')).toBe('c1')
  })
})
