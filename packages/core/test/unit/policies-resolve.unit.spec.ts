import { describe, expect, it } from 'vitest'
import {
  type EventType,
  eventTypes,
  isPolicyError,
  PolicyError,
  type PolicyIssue,
  type PolicyOverrides,
  presets,
  resolvePolicies,
} from '../../src/index.js'

const issuesOf = (
  overrides: unknown,
  preset: Parameters<typeof resolvePolicies>[0] = 'standard',
): readonly PolicyIssue[] => {
  try {
    resolvePolicies(preset, overrides as PolicyOverrides)
  } catch (error) {
    if (error instanceof PolicyError) return error.issues
    throw error
  }
  return []
}

describe('overrides', () => {
  it('change what they name and keep the rest of the preset', () => {
    const policies = resolvePolicies('one-call', { order: { holdMinutes: 0.5 }, ranking: { tieBreakers: ['newest'] } })
    expect(policies).toEqual({
      ...presets['one-call'],
      order: { ...presets['one-call'].order, holdMinutes: 0.5 },
      ranking: { ...presets['one-call'].ranking, tieBreakers: ['newest'] },
    })
  })

  it('need an existing preset', () => {
    expect(issuesOf({}, 'standart' as never)).toEqual([
      { path: 'preset', reason: expect.stringContaining('must be one of standard, hold-at-order') },
    ])
  })

  it('do not change the preset itself', () => {
    const before = structuredClone(presets.standard)
    resolvePolicies('standard', { charge: { unit: 10 } })
    expect(presets.standard).toEqual(before)
  })

  it.each([
    ['wallet.opens', ['on-first-charge', 'by-registration']],
    ['wallet.spend', ['bonus-first', 'paid-first']],
    ['wallet.refundedBonusDays', [0, 1, 36_500]],
    ['charge.minimum', [1, 1_000_000]],
    ['charge.maximum', [1, 10 ** 15]],
    ['charge.unit', [1, 1_000]],
    ['charge.balanceLimit', [1, 10 ** 15]],
    ['catalog.soldOut', ['shown', 'refused']],
    ['catalog.countViews', ['on-detail', 'on-list', 'on-both', 'never']],
    ['stock.takenAt', ['order', 'payment']],
    ['stock.shortage', ['refuse-order', 'drop-lines']],
    ['coupon.consumedAt', ['order', 'payment']],
    ['order.checkout', ['order-then-pay', 'order-and-pay']],
    ['order.holdMinutes', [0.001, 15, 525_600]],
    ['order.pendingPerUser', [null, 1, 20]],
    ['order.balanceAtOrder', ['ignored', 'required']],
    ['payment.onInsufficientBalance', ['fail-order', 'keep-pending']],
    ['refund.whenMinimumIsMissed', ['keep-discount', 'withdraw-discount']],
    ['ranking.days', [1, 366]],
    ['ranking.includeToday', [true, false]],
    ['ranking.size', [1, 100]],
    ['ranking.tieBreakers', [[], ['views'], ['newest', 'views']]],
    ['ranking.timeZone', ['UTC', 'America/New_York', 'Asia/Seoul']],
    ['ranking.schedule', ['* * * * *', '0 0 * * *']],
  ] as const)('may set %s to each of %j', (path, values) => {
    const [group = '', name = ''] = path.split('.')
    for (const value of values) {
      const policies = resolvePolicies('standard', { [group]: { [name]: value } } as PolicyOverrides)
      expect((policies as unknown as Record<string, Record<string, unknown>>)[group]?.[name]).toEqual(value)
    }
  })

  it.each([
    ['wallet.opens', ['later', '', null, 1], 'must be one of on-first-charge, by-registration'],
    ['wallet.spend', ['oldest-first', null], 'must be one of bonus-first, paid-first'],
    ['wallet.refundedBonusDays', [-1, 0.5, 36_501, '0'], 'must be a whole number from 0 to 36500'],
    ['charge.minimum', [0, -1, 1.5, '1', 10 ** 15 + 1], 'must be a whole number from 1 to 1000000000000000'],
    ['charge.maximum', [0, Number.NaN], 'must be a whole number from 1 to 1000000000000000'],
    ['charge.unit', [0, true], 'must be a whole number from 1 to 1000000000000000'],
    ['charge.balanceLimit', [0, 2 ** 53], 'must be a whole number from 1 to 1000000000000000'],
    ['catalog.soldOut', ['hidden'], 'must be one of shown, refused'],
    ['catalog.countViews', [false], 'must be one of on-detail, on-list, on-both, never'],
    ['stock.takenAt', ['delivery'], 'must be one of order, payment'],
    ['stock.shortage', ['drop'], 'must be one of refuse-order, drop-lines'],
    ['coupon.consumedAt', ['never'], 'must be one of order, payment'],
    ['order.checkout', ['one-call'], 'must be one of order-then-pay, order-and-pay'],
    [
      'order.holdMinutes',
      [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 525_601, '15'],
      'must be above 0 and at most 525600 minutes',
    ],
    ['order.pendingPerUser', [0, -1, 1.5, '20', true], 'must be a whole number from 1, or null'],
    ['order.balanceAtOrder', ['reserved', null], 'must be one of ignored, required'],
    ['payment.onInsufficientBalance', ['fail'], 'must be one of fail-order, keep-pending'],
    ['refund.whenMinimumIsMissed', ['keep', true], 'must be one of keep-discount, withdraw-discount'],
    ['ranking.days', [0, 367, 1.5], 'must be a whole number from 1 to 366'],
    ['ranking.includeToday', ['yes', 1], 'must be true or false'],
    ['ranking.size', [0, 101], 'must be a whole number from 1 to 100'],
    [
      'ranking.tieBreakers',
      ['views', ['sales'], ['views', 'views'], null],
      'must be a list of views and newest, each at most once',
    ],
    ['ranking.timeZone', ['Mars/Olympus', '+09:00', '', 9, null], 'must be an IANA time zone, for example Asia/Seoul'],
    ['ranking.schedule', [15], 'must be a cron expression'],
    ['ranking.schedule', ['hourly'], 'must be a cron expression of five fields, or six with seconds'],
    ['ranking.schedule', ['61 * * * *'], 'has a wrong minute: 61'],
  ] as const)('may not set %s to any of %j, and the error says why', (path, values, reason) => {
    const [group = '', name = ''] = path.split('.')
    for (const value of values)
      expect(issuesOf({ [group]: { [name]: value } }), String(value)).toEqual([{ path, reason }])
  })

  it.each([
    ['order.paid', 'a text'],
    [['order.payed'], 'an unknown type'],
    [['order.paid', 'order.paid'], 'a type twice'],
    [[1], 'a number'],
    [null, 'nothing'],
  ] as const)('may not set events to %j: %s', (value, _) => {
    const reason = `must be a list, each at most once, of ${eventTypes.join(', ')}`
    expect(issuesOf({ events: value })).toEqual([{ path: 'events', reason }])
  })

  it('of events are complete: they replace those of the preset', () => {
    const events: readonly EventType[] = ['coupon.issued', 'wallet.charged']
    expect(resolvePolicies('one-call', { events })).toEqual({ ...resolvePolicies('one-call'), events })
    expect(resolvePolicies('one-call', { events: [] }).events).toEqual([])
  })

  it('may not name an unknown policy', () => {
    expect(issuesOf({ wallets: {} })).toEqual([
      {
        path: 'wallets',
        reason:
          'is not a policy; there are wallet, charge, catalog, stock, coupon, order, payment, refund, ranking, events',
      },
    ])
    expect(issuesOf({ order: { holdSeconds: 5 } })).toEqual([
      {
        path: 'order.holdSeconds',
        reason: 'is not a policy; there are checkout, holdMinutes, pendingPerUser, balanceAtOrder',
      },
    ])
    expect(issuesOf(JSON.parse('{"__proto__": {}, "order": {"constructor": 1}}')).map(({ path }) => path)).toEqual([
      '__proto__',
      'order.constructor',
    ])
  })

  it.each([[null], [[]], ['standard'], [7]])('may not be %j', (overrides) => {
    expect(issuesOf(overrides)).toEqual([{ path: 'policies', reason: 'must be an object' }])
  })

  it.each([[null], [[]], ['x'], [undefined]])('may not set a group to %j', (group) => {
    expect(issuesOf({ order: group })).toEqual([{ path: 'order', reason: 'must be an object' }])
  })

  it('report every error at once, as issues and in one line', () => {
    const overrides = { order: { holdMinutes: 0 }, ranking: { size: 0 } }
    expect(issuesOf(overrides).map(({ path }) => path)).toEqual(['order.holdMinutes', 'ranking.size'])
    expect(() => resolvePolicies('standard', overrides)).toThrow(
      /^order\.holdMinutes: must be above 0 and .+; ranking\.size: must be a whole number from 1 to 100$/,
    )
  })
})

