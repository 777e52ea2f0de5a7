import * as fc from 'fast-check'
import type { Discount } from '../model/discount.js'
import { defaultEventTypes, eventTypes } from '../policies/event-types.js'
import type { Policies } from '../policies/policies.js'
import { presets } from '../policies/presets.js'
import { grantSteps } from './money-arbitraries.js'
import { goodTerms } from './selling-arbitraries.js'
import { commandSteps, type StepsOptions } from './step-arbitraries.js'
import { describeHistory, type History, type Step, startOfHistory } from './steps.js'
import { type FaultScript, faults } from './store-wrappers.js'

const charges: readonly Policies['charge'][] = [
  { minimum: 1, maximum: 1_000_000, unit: 1, balanceLimit: 1_000_000 },
  { minimum: 1_000, maximum: 500_000, unit: 1, balanceLimit: 1_000_000 },
  { minimum: 10, maximum: 2_000, unit: 10, balanceLimit: 5_000 },
  { minimum: 1, maximum: 1_000, unit: 1, balanceLimit: 1_000 },
  { minimum: 1, maximum: 10 ** 15, unit: 1, balanceLimit: 10 ** 15 },
]

/** The usual types of events, all of them, or any. */
const events = (): fc.Arbitrary<Policies['events']> =>
  fc.oneof(fc.constant(defaultEventTypes), fc.constant(eventTypes), fc.subarray([...eventTypes]))

const combined: fc.Arbitrary<Policies> = fc.record({
  wallet: fc.record({
    opens: fc.constantFrom('on-first-charge', 'by-registration'),
    spend: fc.constantFrom('bonus-first', 'paid-first'),
    refundedBonusDays: fc.constantFrom(0, 0, 1),
  }),
  charge: fc.constantFrom(...charges),
  catalog: fc.record({
    soldOut: fc.constantFrom('shown', 'refused'),
    countViews: fc.constantFrom('on-detail', 'on-list', 'on-both', 'never'),
  }),
  stock: fc.constantFrom<Policies['stock']>(
    { takenAt: 'order', shortage: 'refuse-order' },
    { takenAt: 'order', shortage: 'drop-lines' },
    { takenAt: 'payment', shortage: 'refuse-order' },
  ),
  coupon: fc.record({ consumedAt: fc.constantFrom('order', 'payment') }),
  order: fc.record({
    checkout: fc.constantFrom('order-then-pay', 'order-then-pay', 'order-and-pay'),
    holdMinutes: fc.constantFrom(15, 0.5, 1, 1e-9),
    pendingPerUser: fc.constantFrom(null, null, null, 1, 2, 3, 20),
    balanceAtOrder: fc.constantFrom('ignored', 'ignored', 'ignored', 'required'),
  }),
  payment: fc.record({ onInsufficientBalance: fc.constantFrom('fail-order', 'keep-pending') }),
  refund: fc.record({
    whenMinimumIsMissed: fc.constantFrom('withdraw-discount', 'keep-discount', 'withdraw-discount'),
  }),
  ranking: fc.record({
    days: fc.integer({ min: 1, max: 3 }),
    includeToday: fc.boolean(),
    size: fc.integer({ min: 1, max: 5 }),
    tieBreakers: fc.shuffledSubarray<'views' | 'newest'>(['views', 'newest']),
    timeZone: fc.constantFrom('Asia/Seoul', 'UTC', 'America/New_York', 'Pacific/Apia'),
    schedule: fc.constant('*/15 * * * *'),
  }),
  events: events(),
})

/** Every legal combination of policies, including the presets. */
const anyPolicies = (): fc.Arbitrary<Policies> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom<Policies>(...Object.values(presets)) },
    { weight: 2, arbitrary: combined },
  )

/** Which histories are drawn. */
export interface HistoriesOptions extends Pick<StepsOptions, 'only'> {
  /**
   * How many branches run at once.
   * @default 1
   */
  readonly branches?: number
  /** The largest number of steps in each branch. */
  readonly steps?: number
  /**
   * The rules of the shops.
   * @default any policies
   */
  readonly policies?: fc.Arbitrary<Policies>
}

const goodCoupons = fc.record({
  name: fc.constant('Welcome'),
  discount: fc.constantFrom<Discount>(
    { kind: 'fixed', amount: 100 },
    { kind: 'fixed', amount: 1_000_000 },
    { kind: 'percentage', percent: 33 },
    { kind: 'percentage', percent: 50, maximum: 100 },
  ),
  quantity: fc.constantFrom(1, 3, 3, 3),
  validUntil: fc.constantFrom(15 * 60_000, 30 * 86_400_000).map((after) => startOfHistory + after),
  minimumOrderAmount: fc.constantFrom(undefined, undefined, 100, 300, 1_000, 2_000),
  productIds: fc.constantFrom(...Array<undefined>(5).fill(undefined), ['p1'], ['p1', 'p2']),
})

const firstUnitBack: Step = { do: 'orders.refund', input: { order: 0, lines: [{ line: 0, quantity: 1 }] } }

