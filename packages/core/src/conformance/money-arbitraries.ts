import * as fc from 'fast-check'
import { entryKinds } from '../model/wallet.js'
import type { Policies } from '../policies/policies.js'
import { anyUser, day, hour, limit, maybe, minute, order, sometimes, step, type Weighted } from './arbitrary-parts.js'
import { startOfHistory } from './steps.js'

/** Few, so that requests of several callers share one. */
const goodReference = fc.constantFrom('r1', 'r1', 'r2', 'r3')

export const reference = fc.oneof(
  { weight: 60, arbitrary: fc.constant(undefined) },
  { weight: 39, arbitrary: goodReference },
  { weight: 1, arbitrary: fc.constantFrom('', 'two words', 'r'.repeat(201)) },
)

const reason = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(undefined, undefined, 'damaged', '파손') },
  { weight: 1, arbitrary: fc.constantFrom('', 'x'.repeat(201)) },
)

export const metadata = sometimes(
  2,
  fc.constantFrom<Readonly<Record<string, string>>>({}, { campaign: 'spring' }, { order: 'A-1', note: '' }),
)

/** The largest amounts are rare: a full wallet refuses most of what follows. */
const rarely = <T>(common: fc.Arbitrary<T>, ...rare: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 30, arbitrary: common }, { weight: 1, arbitrary: fc.constantFrom(...rare) })

/** Ends of lots on and around the moves of the clock. */
const ends = ({ order: { holdMinutes } }: Policies): fc.Arbitrary<number | string | null | undefined> => {
  const holdMs = Math.max(1, Math.round(holdMinutes * minute))
  const after = fc.constantFrom(4, 1_000, 1_004, minute, holdMs, holdMs + 1, hour, hour + 1, day, day + hour, 30 * day)
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(undefined, null) },
    { weight: 10, arbitrary: after.map((ms) => startOfHistory + ms) },
    { weight: 2, arbitrary: after.map((ms) => new Date(startOfHistory + ms).toISOString()) },
    { weight: 1, arbitrary: fc.constantFrom(-1, 0, 1).map((ms) => startOfHistory + ms) },
  )
}

/** More than half of what a wallet can hold, for one user only: the sum of all balances stays an exact integer. */
const huge = { userId: 'u3', amount: 2 ** 52 } as const

const constants = <T extends object>(members: T) =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, fc.constant(value)]))

/** Ordinary grants. */
export const grantSteps = (policies: Policies) =>
  step(
    'balance.grant',
    fc.record({
      userId: anyUser,
      amount: rarely(fc.constantFrom(1, 50, 100, 100, 500, 1_000, 3_000), 0, 1.5),
      expiresAt: ends(policies),
      reason,
      reference,
      metadata,
    }),
  )

const hugeGrants = step('balance.grant', fc.record({ ...constants(huge), reference }))

const refundLines = fc.array(
  fc.record({
    line: rarely(fc.constantFrom(0, 0, 1, 2), -1),
    quantity: rarely(fc.constantFrom(1, 1, 2, 3), 0, 2 ** 40),
  }),
  { minLength: 1, maxLength: 2 },
)

/** Commands that move money. */
export const moneyCommands = (policies: Policies): Weighted => ({
  'balance.grant': [5, fc.oneof({ weight: 30, arbitrary: grantSteps(policies) }, { weight: 1, arbitrary: hugeGrants })],
  'balance.withdraw': [
    3,
    step(
      'balance.withdraw',
      fc.record({
        userId: anyUser,
        amount: rarely(fc.constantFrom(1, 100, 500, 1_000, 2_000, 5_000), 0, 2 ** 53 - 1),
        reason,
        reference,
        metadata,
      }),
    ),
  ],
  'balance.adjust': [
    2,
    step(
      'balance.adjust',
      fc.oneof(
        {
          weight: 30,
          arbitrary: fc.record({
            userId: anyUser,
            change: rarely(fc.constantFrom(-1_000, -100, -1, 1, 100, 1_000), 0, 1 - 2 ** 53),
            reason: rarely(fc.constant('a mistake'), ''),
            reference,
          }),
        },
        { weight: 1, arbitrary: fc.constant({ userId: huge.userId, change: huge.amount, reason: 'a mistake' }) },
      ),
    ),
  ],
  'orders.refund': [
    9,
    step(
      'orders.refund',
      fc.record({ order, lines: sometimes(7, refundLines), restock: maybe(fc.boolean()), reason, reference }),
    ),
  ],
})

const days = fc.constantFrom(
  '2026-01-30',
  '2026-01-31',
  '2026-01-31',
  '2026-02-01',
  '2026-02-02',
  '2026-02-03',
  '2026-02-30',
)

/** Reads of money. */
export const moneyReads: Weighted = {
  'balance.entries': [
    1,
    step(
      'balance.entries',
      fc.record({ kind: maybe(fc.constantFrom(...entryKinds)), reference: sometimes(4, goodReference), limit }),
    ),
  ],
  statement: [2, step('statement', fc.record({ from: days, to: days }))],
}
