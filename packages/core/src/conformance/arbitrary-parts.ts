import * as fc from 'fast-check'
import type { Step } from './steps.js'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

// Few ids, with unequal weights: most bugs need the same user, coupon or product twice.
export const users = fc.constantFrom('u1', 'u1', 'u1', 'u2', 'u3')
export const anyUser = fc.oneof({ weight: 25, arbitrary: users }, { weight: 1, arbitrary: fc.constant('u-unknown') })
export const products = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('p1', 'p1', 'p2', 'p3') },
  { weight: 1, arbitrary: fc.constant('p-unknown') },
)
export const coupons = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('c1', 'c1', 'c1', 'c2') },
  { weight: 1, arbitrary: fc.constant('c-unknown') },
)
/** The newest, most of the time. */
export const order = fc.constantFrom(0, 0, 0, 0, 0, 1, 1, 2, 3, 4)
/** Present this many times out of ten; otherwise undefined. */
export const sometimes = <T>(timesOfTen: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 10 - timesOfTen, arbitrary: fc.constant(undefined) }, { weight: timesOfTen, arbitrary })

/** `null` says the same as leaving it out. */
export const orNull = <T>(arbitrary: fc.Arbitrary<T | undefined>) => arbitrary.map((value) => value ?? null)

/** Ids of orders that callers choose: few, so that several callers choose the same. */
export const ownOrderId = fc.oneof(
  { weight: 120, arbitrary: fc.constant(undefined) },
  { weight: 15, arbitrary: fc.constantFrom('web-1', 'web-1', 'web-2', 'web-3') },
  { weight: 1, arbitrary: fc.constantFrom('', 'no/id', 'w'.repeat(65)) },
)

export const maybe = <T>(arbitrary: fc.Arbitrary<T>) => sometimes(5, arbitrary)
export const limit = fc.integer({ min: 1, max: 4 })
export const step = <N extends Step['do']>(name: N, input: fc.Arbitrary<object>): fc.Arbitrary<Step> =>
  input.map((value) => ({ do: name, input: value }) as Step)

/** Steps by name, with their weights. */
export type Weighted = Partial<Record<Step['do'], readonly [weight: number, arbitrary: fc.Arbitrary<Step>]>>
