import { describe, expect, it } from 'vitest'
import { adjustDailySales, mergeKeys, put, removeHold, type SomeKeys } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { WorkingSet } from '../../src/engine/working-set.js'
import { InvariantViolated } from '../../src/shared/invariant.js'
import { keyText, type Loaded, lockOrder, noKeys, nothingChanged, nothingLoaded, rowKey } from '../../src/store.js'
import { countedIds, couponOf, defaultNow, holdOf, orderOf, productOf, walletOf } from '../../src/testing/index.js'
import { lotOf } from './bonus.js'

const unchanged = { inserted: [], updated: [], removed: [] }
const working = (keys: SomeKeys, loaded: Partial<Loaded> = {}) =>
  new WorkingSet(mergeKeys([keys]), { ...nothingLoaded(defaultNow), ...loaded }, countedIds('id'))
const seen = (orderId: string) => ({
  ...noOutlines,
  order: (id: string) => (id === orderId ? { orderId, userId: 'u1', couponId: null, productIds: ['p1'] } : undefined),
})
const wallet = walletOf({ balance: 5 }).row
const product = productOf({ held: 3 }).row

describe('what a decider may read', () => {
  it('is the rows that its keys name; any other read is a bug', () => {
    const { row: order } = orderOf()
    const looks: [string, (set: WorkingSet) => unknown][] = [
      ['wallets u1', (set) => set.wallet('u1')],
      ['users u1', (set) => set.userExists('u1')],
      ['products p1', (set) => set.product('p1')],
      ['coupons c1', (set) => set.coupon('c1')],
      ['terms c1', (set) => set.couponTerms('c1')],
      ['issuedCoupons c1 u1', (set) => set.issuedCoupon('c1', 'u1')],
      ['orders o1', (set) => set.holdsOf(order)],
      ['events e1', (set) => set.event('e1')],
      ['fences sweep', (set) => set.fence('sweep')],
      ['outcomes s k', (set) => set.outcome({ scope: 's', key: 'k' })],
      ['references r order u1', (set) => set.reference({ kind: 'order', owner: 'u1', reference: 'r' })],
      ['referencedEntries r charge', (set) => set.referencedEntry({ kind: 'charge', reference: 'r' })],
      ['openings u1', (set) => set.opening('u1')],
      ['sales UTC a b 5', (set) => set.sales({ timeZone: 'UTC', from: 'a', to: 'b', size: 5 })],
    ]
    for (const [name, look] of looks)
      expect(() => look(working({})), name).toThrow(
        new InvariantViolated(`${name} was looked at but is not among the keys`),
      )
  })

  it('is undefined for a missing row', () => {
    const set = working({ lock: { wallets: ['u1'], products: ['p1'] }, read: { users: ['u2'], terms: ['c1'] } })
    expect([set.wallet('u1'), set.userExists('u1'), set.userExists('u2')]).toEqual([undefined, false, false])
    expect([set.product('p1'), set.couponTerms('c1')]).toEqual([undefined, undefined])
  })

  it('includes an order only for the command whose prefetch found it', () => {
    const set = working({ lock: { orders: ['o1'] } }, { orders: [orderOf().row] })
    expect(set.order('o1')).toBeUndefined()
    set.showOrders(seen('o1'))
    expect(set.order('o1')).toEqual(orderOf().row)
    set.showOrders(seen('o2'))
    expect(set.order('o1')).toBeUndefined()
    expect(() => set.order('o2')).toThrow('orders o2 was looked at but is not among the keys')
  })

  it('includes whether a user exists, from the wallet or without it', () => {
    expect(working({ lock: { wallets: ['u1'] } }, { wallets: [wallet] }).userExists('u1')).toBe(true)
    expect(working({ read: { users: ['u1'] } }, { users: ['u1'] }).userExists('u1')).toBe(true)
  })

  it('includes the terms of a coupon from the locked coupon if it is locked', () => {
    const stale = couponOf({ name: 'stale' }).row
    const set = working(
      { lock: { coupons: ['c1'] }, read: { terms: ['c1'] } },
      { coupons: [couponOf().row], terms: [stale] },
    )
    expect(set.couponTerms('c1')?.name).toBe('Coupon c1')
    expect(working({ read: { terms: ['c1'] } }, { terms: [stale] }).couponTerms('c1')?.name).toBe('stale')
  })

  it('includes sales under their own key', () => {
    const key = { timeZone: 'UTC', from: '2025-01-01', to: '2025-01-03', size: 5 }
    const other = { ...key, size: 6 }
    const candidate = { productId: 'p1', name: 'Mug', price: 100, sold: 1, views: 0, createdAt: 0 }
    const set = working({ read: { sales: [key, other] } }, { sales: [[], [candidate]] })
    expect([set.sales(key), set.sales(other)]).toEqual([[], [candidate]])
  })
})

