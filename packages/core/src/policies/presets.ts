import { maxBalanceLimit } from '../shared/limits.js'
import { defaultEventTypes as events } from './event-types.js'
import type { Policies } from './policies.js'

const noLimit = { minimum: 1, maximum: maxBalanceLimit, unit: 1, balanceLimit: maxBalanceLimit }
const seedLimit = { minimum: 1_000, maximum: 500_000, unit: 1, balanceLimit: 1_000_000 }
const bonus = { spend: 'bonus-first', refundedBonusDays: 0 } as const
const refund = { whenMinimumIsMissed: 'keep-discount' } as const
const ranking = { days: 3, includeToday: true, size: 5, timeZone: 'Asia/Seoul' }
const order = { holdMinutes: 15, pendingPerUser: null, balanceAtOrder: 'ignored' } as const
const everyQuarter = '*/15 * * * *'
const everyMidnight = '0 0 * * *'

/** Ready-made policies. `standard` is the recommended one. */
export const presets = {
  /**
   * The recommended policies. Orders hold stock and coupon for 15 minutes; a second call pays them. A user has at most 20
   * open orders.
   */
  standard: {
    wallet: { opens: 'on-first-charge', ...bonus },
    charge: { minimum: 1, maximum: 1_000_000, unit: 1, balanceLimit: 1_000_000 },
    catalog: { soldOut: 'shown', countViews: 'on-detail' },
    stock: { takenAt: 'order', shortage: 'refuse-order' },
    coupon: { consumedAt: 'order' },
    order: { checkout: 'order-then-pay', ...order, pendingPerUser: 20 },
    payment: { onInsufficientBalance: 'keep-pending' },
    refund,
    ranking: { ...ranking, tieBreakers: ['views', 'newest'], schedule: everyQuarter },
    events,
  },
  /** As `standard`, without limits on charging and on open orders. An order fails if the balance is insufficient. */
  'hold-at-order': {
    wallet: { opens: 'on-first-charge', ...bonus },
    charge: noLimit,
    catalog: { soldOut: 'shown', countViews: 'never' },
    stock: { takenAt: 'order', shortage: 'refuse-order' },
    coupon: { consumedAt: 'order' },
    order: { checkout: 'order-then-pay', ...order },
    payment: { onInsufficientBalance: 'fail-order' },
    refund,
    ranking: { ...ranking, tieBreakers: [], schedule: everyMidnight },
    events,
  },
  /** One call orders and pays. Lines that exceed the stock are dropped. */
  'partial-orders': {
    wallet: { opens: 'on-first-charge', ...bonus },
    charge: noLimit,
    catalog: { soldOut: 'refused', countViews: 'never' },
    stock: { takenAt: 'order', shortage: 'drop-lines' },
    coupon: { consumedAt: 'order' },
    order: { checkout: 'order-and-pay', ...order },
    payment: { onInsufficientBalance: 'fail-order' },
    refund,
    ranking: { ...ranking, tieBreakers: [], schedule: everyMidnight },
    events,
  },
  /** One call orders and pays. Users register first. */
  'one-call': {
    wallet: { opens: 'by-registration', ...bonus },
    charge: noLimit,
    catalog: { soldOut: 'shown', countViews: 'never' },
    stock: { takenAt: 'order', shortage: 'refuse-order' },
    coupon: { consumedAt: 'order' },
    order: { checkout: 'order-and-pay', ...order },
    payment: { onInsufficientBalance: 'fail-order' },
    refund,
    ranking: { ...ranking, tieBreakers: [], schedule: '* * * * *' },
    events,
  },
  /** Payment takes stock and coupon. Users register first. */
  'take-at-payment': {
    wallet: { opens: 'by-registration', ...bonus },
    charge: seedLimit,
    catalog: { soldOut: 'shown', countViews: 'on-both' },
    stock: { takenAt: 'payment', shortage: 'refuse-order' },
    coupon: { consumedAt: 'payment' },
    order: { checkout: 'order-then-pay', ...order },
    payment: { onInsufficientBalance: 'keep-pending' },
    refund,
    ranking: { ...ranking, tieBreakers: ['views', 'newest'], schedule: everyQuarter },
    events,
  },
  /** Orders hold stock; payment uses the coupon. Users register first. */
  'coupon-at-payment': {
    wallet: { opens: 'by-registration', ...bonus },
    charge: seedLimit,
    catalog: { soldOut: 'shown', countViews: 'never' },
    stock: { takenAt: 'order', shortage: 'refuse-order' },
    coupon: { consumedAt: 'payment' },
    order: { checkout: 'order-then-pay', ...order },
    payment: { onInsufficientBalance: 'keep-pending' },
    refund,
    ranking: { ...ranking, includeToday: false, tieBreakers: [], schedule: everyMidnight },
    events,
  },
} as const satisfies Record<string, Policies>

/** The name of a preset. */
export type PresetName = keyof typeof presets

/** The name of every preset. */
export const presetNames = Object.keys(presets) as readonly PresetName[]

/** Whether this is the name of a preset. */
export const isPresetName = (name: string): name is PresetName => Object.hasOwn(presets, name)
