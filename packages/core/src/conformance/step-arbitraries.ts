import * as fc from 'fast-check'
import type { Policies } from '../policies/policies.js'
import {
  anyUser,
  coupons,
  day,
  hour,
  limit,
  maybe,
  minute,
  order,
  orNull,
  ownOrderId,
  products,
  sometimes,
  step,
  users,
  type Weighted,
} from './arbitrary-parts.js'
import { metadata, moneyCommands, moneyReads, reference } from './money-arbitraries.js'
import { claims, code, couponProducts, termsChanges } from './selling-arbitraries.js'
import { readNames, type Step, type StepKey, startOfHistory } from './steps.js'

/** Which steps are drawn. */
export interface StepsOptions {
  /** The rules of the shop. */
  readonly policies: Policies
  /** Whether this is the only branch: some steps make sense only then. */
  readonly alone?: boolean
  /** Only steps of these names. */
  readonly only?: readonly Step['do'][]
}

const names = fc.constantFrom('Tea', 'tea pot', '100% cotton', 'a_b', '초콜릿', 'T'.repeat(100), '')
const prices = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 1, 99, 100, 700, 1_000) },
  { weight: 1, arbitrary: fc.constantFrom(9_000_000_000, 9_000_000_001, -1) },
)
const quantities = fc.oneof(
  { weight: 60, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 10_000, 10_001) },
)

/** Amounts around every limit of the policy. */
const amounts = ({ minimum, maximum, unit, balanceLimit }: Policies['charge']): fc.Arbitrary<number> => {
  const edges = [minimum, maximum, balanceLimit].flatMap((edge) => [edge - unit, edge - 1, edge, edge + 1])
  // An amount that may just have been paid. If it is charged again, a refund exceeds the balance limit.
  const ordinary = [minimum, 2 * minimum, ...[100, 700, 1_000].map((amount) => Math.ceil(amount / unit) * unit)]
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...ordinary) },
    { weight: 2, arbitrary: fc.constantFrom(0, -unit, ...edges) },
  )
}

const discounts = fc.oneof(
  fc.record({ kind: fc.constant('fixed' as const), amount: fc.constantFrom(1, 100, 500, 10_000, 0) }),
  fc.record({
    kind: fc.constant('percentage' as const),
    percent: fc.constantFrom(1, 10, 33, 50, 99, 100, 101),
    maximum: maybe(fc.constantFrom(1, 100, 1_000)),
  }),
)

const lines = fc.array(fc.record({ productId: products, quantity: quantities }), { minLength: 1, maxLength: 3 })

const keys = sometimes(2, fc.constantFrom('k1', 'k2', 'k3'))

/** Rarely: what such a command would have made is missing from the rest of the history. */
const failing = fc.oneof(
  { weight: 30, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant(true as const) },
)

/** Some commands bring a companion row that the store does not accept. */
const withCompanion = (steps: fc.Arbitrary<Step>): fc.Arbitrary<Step> =>
  fc.tuple(steps, failing).map(([step, companionFails]): Step => {
    if (!companionFails || !('input' in step) || readNames.has(step.do)) return step
    return { ...step, companionFails } as Step
  })

/** The scope of the key is the user that the request names. */
const withKey = <S extends Step>(steps: fc.Arbitrary<S>): fc.Arbitrary<Step> =>
  fc.tuple(steps, keys).map(([step, key]): Step => {
    if (key === undefined || !('input' in step) || readNames.has(step.do)) return step
    const { userId = 'anonymous' } = step.input as { userId?: string }
    const scoped: StepKey = { scope: userId, key }
    return { ...step, key: scoped } as Step
  })

const orders = fc.record({
  userId: anyUser,
  products: lines,
  couponId: orNull(sometimes(4, coupons)),
  reference,
  orderId: ownOrderId,
  metadata,
})

const commands = (policies: Policies): Weighted => ({
  'users.register': [1, step('users.register', fc.record({ userId: users }))],
  'balance.charge': [
    3,
    step('balance.charge', fc.record({ userId: anyUser, amount: amounts(policies.charge), reference, metadata })),
  ],
  'products.create': [
    1,
    step(
      'products.create',
      fc
        .record({
          productId: maybe(fc.constantFrom('p1', 'p4', 'top')),
          name: names,
          price: prices,
          stock: fc.constantFrom(0, 1, 5, 10 ** 12, 10 ** 12 + 1),
          terms: sometimes(5, termsChanges(policies)),
        })
        .map(({ terms, ...product }) => ({ ...product, ...terms })),
    ),
  ],
  'products.update': [
    3,
    step(
      'products.update',
      fc
        .record({
          productId: products,
          name: sometimes(2, names),
          price: sometimes(3, prices),
          listed: sometimes(2, fc.boolean()),
          terms: termsChanges(policies),
        })
        .map(({ terms, ...product }) => ({ ...product, ...terms })),
    ),
  ],
  'products.changeStock': [
    2,
    step('products.changeStock', fc.record({ productId: products, change: fc.constantFrom(-3, -2, -1, 0, 1, 2, 5) })),
  ],
  'coupons.create': [
    1,
    step(
      'coupons.create',
      fc.record({
        couponId: maybe(fc.constantFrom('c1', 'c3')),
        name: fc.constantFrom('Welcome', 'Spring'),
        discount: discounts,
        quantity: fc.constantFrom(1, 1, 2, 3, 10 ** 12),
        validFrom: maybe(fc.constantFrom(-hour, 1, minute, hour).map((after) => startOfHistory + after)),
        validUntil: fc.constantFrom(1, minute, 15 * minute, 30 * day).map((after) => startOfHistory + after),
        minimumOrderAmount: maybe(fc.constantFrom(0, 1, 100, 1_000)),
        productIds: couponProducts,
        code: sometimes(3, code),
        metadata,
      }),
    ),
  ],
  'coupons.update': [
    1,
    step(
      'coupons.update',
      fc.record({
        couponId: coupons,
        quantity: maybe(fc.constantFrom(0, 1, 2, 3)),
        validUntil: maybe(fc.constantFrom(0, minute, 30 * day).map((after) => startOfHistory + after)),
        metadata,
      }),
    ),
  ],
  'coupons.issue': [6, step('coupons.issue', claims(anyUser, coupons))],
  'orders.place': [18, step('orders.place', orders)],
  'payments.pay': [10, step('payments.pay', fc.record({ userId: sometimes(2, users), order }))],
  'orders.update': [
    1,
    step(
      'orders.update',
      fc.record({ order, metadata: fc.constantFrom(undefined, null, {}, { packed: 'yes' }, { gift: '1' }) }),
    ),
  ],
  'orders.cancel': [5, step('orders.cancel', fc.record({ order, userId: sometimes(3, users) }))],
  'orders.expire': [4, step('orders.expire', fc.record({ order }))],
})

