import { isTimeZone } from '../shared/calendar.js'
import { boolean, type Check, integer } from '../shared/check.js'
import { maxBalanceLimit } from '../shared/limits.js'
import { cronProblem } from './cron.js'
import { eventTypes } from './event-types.js'
import type { Policies, PolicyOverrides } from './policies.js'
import { isPresetName, type PresetName, presetNames, presets } from './presets.js'

/** One invalid policy. */
export interface PolicyIssue {
  /** The policy, for example `charge.minimum`. */
  readonly path: string
  /** What is wrong with it, in English. */
  readonly reason: string
}

/** A registered symbol, so that all copies of the package share it. */
const brand = Symbol.for('@shop/core/PolicyError')

/** Invalid policies: every issue with its path and its reason. */
export class PolicyError extends Error {
  /** The same for every such error. */
  override readonly name = 'PolicyError'
  /** Tells it from other errors, also between two copies of the package. */
  readonly [brand] = true
  /** Every issue. */
  readonly issues: readonly PolicyIssue[]

  /** Makes the error from these issues. */
  constructor(issues: readonly PolicyIssue[]) {
    super(issues.map(({ path, reason }) => `${path}: ${reason}`).join('; '))
    this.issues = issues
  }
}

/** Whether this error is a {@link PolicyError} of any copy of the package. */
export const isPolicyError = (error: unknown): error is PolicyError =>
  typeof error === 'object' && error !== null && brand in error

const oneOf =
  (...allowed: string[]): Check =>
  (value) =>
    allowed.includes(value as string) ? undefined : `must be one of ${allowed.join(', ')}`

const minutes: Check = (value) =>
  typeof value === 'number' && value > 0 && value <= 525_600 ? undefined : 'must be above 0 and at most 525600 minutes'

const tieBreakers: Check = (value) =>
  Array.isArray(value) &&
  value.every((each) => each === 'views' || each === 'newest') &&
  new Set(value).size === value.length
    ? undefined
    : 'must be a list of views and newest, each at most once'

const timeZone: Check = (value) =>
  typeof value === 'string' && isTimeZone(value) ? undefined : 'must be an IANA time zone, for example Asia/Seoul'

const cron: Check = (value) => (typeof value === 'string' ? cronProblem(value) : 'must be a cron expression')

const events: Check = (value) =>
  Array.isArray(value) && value.every((each) => eventTypes.includes(each)) && new Set(value).size === value.length
    ? undefined
    : `must be a list, each at most once, of ${eventTypes.join(', ')}`

/** The policies that come in groups. */
type Group = Exclude<keyof Policies, 'events'>

const rules: { [G in Group]: { [Name in keyof Policies[G]]: Check } } = {
  wallet: {
    opens: oneOf('on-first-charge', 'by-registration'),
    spend: oneOf('bonus-first', 'paid-first'),
    refundedBonusDays: integer(0, 36_500),
  },
  charge: {
    minimum: integer(1, maxBalanceLimit),
    maximum: integer(1, maxBalanceLimit),
    unit: integer(1, maxBalanceLimit),
    balanceLimit: integer(1, maxBalanceLimit),
  },
  catalog: {
    soldOut: oneOf('shown', 'refused'),
    countViews: oneOf('on-detail', 'on-list', 'on-both', 'never'),
  },
  stock: { takenAt: oneOf('order', 'payment'), shortage: oneOf('refuse-order', 'drop-lines') },
  coupon: { consumedAt: oneOf('order', 'payment') },
  order: {
    checkout: oneOf('order-then-pay', 'order-and-pay'),
    holdMinutes: minutes,
    pendingPerUser: (value) =>
      value === null || integer(1)(value) === undefined ? undefined : 'must be a whole number from 1, or null',
    balanceAtOrder: oneOf('ignored', 'required'),
  },
  payment: { onInsufficientBalance: oneOf('fail-order', 'keep-pending') },
  refund: { whenMinimumIsMissed: oneOf('keep-discount', 'withdraw-discount') },
  ranking: {
    days: integer(1, 366),
    includeToday: boolean,
    size: integer(1, 100),
    tieBreakers,
    timeZone,
    schedule: cron,
  },
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The issues of each value by itself. */
const valueIssues = (overrides: unknown): PolicyIssue[] => {
  if (!isObject(overrides)) return [{ path: 'policies', reason: 'must be an object' }]
  return Object.entries(overrides).flatMap(([group, values]) => {
    if (group === 'events') {
      const reason = events(values)
      return reason ? [{ path: group, reason }] : []
    }
    if (!Object.hasOwn(rules, group)) {
      return [{ path: group, reason: `is not a policy; there are ${[...Object.keys(rules), 'events'].join(', ')}` }]
    }
    if (!isObject(values)) return [{ path: group, reason: 'must be an object' }]
    const known = rules[group as Group] as Record<string, Check>
    return Object.entries(values).flatMap(([name, value]) => {
      const rule = Object.hasOwn(known, name) ? known[name] : undefined
      const reason = rule ? rule(value) : `is not a policy; there are ${Object.keys(known).join(', ')}`
      return reason ? [{ path: `${group}.${name}`, reason }] : []
    })
  })
}

/** The issues of values that are each legal but contradict each other. */
const combinationIssues = ({ charge, stock }: Policies): PolicyIssue[] => {
  const issues: PolicyIssue[] = []
  if (charge.minimum > charge.maximum) {
    issues.push({ path: 'charge.minimum', reason: `must not be above charge.maximum (${charge.maximum})` })
  }
  if (Math.floor(charge.maximum / charge.unit) * charge.unit < charge.minimum) {
    issues.push({ path: 'charge.unit', reason: 'leaves no amount between charge.minimum and charge.maximum' })
  }
  if (charge.minimum > charge.balanceLimit) {
    issues.push({ path: 'charge.balanceLimit', reason: `must not be below charge.minimum (${charge.minimum})` })
  }
  if (stock.shortage === 'drop-lines' && stock.takenAt === 'payment') {
    issues.push({
      path: 'stock.shortage',
      reason: 'drop-lines needs stock.takenAt order: lines leave an order only while it is placed',
    })
  }
  return issues
}

/**
 * The policies of a preset, with `overrides` applied and checked.
 * @throws PolicyError with the path and the reason of every issue
 */
export const resolvePolicies = (preset: PresetName = 'standard', overrides: PolicyOverrides = {}): Policies => {
  if (!isPresetName(preset)) {
    throw new PolicyError([{ path: 'preset', reason: `must be one of ${presetNames.join(', ')}` }])
  }
  const issues = valueIssues(overrides)
  if (issues.length > 0) throw new PolicyError(issues)
  const { events: usual, ...base }: Policies = presets[preset]
  const groups = Object.fromEntries(
    Object.entries(base).map(([group, values]) => [group, { ...values, ...overrides[group as Group] }]),
  ) as unknown as Omit<Policies, 'events'>
  const merged: Policies = { ...groups, events: overrides.events ?? usual }
  const conflicts = combinationIssues(merged)
  if (conflicts.length > 0) throw new PolicyError(conflicts)
  return merged
}