/** An order, most often with a copy of its user, and most often paid; sometimes it is cancelled, or one unit is refunded. */
const placedOrders = (copies: readonly (readonly [userId: string, couponId: string])[]): fc.Arbitrary<Step[]> =>
  fc
    .record({
      copy: fc.constantFrom(...copies, ['u1', null], ['u2', null]),
      products: fc.array(
        fc.record({ productId: fc.constantFrom('p1', 'p2', 'p3'), quantity: fc.constantFrom(1, 2, 3, 3) }),
        { minLength: 1, maxLength: 3 },
      ),
      goes: fc.constantFrom('unpaid', 'cancelled', 'paid', 'paid', 'paid', 'refunded in part'),
    })
    .map(({ copy: [userId, couponId], products, goes }) => [
      { do: 'orders.place', input: { userId: userId ?? 'u1', products, couponId: couponId ?? null } },
      ...(goes === 'cancelled' ? [{ do: 'orders.cancel', input: { order: 0 } } as const] : []),
      ...(goes === 'paid' || goes === 'refunded in part' ? [{ do: 'payments.pay', input: { order: 0 } } as const] : []),
      ...(goes === 'refunded in part' ? [firstUnitBack] : []),
    ])

const withUser = (step: Step, userId: string): Step =>
  ('input' in step ? { ...step, input: { ...step.input, userId } } : step) as Step

/** The first steps: most often they create users, products and coupons. */
const starts = (policies: Policies): fc.Arbitrary<readonly Step[]> => {
  const { charge, wallet } = policies
  const most = Math.min(charge.maximum, charge.balanceLimit)
  const amounts = fc
    .constantFrom(charge.minimum, 2_000, 5_000, most, most)
    .map((amount) => Math.max(charge.minimum, Math.floor(Math.min(most, amount) / charge.unit) * charge.unit))
  const users = ['u1', 'u2', 'u3'].map((userId) =>
    fc
      .tuple(fc.integer({ min: 0, max: 9 }), amounts, fc.array(grantSteps(policies), { maxLength: 2 }))
      .map(([dice, amount, grants]): Step[] => [
        ...(dice > 0 || wallet.opens === 'on-first-charge'
          ? [{ do: 'users.register', input: { userId } } as const]
          : []),
        ...(dice > 1 ? [{ do: 'balance.charge', input: { userId, amount } } as const] : []),
        ...(dice > 2 ? grants.map((grant): Step => withUser(grant, userId)) : []),
      ]),
  )
  const products = ['p1', 'p2', 'p3'].map((productId) =>
    fc
      .tuple(
        fc.constantFrom(0, 2, 20, 20, 20, 20, 20, 20, 20, 20),
        fc.constantFrom(0, 1, 99, 100, 700, 700, 1_000, 1_000),
        fc.constantFrom(0, 1),
        goodTerms(policies),
      )
      .map(([stock, price, ms, { sale, ...terms }]): Step[] => [
        { do: 'move-clock', ms },
        {
          do: 'products.create',
          input: {
            productId,
            name: `Product ${productId}`,
            price,
            stock,
            ...terms,
            ...(sale && sale.price < price && { sale }),
          },
        },
      ]),
  )
  const coupons = ['c1', 'c2'].map((couponId) =>
    fc
      .record({
        dice: fc.nat({ max: 3 }),
        odd: commandSteps({ policies, only: ['coupons.create'] }),
        terms: goodCoupons,
      })
      .map(({ dice, odd, terms }): Step[] => {
        if (dice === 3 && couponId === 'c2') {
          return [{ do: 'coupons.create', input: { couponId, ...terms, code: 'Spring-1' } }]
        }
        if (dice > 0) return [{ do: 'coupons.create', input: { couponId, ...terms } }]
        return odd.do === 'coupons.create' ? [{ ...odd, key: undefined, input: { ...odd.input, couponId } }] : []
      }),
  )
  const issued = fc
    .subarray(['u1 c1', 'u2 c1', 'u3 c1', 'u1 c2', 'u2 c2', 'u3 c2'], { minLength: 2 })
    .map((pairs) => pairs.map((pair) => pair.split(' ') as [userId: string, couponId: string]))
  const copiesAndOrders = issued.chain((copies) => {
    const issues = copies.map(([userId, couponId]): Step => ({ do: 'coupons.issue', input: { userId, couponId } }))
    return fc.array(placedOrders(copies), { minLength: 1, maxLength: 4 }).map((placed) => [...issues, ...placed.flat()])
  })
  return fc.tuple(...users, ...products, ...coupons, copiesAndOrders).map((parts) => parts.flat())
}

/** Histories over few users, products and coupons, so that commands often conflict. */
export const histories = (options: HistoriesOptions = {}): fc.Arbitrary<History> => {
  const { branches = 1, steps = 30, policies = anyPolicies(), only } = options
  return policies
    .chain((chosen) => {
      const alone = branches === 1
      const branch = fc.array(commandSteps({ policies: chosen, alone, ...(only && { only }) }), {
        minLength: 1,
        maxLength: steps,
        size: 'max',
      })
      return fc.record<History>({
        policies: fc.constant(chosen),
        start: starts(chosen),
        branches: fc.array(branch, { minLength: branches, maxLength: branches }),
      })
    })
    .map((history) => ({ ...history, [fc.toStringMethod]: () => `\n${describeHistory(history)}\n` }))
}

/** Fault scripts, from rare faults to frequent ones. */
export const faultScripts = (): fc.Arbitrary<FaultScript> =>
  fc.record({
    transactions: fc.array(
      fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...faults) }),
      { maxLength: 60, size: 'max' },
    ),
    away: fc.array(fc.boolean(), { maxLength: 20, size: 'max' }),
  })