const controls = ({ order: { holdMinutes } }: Policies): Weighted => {
  const holdMs = Math.max(1, Math.round(holdMinutes * minute))
  const moves = fc.constantFrom(1, 1_000, minute, holdMs - 1, holdMs, holdMs + 1, hour, day)
  const only = (value: Step): fc.Arbitrary<Step> => fc.constant(value)
  return {
    again: [4, fc.nat({ max: 20 }).map((nth): Step => ({ do: 'again', nth }))],
    'refer-again': [5, fc.nat({ max: 20 }).map((nth): Step => ({ do: 'refer-again', nth }))],
    'order-quoted': [3, only({ do: 'order-quoted' })],
    'sweep-lots': [1, fc.constantFrom(1, 100).map((most): Step => ({ do: 'sweep-lots', limit: most }))],
    sweep: [1, fc.constantFrom(1, 100).map((most): Step => ({ do: 'sweep', limit: most }))],
    'refresh-ranking': [1, only({ do: 'refresh-ranking' })],
    'move-clock': [4, moves.map((ms): Step => ({ do: 'move-clock', ms: Math.max(0, ms) }))],
    relay: [2, fc.constantFrom('sent' as const, 'refused' as const).map((reply): Step => ({ do: 'relay', reply }))],
  }
}

const reads: Weighted = {
  'balance.get': [1, step('balance.get', fc.record({ userId: anyUser }))],
  'balance.history': [1, step('balance.history', fc.record({ userId: anyUser, limit }))],
  'products.get': [2, step('products.get', fc.record({ productId: products }))],
  'products.find': [1, step('products.find', fc.record({ productId: products }))],
  'products.list': [
    1,
    step(
      'products.list',
      fc.record({
        page: fc.nat({ max: 2 }),
        size: limit,
        keyword: maybe(fc.constantFrom('', 'p', 'TEA', '%', '_', '초', 'none')),
      }),
    ),
  ],
  'products.drops': [1, step('products.drops', fc.constant({}))],
  'products.states': [
    1,
    step('products.states', fc.record({ productIds: fc.array(products, { minLength: 1, maxLength: 3 }) })),
  ],
  'products.top': [1, step('products.top', fc.record({ limit: maybe(limit) }))],
  'coupons.get': [1, step('coupons.get', fc.record({ couponId: coupons }))],
  'coupons.list': [1, step('coupons.list', fc.record({ limit }))],
  'coupons.claimable': [1, step('coupons.claimable', fc.record({ limit }))],
  'coupons.ofUser': [1, step('coupons.ofUser', fc.record({ userId: anyUser, limit }))],
  'orders.get': [1, step('orders.get', fc.record({ order, userId: maybe(users) }))],
  'orders.quote': [3, step('orders.quote', orders)],
  'orders.list': [
    1,
    step(
      'orders.list',
      fc.record({
        userId: maybe(anyUser),
        status: maybe(fc.constantFrom('pending', 'paid', 'failed', 'cancelled', 'expired', 'refunded')),
        reference: sometimes(3, fc.constantFrom('r1', 'r2')),
        limit,
      }),
    ),
  ],
  'payments.get': [1, step('payments.get', fc.record({ payment: fc.nat({ max: 1 }), userId: maybe(users) }))],
  'outbox.list': [
    1,
    step('outbox.list', fc.record({ status: maybe(fc.constantFrom('pending', 'sent', 'dead')), limit })),
  ],
  'outbox.counts': [1, step('outbox.counts', fc.constant({}))],
}

const redelivery = step('outbox.redeliver', fc.record({ order, sequence: fc.constantFrom(1, 1, 2, 3, 4) }))

/** One random step. Steps that change more of the shop are more likely. */
export const commandSteps = ({ policies, alone = true, only }: StepsOptions): fc.Arbitrary<Step> => {
  const all: Weighted = {
    ...commands(policies),
    ...moneyCommands(policies),
    ...(alone && { 'outbox.redeliver': [2, redelivery], 'flush-views': [1, fc.constant<Step>({ do: 'flush-views' })] }),
    // A repair ends what is long overdue. Among other callers, that would be one more command at an unknown time.
    ...((alone || only?.includes('repair')) && { repair: [1, fc.constant<Step>({ do: 'repair' })] }),
    ...controls(policies),
    ...reads,
    ...moneyReads,
  }
  const chosen = Object.entries(all).filter(([name]) => !only || only.includes(name as Step['do']))
  return fc.oneof(
    ...chosen.map(([, [weight, arbitrary]]) => ({ weight, arbitrary: withCompanion(withKey(arbitrary)) })),
  )
}
