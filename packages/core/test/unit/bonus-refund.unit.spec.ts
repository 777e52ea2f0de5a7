import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { grantBonus, type Lot, type MoneySource, maxMoney, refundOrder } from '../../src/commands.js'
import { returnTo, sumOf } from '../../src/model/lot.js'
import { type ExpectedChanges, given, orderOf, productOf } from '../../src/testing/index.js'
import { day, inOneHour, lotOf, walletWith } from './bonus.js'

const ending = lotOf({ lotId: 'ending', amount: 300, expiresAt: inOneHour, sequence: 2 })
const endless = lotOf({ lotId: 'endless', amount: 300, sequence: 1 })
const paid = (amount: number): MoneySource => ({ lotId: null, amount })

/** Ten units at 100, paid from these sources by a user who has `paid` and `lots` left. */
const bought = (
  sources: readonly MoneySource[] | null,
  { lots = [], paid: left = 0 }: { lots?: readonly Lot[]; paid?: number } = {},
) =>
  given(
    walletWith(left, lots, { entries: 9 }),
    productOf({ stock: 0, received: 10 }),
    orderOf({ status: 'paid', lines: [{ quantity: 10, unitPrice: 100 }], sources }),
  )

const back = (quantity: number) => ({ orderId: 'o1', lines: [{ productId: 'p1', quantity }] })

/** The changes of a refund of one line, with this wallet and these entries. */
const refunded = (
  wallet: NonNullable<NonNullable<ExpectedChanges['wallets']>['updated']>[number],
  entries: NonNullable<NonNullable<ExpectedChanges['entries']>['inserted']>,
): ExpectedChanges => ({
  orders: { updated: [{}] },
  wallets: { updated: [wallet] },
  entries: { inserted: entries },
  products: { updated: [{}] },
  events: { inserted: [{}] },
  sales: [{}],
})