describe('values that contradict each other', () => {
  const paths = (overrides: PolicyOverrides, preset?: Parameters<typeof resolvePolicies>[0]) =>
    issuesOf(overrides, preset).map(({ path }) => path)

  it('a smallest charge above the largest', () => {
    expect(issuesOf({ charge: { minimum: 11, maximum: 10 } })[0]).toEqual({
      path: 'charge.minimum',
      reason: 'must not be above charge.maximum (10)',
    })
    expect(paths({ charge: { minimum: 10, maximum: 10 } })).toEqual([])
  })

  it('a unit that leaves no valid amount', () => {
    expect(issuesOf({ charge: { minimum: 11, maximum: 19, unit: 10 } })).toEqual([
      { path: 'charge.unit', reason: 'leaves no amount between charge.minimum and charge.maximum' },
    ])
    expect(paths({ charge: { minimum: 11, maximum: 20, unit: 10 } })).toEqual([])
  })

  it('a balance limit below the smallest charge', () => {
    expect(issuesOf({ charge: { minimum: 100, balanceLimit: 99 } })).toEqual([
      { path: 'charge.balanceLimit', reason: 'must not be below charge.minimum (100)' },
    ])
    expect(paths({ charge: { minimum: 100, balanceLimit: 100 } })).toEqual([])
  })

  it('drop-lines although stock is taken at payment', () => {
    expect(issuesOf({ stock: { shortage: 'drop-lines', takenAt: 'payment' } })).toEqual([
      {
        path: 'stock.shortage',
        reason: 'drop-lines needs stock.takenAt order: lines leave an order only while it is placed',
      },
    ])
    expect(paths({ stock: { shortage: 'drop-lines', takenAt: 'order' } })).toEqual([])
  })

  it('are found even if the preset sets one and the override the other', () => {
    expect(paths({ stock: { shortage: 'drop-lines' } }, 'take-at-payment')).toEqual(['stock.shortage'])
    expect(paths({ charge: { maximum: 999 } }, 'take-at-payment')).toEqual(['charge.minimum', 'charge.unit'])
  })
})

describe('the error of invalid policies', () => {
  it('is recognised by its mark, so that two copies of the package understand each other', () => {
    const own = new PolicyError([])
    const foreign = Object.assign(new Error(), { [Symbol.for('@shop/core/PolicyError')]: true })
    expect([own, foreign].map(isPolicyError)).toEqual([true, true])
    expect([new Error('x'), {}, null, undefined, 'x'].map(isPolicyError)).toEqual([false, false, false, false, false])
    expect(own.name).toBe('PolicyError')
  })
})
