import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { presetNames, presets, resolvePolicies } from '../../src/index.js'
import { isPresetName } from '../../src/policies/presets.js'

const most = 10 ** 15
const events = [
  'order.paid',
  'order.failed',
  'order.cancelled',
  'order.expired',
  'order.partially-refunded',
  'order.refunded',
]
const popular = { days: 3, includeToday: true, size: 5, timeZone: 'Asia/Seoul' }

/** The table of POLICIES.md, repeated value by value, so that a preset cannot change unnoticed. */
const table = {
  standard: {
    wallet: { opens: 'on-first-charge', spend: 'bonus-first', refundedBonusDays: 0 },
    charge: { minimum: 1, maximum: 1_000_000, unit: 1, balanceLimit: 1_000_000 },
    catalog: { soldOut: 'shown', countViews: 'on-detail' },
    stock: { takenAt: 'order', shortage: 'refuse-order' },
    coupon: { consumedAt: 'order' },
    order: { checkout: 'order-then-pay', holdMinutes: 15, pendingPerUser: 20, balanceAtOrder: 'ignored' },
    payment: { onInsufficientBalance: 'keep-pending' },
    refund: { whenMinimumIsMissed: 'keep-discount' },
    ranking: { ...popular, tieBreakers: ['views', 'newest'], schedule: '*/15 * * * *' },
    events,
  },
  'hold-at-order': {
    wallet: { opens: 'on-first-charge', spend: 'bonus-first', refundedBonusDays: 0 },
    charge: { minimum: 1, maximum: most, unit: 1, balanceLimit: most },
    catalog: { soldOut: 'shown', countViews: 'never' },
    stock: { takenAt: 'order', shortage: 'refuse-order' },
    coupon: { consumedAt: 'order' },
    order: { checkout: 'order-then-pay', holdMinutes: 15, pendingPerUser: null, balanceAtOrder: 'ignored' },
    payment: { onInsufficientBalance: 'fail-order' },
    refund: { whenMinimumIsMissed: 'keep-discount' },
    ranking: { ...popular, tieBreakers: [], schedule: '0 0 * * *' },
    events,
  },
  'partial-orders': {
    wallet: { opens: 'on-first-charge', spend: 'bonus-first', refundedBonusDays: 0 },
    charge: { minimum: 1, maximum: most, unit: 1, balanceLimit: most },
    catalog: { soldOut: 'refused', countViews: 'never' },
    stock: { takenAt: 'order', shortage: 'drop-lines' },
    coupon: { consumedAt: 'order' },
    order: { checkout: 'order-and-pay', holdMinutes: 15, pendingPerUser: null, balanceAtOrder: 'ignored' },
    payment: { onInsufficientBalance: 'fail-order' },
    refund: { whenMinimumIsMissed: 'keep-discount' },
    ranking: { ...popular, tieBreakers: [], schedule: '0 0 * * *' },
    events,
  },
  'one-call': {
    wallet: { opens: 'by-registration', spend: 'bonus-first', refundedBonusDays: 0 },
    charge: { minimum: 1, maximum: most, unit: 1, balanceLimit: most },
    catalog: { soldOut: 'shown', countViews: 'never' },
    stock: { takenAt: 'order', shortage: 'refuse-order' },
    coupon: { consumedAt: 'order' },
    order: { checkout: 'order-and-pay', holdMinutes: 15, pendingPerUser: null, balanceAtOrder: 'ignored' },
    payment: { onInsufficientBalance: 'fail-order' },
    refund: { whenMinimumIsMissed: 'keep-discount' },
    ranking: { ...popular, tieBreakers: [], schedule: '* * * * *' },
    events,
  },
  'take-at-payment': {
    wallet: { opens: 'by-registration', spend: 'bonus-first', refundedBonusDays: 0 },
    charge: { minimum: 1_000, maximum: 500_000, unit: 1, balanceLimit: 1_000_000 },
    catalog: { soldOut: 'shown', countViews: 'on-both' },
    stock: { takenAt: 'payment', shortage: 'refuse-order' },
    coupon: { consumedAt: 'payment' },
    order: { checkout: 'order-then-pay', holdMinutes: 15, pendingPerUser: null, balanceAtOrder: 'ignored' },
    payment: { onInsufficientBalance: 'keep-pending' },
    refund: { whenMinimumIsMissed: 'keep-discount' },
    ranking: { ...popular, tieBreakers: ['views', 'newest'], schedule: '*/15 * * * *' },
    events,
  },
  'coupon-at-payment': {
    wallet: { opens: 'by-registration', spend: 'bonus-first', refundedBonusDays: 0 },
    charge: { minimum: 1_000, maximum: 500_000, unit: 1, balanceLimit: 1_000_000 },
    catalog: { soldOut: 'shown', countViews: 'never' },
    stock: { takenAt: 'order', shortage: 'refuse-order' },
    coupon: { consumedAt: 'payment' },
    order: { checkout: 'order-then-pay', holdMinutes: 15, pendingPerUser: null, balanceAtOrder: 'ignored' },
    payment: { onInsufficientBalance: 'keep-pending' },
    refund: { whenMinimumIsMissed: 'keep-discount' },
    ranking: { ...popular, includeToday: false, tieBreakers: [], schedule: '0 0 * * *' },
    events,
  },
} as const

describe('the presets', () => {
  it('are six, standard first', () => {
    expect(presetNames).toEqual(Object.keys(table))
  })

  it.each(presetNames)('%s equals its column of the table', (name) => {
    expect(presets[name]).toEqual(table[name])
    expect(resolvePolicies(name)).toEqual(table[name])
  })

  it('use standard by default', () => {
    expect(resolvePolicies()).toEqual(table.standard)
  })

  it('are accepted by name only', () => {
    expect(presetNames.every(isPresetName)).toBe(true)
    expect(['', 'Standard', 'toString', '__proto__', 'seed-000'].some(isPresetName)).toBe(false)
  })

  it('are data: no rule depends on the name of its preset', () => {
    const sources = [
      'commands/order/place-order',
      'commands/order/draft-order',
      'commands/payment/pay-order',
      'commands/payment/refund-order',
      'commands/payment/credit-refund',
      'commands/order/quote-order',
      'commands/wallet/charge-balance',
      'commands/wallet/grant-bonus',
      'commands/coupon/issue-coupon',
      'shop/products',
      'shop/coupons',
      'shop/orders',
    ]
    for (const source of sources) {
      const text = readFileSync(new URL(`../../src/${source}.ts`, import.meta.url), 'utf8')
      expect(
        presetNames.filter((name) => text.includes(`'${name}'`)),
        source,
      ).toEqual([])
    }
  })
})