describe('changes on top of the loaded rows', () => {
  it('are visible to later commands', () => {
    const set = working({ lock: { wallets: ['u1'] }, read: { users: [] } }, { wallets: [] })
    expect(set.userExists('u1')).toBe(false)
    set.apply([put('wallets', wallet)])
    expect(set.wallet('u1')).toBe(wallet)
    expect(set.userExists('u1')).toBe(true)
  })

  it('are inserts for new rows and updates for existing rows, each row once', () => {
    const set = working({ lock: { wallets: ['u1', 'u2'] } }, { wallets: [wallet] })
    set.apply([put('wallets', { ...wallet, balance: 6 })])
    set.apply([put('wallets', { ...wallet, balance: 7 }), put('wallets', walletOf({ userId: 'u2' }).row)])
    expect(set.changes().wallets).toEqual({
      inserted: [walletOf({ userId: 'u2' }).row],
      updated: [{ ...wallet, balance: 7 }],
      removed: [],
    })
    expect(set.changes().products).toEqual(unchanged)
  })

  it('are in the order of their keys', () => {
    const set = working({ lock: { wallets: ['a', 'b', 'c'] } })
    set.apply(['c', 'a', 'b'].map((userId) => put('wallets', walletOf({ userId }).row)))
    expect(set.changes().wallets.inserted.map(({ userId }) => userId)).toEqual(['a', 'b', 'c'])
  })

  it('contain no hold that was added and removed in the same group', () => {
    const { row: hold } = holdOf()
    const set = working({ lock: { products: ['p1'] } }, { products: [product] })
    set.apply([put('holds', hold)])
    set.apply([removeHold(hold)])
    expect(set.changes().holds).toEqual(unchanged)
  })

  it('remove a loaded hold', () => {
    const { row: hold } = holdOf()
    const set = working({ lock: { orders: ['o1'], products: ['p1'] } }, { holds: [hold], products: [product] })
    expect(set.holdsOf(orderOf().row)).toEqual([hold])
    set.apply([removeHold(hold)])
    expect(set.holdsOf(orderOf().row)).toEqual([])
    expect(set.changes().holds).toEqual({ ...unchanged, removed: [hold] })
  })

  it('sum the sales per zone, day and product, and omit sums of 0', () => {
    const sale = (productId: string, quantity: number, day = '2025-06-15') =>
      adjustDailySales({ timeZone: 'UTC', day, productId, quantity })
    const set = working({})
    set.apply([sale('p2', 2), sale('p1', 1), sale('p1', 4, '2025-06-14')])
    set.apply([sale('p1', 2), sale('p2', -2)])
    expect(set.changes().sales).toEqual([
      { timeZone: 'UTC', day: '2025-06-14', productId: 'p1', quantity: 4 },
      { timeZone: 'UTC', day: '2025-06-15', productId: 'p1', quantity: 3 },
    ])
  })

  it.each([
    ['a negative balance', put('wallets', { ...wallet, balance: -1 })],
    ['a balance beyond the exact integers', put('wallets', { ...wallet, balance: 2 ** 53 })],
    ['more units held than the stock', put('products', { ...product, held: 11 })],
    ['a negative number of held units', put('products', { ...product, held: -1 })],
    ['more copies than the quantity', put('coupons', couponOf({ issued: 11 }).row)],
    ['a negative number of copies', put('coupons', couponOf({ issued: -1 }).row)],
  ])('are applied all or none: %s is a bug', (_, broken) => {
    const set = working({ lock: { wallets: ['u1'] } }, { wallets: [wallet] })
    expect(() => set.apply([put('wallets', { ...wallet, balance: 6 }), broken])).toThrow(InvariantViolated)
    expect(set.wallet('u1')).toBe(wallet)
    expect(set.changes().wallets).toEqual(unchanged)
  })
})