describe('a refund of an order that bonus money paid', () => {
  it('returns what was spent last first: under bonus-first, paid money before bonus', () => {
    bought([ending, endless, paid(400)])
      .when(refundOrder, back(6))
      .thenAccepted({ refundedAmount: 600, refunds: [{ amount: 600, bonusAmount: 200 }] })
      .thenChanges(
        refunded({ balance: 600, lots: [{ ...endless, amount: 200 }] }, [
          { kind: 'refund', amount: 600, orderId: 'o1', lots: [{ ...endless, amount: 200 }] },
        ]),
      )
      .when(refundOrder, back(3))
      .thenAccepted({ refundedAmount: 900, refunds: [{}, { amount: 300, bonusAmount: 300 }] })
      .thenChanges(
        refunded({ balance: 900, lots: [{ ...ending, amount: 200 }, endless] }, [
          {
            amount: 300,
            lots: [
              { ...endless, amount: 100 },
              { ...ending, amount: 200 },
            ],
          },
        ]),
      )
      .when(refundOrder, { orderId: 'o1' })
      .thenAccepted({ status: 'refunded', refunds: [{}, {}, { amount: 100, bonusAmount: 100 }] })
      .thenChanges(
        refunded({ balance: 1_000, lots: [ending, endless] }, [{ amount: 100, lots: [{ ...ending, amount: 100 }] }]),
      )
  })

  it('returns bonus money before paid money that was spent first', () => {
    bought([paid(600), ending, { ...endless, amount: 100 }])
      .when(refundOrder, back(3))
      .thenAccepted({ refunds: [{ amount: 300, bonusAmount: 300 }] })
      .thenChanges(
        refunded(
          {
            balance: 300,
            lots: [
              { ...ending, amount: 200 },
              { ...endless, amount: 100 },
            ],
          },
          [
            {
              lots: [
                { lotId: 'endless', amount: 100 },
                { lotId: 'ending', amount: 200 },
              ],
            },
          ],
        ),
      )
      .when(refundOrder, back(2))
      .thenAccepted({ refunds: [{}, { amount: 200, bonusAmount: 100 }] })
      .thenChanges(refunded({ balance: 500, lots: [ending, {}] }, [{ lots: [{ lotId: 'ending', amount: 100 }] }]))
      .when(refundOrder, { orderId: 'o1' })
      .thenAccepted((order) => expect(order.refunds?.[2]).not.toHaveProperty('bonusAmount'))
      .thenChanges(refunded({ balance: 1_000 }, [{ amount: 500, lots: null }]))
  })

  it('touches no lot if paid money paid for all of it', () => {
    bought(null, { lots: [endless] })
      .when(refundOrder, { orderId: 'o1' })
      .thenAccepted((order) => expect(order.refunds?.[0]).not.toHaveProperty('bonusAmount'))
      .thenChanges(refunded({ balance: 1_300, lots: [endless] }, [{ amount: 1_000, lots: null }]))
  })

  it('adds to a lot that still lives, which keeps its end', () => {
    const left = { ...ending, amount: 5, expiresAt: inOneHour + day }
    bought([ending, paid(700)], { lots: [left] })
      .under('standard', { wallet: { refundedBonusDays: 30 } })
      .at(inOneHour)
      .when(refundOrder, { orderId: 'o1' })
      .thenChanges(
        refunded({ balance: 1_005, lots: [{ ...left, amount: 305 }] }, [
          { amount: 1_000, lots: [{ ...left, amount: 300 }] },
        ]),
      )
  })

  it('opens a spent lot again, with its own end', () => {
    bought([ending, paid(700)])
      .under('standard', { wallet: { refundedBonusDays: 30 } })
      .at(inOneHour - 1)
      .when(refundOrder, { orderId: 'o1' })
      .thenChanges(refunded({ lots: [ending] }, [{ lots: [ending] }]))
  })

  it('may leave more than 50 lots, and then no grant fits', () => {
    const lots = Array.from({ length: 50 }, (_, index) => lotOf({ lotId: `l${index}`, sequence: index + 3 }))
    bought([ending, endless, paid(400)], { lots })
      .when(refundOrder, { orderId: 'o1' })
      .thenAccepted({ status: 'refunded' })
      .when(grantBonus, { userId: 'u1', amount: 1 })
      .thenRefused('BONUS_LOTS_EXCEEDED', { limit: 50 })
  })

  it('is refused beyond the exact integers, even if the money would be forfeited', () => {
    const balance = maxMoney - 999
    bought([ending, paid(700)], { paid: balance })
      .at(inOneHour)
      .when(refundOrder, { orderId: 'o1' })
      .thenRefused('BALANCE_LIMIT_EXCEEDED', { limit: maxMoney, balance })
      .when(refundOrder, back(9))
      .thenAccepted({ refundedAmount: 900 })
  })
})

