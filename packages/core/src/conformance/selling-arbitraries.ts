import * as fc from 'fast-check'
import type { Policies } from '../policies/policies.js'
import { day, hour, maybe, minute, sometimes } from './arbitrary-parts.js'
import { metadata } from './money-arbitraries.js'
import { startOfHistory } from './steps.js'

/** Times on and around the moves of the clock. */
const times = ({ order: { holdMinutes } }: Policies): fc.Arbitrary<number> => {
  const holdMs = Math.max(1, Math.round(holdMinutes * minute))
  return fc
    .constantFrom(-minute, 0, 1, 4, 1_000, 1_004, minute, minute + 4, holdMs, hour, day)
    .map((after) => startOfHistory + after)
}

const limits = fc.constantFrom(1, 2, 3, 4, 6)

/** Sales that often run, end or begin within a history. */
const sales = (policies: Policies) =>
  fc.record({
    price: fc.constantFrom(0, 1, 50, 99, 500),
    from: times(policies),
    until: times(policies),
  })

const orNone = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(null) }, { weight, arbitrary })

/** Changes of the terms of a product: most often one or two of them, rarely a field that is refused. */
export const termsChanges = (policies: Policies) =>
  fc.record({
    opensAt: sometimes(1, orNone(4, times(policies))),
    closesAt: sometimes(1, orNone(4, times(policies))),
    sale: sometimes(2, orNone(7, sales(policies))),
    purchaseLimit: sometimes(
      4,
      fc.oneof(
        { weight: 30, arbitrary: orNone(7, limits) },
        { weight: 1, arbitrary: fc.constantFrom(0, 10 ** 12 + 1) },
      ),
    ),
    metadata,
  })

/** Terms of the products at the start: open, most often limited, with a sale that runs or is announced. */
export const goodTerms = (policies: Policies) =>
  fc.record({
    purchaseLimit: fc.constantFrom(...Array<undefined>(6).fill(undefined), 2, 4, 6, 9),
    closesAt: fc.constantFrom(...Array<undefined>(18).fill(undefined), startOfHistory + minute, startOfHistory + hour),
    opensAt: fc.constantFrom(...Array<undefined>(28).fill(undefined), startOfHistory, startOfHistory + 1_000),
    sale: sometimes(
      2,
      fc.record({
        price: fc.constantFrom(0, 60),
        from: fc.constantFrom(startOfHistory, startOfHistory + 1_000),
        until: times(policies).filter((until) => until > startOfHistory + 1_000),
      }),
    ),
  })

/** Products that a coupon is for. */
export const couponProducts = sometimes(
  3,
  fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(['p1'], ['p2', 'p1'], ['p3'], ['p3', 'p-unknown'], null) },
    { weight: 1, arbitrary: fc.constantFrom<string[]>([], ['p1', 'p1']) },
  ),
)

/** Few codes, in several cases. */
const goodCodes = fc.constantFrom('SPRING-1', 'spring-1', 'Spring-1', 'SPRING-1', 'WELCOME')

export const code = fc.oneof(
  { weight: 20, arbitrary: goodCodes },
  { weight: 1, arbitrary: fc.constantFrom('NONE-SUCH', 'x1', 'two words') },
)

/** How a coupon is named by who claims it: by its id, by its code, or wrongly by both or neither. */
export const claims = (userId: fc.Arbitrary<string>, couponId: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.record({ userId, couponId, requiresCode: sometimes(3, fc.boolean()) }) },
    { weight: 9, arbitrary: fc.record({ userId, code, requiresCode: sometimes(3, fc.boolean()) }) },
    {
      weight: 1,
      arbitrary: fc.record({ userId, couponId: maybe(couponId) }).map((claim) => ({ ...claim, code: claim.couponId })),
    },
  )
