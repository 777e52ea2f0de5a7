import { describe, expect, it } from 'vitest'
import { presetNames, presets } from '../../src/index.js'
import { couponOf, defaultNow, entryOf, issuedCouponOf, orderOf, walletOf } from '../../src/testing/index.js'
import { inOneHour, lotOf, walletWith } from './bonus.js'
import { finding, reading, refused } from './finding.js'

const byRegistration = presetNames.filter((name) => presets[name].wallet.opens === 'by-registration')
const onFirstCharge = presetNames.filter((name) => presets[name].wallet.opens === 'on-first-charge')
const issued = { issued: issuedCouponOf().row, coupon: couponOf().row }

describe('reading a balance', () => {
  it.each(presetNames)('returns user and balance (%s)', async (preset) => {
    const { reads } = finding(
      { wallet: async () => ({ now: defaultNow, found: walletOf({ balance: 70 }).row }) },
      preset,
    )
    expect(await reads.balance.get({ userId: 'u1' })).toEqual({ userId: 'u1', balance: 70 })
  })

  it('returns it by the clock of the store: without the lots that have ended at that time', async () => {
    const found = walletWith(70, [lotOf({ expiresAt: inOneHour }), lotOf({ lotId: 'l2', amount: 5, sequence: 2 })]).row
    const at = async (now: number) =>
      finding({ wallet: async () => ({ now, found }) }).reads.balance.get({ userId: 'u1' })
    expect(await at(inOneHour - 1)).toMatchObject({ balance: 175, withdrawable: 70, bonus: [{ lotId: 'l1' }, {}] })
    expect(await at(inOneHour)).toEqual({
      userId: 'u1',
      balance: 75,
      withdrawable: 70,
      bonus: [{ lotId: 'l2', amount: 5, expiresAt: null }],
    })
  })

  it.each(presetNames)('refuses a user without a wallet (%s)', async (preset) => {
    const { reads } = finding({}, preset)
    expect(await refused(reads.balance.get({ userId: 'u9' }))).toEqual({ code: 'USER_NOT_FOUND', userId: 'u9' })
    expect(await refused(reads.balance.history({ userId: 'u9', limit: 5 }))).toEqual({
      code: 'USER_NOT_FOUND',
      userId: 'u9',
    })
  })

  it('returns the empty history of a registered user', async () => {
    const { reads } = finding({ wallet: async () => ({ now: defaultNow, found: walletOf().row }) })
    expect(await reads.balance.history({ userId: 'u1', limit: 5 })).toEqual({ items: [], next: null })
  })

  it('returns one page of the history, and the start of the next', async () => {
    const entry = (sequence: number) => entryOf({ entryId: `e${sequence}`, sequence }).row
    const { reads } = finding({ entries: async ({ limit }) => [5, 4, 3].map(entry).slice(0, limit) })
    expect(await reads.balance.history({ userId: 'u1', limit: 2 })).toMatchObject({
      items: [{ entryId: 'e5' }, { entryId: 'e4' }],
      next: 4,
    })
    expect(await reads.balance.history({ userId: 'u1', limit: 3 })).toMatchObject({
      items: [{}, {}, { entryId: 'e3' }],
      next: null,
    })
  })
})

describe('reading a user’s data', () => {
  const order = orderOf({ status: 'paid', paymentId: 'pay1' }).row
  const bought = finding({
    order: async () => ({ now: defaultNow, found: order }),
    payment: async () => ({ now: defaultNow, found: { order, balance: 70 } }),
  }).reads

  it.each(byRegistration)('refuses the coupons and orders of an unknown user (%s)', async (preset) => {
    const { reads } = finding({}, preset)
    const refusal = { code: 'USER_NOT_FOUND', userId: 'u9' }
    expect(await refused(reads.coupons.ofUser({ userId: 'u9', limit: 5 }))).toEqual(refusal)
    expect(await refused(reads.orders.list({ userId: 'u9', limit: 5 }))).toEqual(refusal)
  })

  it.each(onFirstCharge)('returns empty lists to a user who never charged (%s)', async (preset) => {
    const { reads } = finding({}, preset)
    expect(await reads.coupons.ofUser({ userId: 'u9', limit: 5 })).toEqual({ items: [], next: null })
    expect(await reads.orders.list({ userId: 'u9', limit: 5 })).toEqual({ items: [], next: null })
  })

  it('returns the coupons with their status, page by page', async () => {
    const { reads } = finding({
      couponsOf: async ({ limit }) => ({ now: defaultNow, found: [issued, issued].slice(0, limit) }),
    })
    const page = await reads.coupons.ofUser({ userId: 'u1', limit: 1 })
    expect(page).toMatchObject({ items: [{ couponId: 'c1', status: 'issued', usedByOrderId: null }] })
    expect(page.next).toEqual({ at: issued.issued.issuedAt, id: 'c1' })
  })

  it('refuses another user’s order and payment as unknown', async () => {
    expect(await refused(bought.orders.get({ orderId: 'o1', userId: 'u2' }))).toEqual({
      code: 'ORDER_NOT_FOUND',
      orderId: 'o1',
    })
    expect(await refused(bought.payments.get({ paymentId: 'pay1', userId: 'u2' }))).toEqual({
      code: 'PAYMENT_NOT_FOUND',
      paymentId: 'pay1',
    })
    expect(await refused(finding({}).reads.payments.get({ paymentId: 'pay9' }))).toMatchObject({
      code: 'PAYMENT_NOT_FOUND',
    })
    expect(await refused(finding({}).reads.orders.get({ orderId: 'o9' }))).toMatchObject({ code: 'ORDER_NOT_FOUND' })
  })

  it('returns them to their owner, and to a caller without a user', async () => {
    for (const userId of ['u1', undefined]) {
      expect(await bought.orders.get({ orderId: 'o1', userId })).toMatchObject({ orderId: 'o1', status: 'paid' })
      expect(await bought.payments.get({ paymentId: 'pay1', userId })).toMatchObject({
        paymentId: 'pay1',
        amount: 1_000,
        balance: 70,
        order: { orderId: 'o1' },
      })
    }
  })

  it('returns an overdue pending order as expired before any sweep', async () => {
    const { row } = orderOf()
    const { reads } = finding({ order: async () => ({ now: row.expiresAt ?? 0, found: row }) })
    expect(await reads.orders.get({ orderId: 'o1' })).toMatchObject({
      status: 'expired',
      expiresAt: '2025-06-15T03:15:00.000Z',
    })
  })
})

describe('reading the popular products', () => {
  const ranked = [7, 6, 5, 4, 3, 2].map((units, index) => ({ productId: `p${index}`, sold: units, views: 0 }))
  const products = ranked.map(({ productId }) => reading({ productId }))
  const ranking = { name: 'popular' as const, products: ranked, from: 'a', to: 'b', asOf: defaultNow }
  const { reads } = finding({ ranking: async () => ({ now: defaultNow, found: { ranking, products } }) })

  it('returns at most as many as the policy says, or fewer on request', async () => {
    expect((await reads.products.top()).products).toHaveLength(5)
    expect((await reads.products.top({ limit: 100 })).products).toHaveLength(5)
    expect((await reads.products.top({ limit: 2 })).products.map(({ rank }) => rank)).toEqual([1, 2])
  })

  it('returns an empty list before the first computation, with the current window', async () => {
    expect(await finding({}).reads.products.top()).toEqual({
      products: [],
      from: '2025-06-13',
      to: '2025-06-15',
      asOf: null,
    })
  })
})