describe('holds whose deadline has passed', () => {
  const due = holdOf({ quantity: 2, expiresAt: defaultNow }).row
  const live = holdOf({ orderId: 'o2', quantity: 1, expiresAt: defaultNow + 1 }).row

  it('are released before the first decision; other holds are not', () => {
    const set = working({ lock: { products: ['p1'], orders: ['o2'] } }, { products: [product], holds: [due, live] })
    expect(set.product('p1')?.held).toBe(1)
    expect(set.holdsOf(orderOf({ orderId: 'o2' }).row)).toEqual([live])
    expect(set.changes().products).toEqual({ ...unchanged, updated: [{ ...product, held: 1 }] })
    expect(set.changes().holds).toEqual({ ...unchanged, removed: [due] })
  })

  it('stay if their product is not locked', () => {
    const set = working({ lock: { orders: ['o1'] } }, { holds: [due] })
    expect(set.changes().holds).toEqual(unchanged)
  })
})

describe('lots that have ended', () => {
  const ended = lotOf({ amount: 2, expiresAt: defaultNow, sequence: 1 })
  const live = lotOf({ lotId: 'l2', amount: 3, expiresAt: defaultNow + 1, sequence: 2 })
  const row = walletOf({ balance: 9, entries: 4, lots: [ended, live] }).row

  it('expire before the first decision, each at its end', () => {
    const set = working({ lock: { wallets: ['u1'] } }, { now: defaultNow, wallets: [row] })
    const after = { ...row, balance: 7, entries: 5, lots: [live] }
    expect(set.wallet('u1')).toEqual(after)
    expect(set.changes().wallets).toEqual({ ...unchanged, updated: [after] })
    expect(set.changes().entries.inserted).toMatchObject([{ sequence: 5, kind: 'expiry', amount: -2, at: defaultNow }])
  })

  it('cost a wallet without them nothing: no id is made, and nothing changes', () => {
    const noId = () => {
      throw new Error('an id was made')
    }
    const lists = [null, [live]] as const
    for (const lots of lists) {
      const loaded = { ...nothingLoaded(defaultNow), wallets: [{ ...row, lots }] }
      const set = new WorkingSet(mergeKeys([{ lock: { wallets: ['u1'] } }]), loaded, noId)
      expect(set.wallet('u1')).toBe(loaded.wallets[0])
      expect(set.changes()).toEqual(nothingChanged)
    }
  })
})

describe('the keys of several commands', () => {
  it('become one sorted list each, without duplicates', () => {
    const merged = mergeKeys([
      { lock: { wallets: ['b', 'a'], issuedCoupons: [{ couponId: 'c', userId: 'b' }] } },
      {
        lock: {
          wallets: ['a', 'B'],
          issuedCoupons: [
            { couponId: 'c', userId: 'a' },
            { couponId: 'c', userId: 'b' },
          ],
        },
      },
      {},
    ])
    expect(merged).toEqual({
      ...noKeys,
      lock: {
        ...noKeys.lock,
        wallets: ['B', 'a', 'b'],
        issuedCoupons: [
          { couponId: 'c', userId: 'a' },
          { couponId: 'c', userId: 'b' },
        ],
      },
    })
  })

  it('are empty without commands', () => {
    expect(mergeKeys([])).toEqual(noKeys)
  })

  it('have distinct texts', () => {
    expect(keyText.issuedCoupons({ couponId: 'c1', userId: 'u1' })).toBe('c1 u1')
    expect(rowKey.holds(holdOf().row)).toBe('o1 p1')
    expect(keyText.outcomes({ scope: 'u1', key: 'k' })).toBe('u1 k')
    expect(keyText.referencedEntries({ kind: 'charge', reference: 'r' })).toBe('r charge')
    expect(keyText.references({ kind: 'order', owner: 'u1', reference: 'r' })).toBe('r order u1')
    expect(keyText.wallets('x')).toBe('x')
  })

  it('are locked in one order, products last, so that no two transactions deadlock', () => {
    expect(lockOrder).toEqual([
      'fences',
      'rankings',
      'historyLosses',
      'events',
      'orders',
      'wallets',
      'coupons',
      'issuedCoupons',
      'products',
    ])
    expect(lockOrder.every((name) => name in noKeys.lock)).toBe(true)
  })
})