describe('bonus money that comes back after its end', () => {
  it('is forfeited: the refund is followed by the expiry of that part', () => {
    bought([ending, paid(700)], { paid: 5 })
      .naming('r1', 'e10', 'e11')
      .at(inOneHour + day)
      .when(refundOrder, back(9))
      .thenAccepted({ refundedAmount: 900, refunds: [{ refundId: 'r1', amount: 900, bonusAmount: 200 }] })
      .thenChanges(
        refunded({ balance: 705, entries: 11, lots: null }, [
          {
            entryId: 'e10',
            sequence: 10,
            kind: 'refund',
            amount: 900,
            balance: 905,
            orderId: 'o1',
            at: inOneHour + day,
            lots: [{ ...ending, amount: 200 }],
          },
          {
            entryId: 'e11',
            sequence: 11,
            kind: 'expiry',
            amount: -200,
            balance: 705,
            orderId: null,
            at: inOneHour + day,
            lots: [{ ...ending, amount: -200 }],
            reference: null,
            reason: null,
          },
        ]),
      )
  })

  it('is forfeited lot by lot, beside one that lives', () => {
    const other = lotOf({ lotId: 'other', amount: 400, expiresAt: inOneHour + 1, sequence: 3 })
    bought([ending, other, endless])
      .at(inOneHour + 1)
      .when(refundOrder, { orderId: 'o1' })
      .thenAccepted({ refunds: [{ amount: 1_000, bonusAmount: 1_000 }] })
      .thenChanges(
        refunded({ balance: 300, entries: 12, lots: [endless] }, [
          { kind: 'refund', amount: 1_000, balance: 1_000, lots: [endless, other, ending] },
          { kind: 'expiry', amount: -400, balance: 600, lots: [{ ...other, amount: -400 }] },
          { kind: 'expiry', amount: -300, balance: 300, lots: [{ ...ending, amount: -300 }] },
        ]),
      )
  })

  it('lives again for refundedBonusDays of 24 hours, and only the part that comes back', () => {
    const left = { ...ending, amount: 50 }
    const now = inOneHour + 5
    bought([ending, paid(700)], { lots: [left] })
      .under('standard', { wallet: { refundedBonusDays: 7 } })
      .at(now)
      .when(refundOrder, back(8))
      .thenAccepted({ refunds: [{ amount: 800, bonusAmount: 100 }] })
      .thenChanges(
        refunded({ balance: 800, lots: [{ ...ending, amount: 100, expiresAt: now + 7 * day }] }, [
          { kind: 'expiry', amount: -50, at: inOneHour, lots: [{ ...left, amount: -50 }] },
          { kind: 'refund', amount: 800, lots: [{ ...ending, amount: 100, expiresAt: now + 7 * day }] },
        ]),
      )
  })

  it('keeps that end when more comes back, and gets a new one after it', () => {
    const end = inOneHour + day
    bought([{ ...ending, amount: 1_000 }])
      .under('standard', { wallet: { refundedBonusDays: 1 } })
      .at(inOneHour)
      .when(refundOrder, back(1))
      .at(end - 1)
      .when(refundOrder, back(2))
      .thenChanges(
        refunded({ balance: 300, lots: [{ amount: 300, expiresAt: end }] }, [{ lots: [{ expiresAt: end }] }]),
      )
      .at(end)
      .when(refundOrder, back(3))
      .thenChanges(
        refunded({ balance: 300, lots: [{ amount: 300, expiresAt: end + day }] }, [
          { kind: 'expiry', amount: -300, at: end },
          { kind: 'refund', amount: 300, lots: [{ amount: 300, expiresAt: end + day }] },
        ]),
      )
  })
})

const sources: fc.Arbitrary<readonly MoneySource[]> = fc
  .array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 })
  .chain((amounts) =>
    fc
      .nat({ max: amounts.length - 1 })
      .map((paidAt) =>
        amounts.map((amount, index) =>
          index === paidAt ? { lotId: null, amount } : lotOf({ lotId: `l${index}`, amount, sequence: index + 1 }),
        ),
      ),
  )

describe('the parts of several refunds', () => {
  it('return to each source exactly what it gave, the last spent first, in any steps', () => {
    fc.assert(
      fc.property(sources, fc.array(fc.nat({ max: 60 })), (spent, steps) => {
        const total = sumOf(spent)
        const returned: MoneySource[] = []
        let done = 0
        for (const step of [...steps, total]) {
          const amount = Math.min(step, total - done)
          const parts = returnTo(spent, { refunded: done, amount })
          expect(sumOf(parts)).toBe(amount)
          expect(parts.every((part) => part.amount > 0)).toBe(true)
          returned.push(...parts)
          done += amount
        }
        const order = returned.map(({ lotId }) => spent.findIndex((source) => source.lotId === lotId))
        expect(order).toEqual(order.toSorted((a, b) => b - a))
        for (const source of spent) {
          expect(sumOf(returned.filter(({ lotId }) => lotId === source.lotId))).toBe(source.amount)
        }
      }),
    )
  })

  it('are paid money if the order has no sources', () => {
    expect(returnTo(null, { refunded: 5, amount: 7 })).toEqual([{ lotId: null, amount: 7 }])
    expect(returnTo(null, { refunded: 5, amount: 0 })).toEqual([])
  })
})
