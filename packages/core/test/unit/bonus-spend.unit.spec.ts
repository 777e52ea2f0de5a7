import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { grantBonus, type Lot, payOrder, placeOrder } from '../../src/commands.js'
import { moveLots, sumOf, takeFrom } from '../../src/model/lot.js'
import { balanceView, paidMoney, sourcesOf, walletAt } from '../../src/model/wallet.js'
import { defaultNow, given, productOf, walletOf } from '../../src/testing/index.js'
import { day, hour, inOneHour, lotOf, walletWith } from './bonus.js'

const spends = ['bonus-first', 'paid-first'] as const

/** Amounts by source, in the order in which they are spent. */
type Spent = readonly (readonly [lotId: string | null, amount: number])[]

const spent = (sources: readonly { readonly lotId: string | null; readonly amount: number }[]): Spent =>
  sources.map(({ lotId, amount }) => [lotId, amount])

/** 100 each, granted in the order of the sequence: two that end together, one that ends later, two without an end. */
const lots = [
  lotOf({ lotId: 'soon-older', expiresAt: inOneHour, sequence: 3 }),
  lotOf({ lotId: 'soon-newer', expiresAt: inOneHour, sequence: 5 }),
  lotOf({ lotId: 'later', expiresAt: inOneHour + day, sequence: 2 }),
  lotOf({ lotId: 'endless-older', sequence: 1 }),
  lotOf({ lotId: 'endless-newer', sequence: 4 }),
]

/** Orders and pays this amount under the policy. */
const spend = (amount: number, policy: (typeof spends)[number]) =>
  given(walletWith(200, lots), productOf({ price: 1, stock: 10_000 }))
    .under('one-call', { wallet: { spend: policy } })
    .naming('o1', 'e1')
    .when(placeOrder, { userId: 'u1', products: [{ productId: 'p1', quantity: amount }] })

describe('spending', () => {
  it.each<[(typeof spends)[number], number, Spent]>([
    ['bonus-first', 0, []],
    ['bonus-first', 60, [['soon-older', 60]]],
    ['bonus-first', 100, [['soon-older', 100]]],
    [
      'bonus-first',
      250,
      [
        ['soon-older', 100],
        ['soon-newer', 100],
        ['later', 50],
      ],
    ],
    [
      'bonus-first',
      601,
      [
        ['soon-older', 100],
        ['soon-newer', 100],
        ['later', 100],
        ['endless-older', 100],
        ['endless-newer', 100],
        [null, 101],
      ],
    ],
    ['paid-first', 200, [[null, 200]]],
    [
      'paid-first',
      301,
      [
        [null, 200],
        ['soon-older', 100],
        ['soon-newer', 1],
      ],
    ],
  ])('%s takes %i from its sources in order', (policy, amount, expected) => {
    const wallet = walletWith(200, lots).row
    expect(spent(sourcesOf(wallet, amount, policy))).toEqual(expected)
  })

  it('lowers the lots, and records what it took of each', () => {
    spend(250, 'bonus-first')
      .thenAccepted({ status: 'paid' })
      .thenChanges({
        orders: {
          inserted: [
            {
              sources: [
                { lotId: 'soon-older', amount: 100, expiresAt: inOneHour, sequence: 3 },
                { lotId: 'soon-newer', amount: 100, expiresAt: inOneHour, sequence: 5 },
                { lotId: 'later', amount: 50, expiresAt: inOneHour + day, sequence: 2 },
              ],
            },
          ],
        },
        wallets: {
          updated: [
            {
              balance: 450,
              lots: [
                { lotId: 'later', amount: 50, expiresAt: inOneHour + day, sequence: 2 },
                { lotId: 'endless-older', amount: 100 },
                { lotId: 'endless-newer', amount: 100 },
              ],
            },
          ],
        },
        entries: {
          inserted: [
            {
              kind: 'payment',
              amount: -250,
              orderId: 'o1',
              lots: [
                { lotId: 'soon-older', amount: -100, expiresAt: inOneHour, sequence: 3 },
                { lotId: 'soon-newer', amount: -100, expiresAt: inOneHour, sequence: 5 },
                { lotId: 'later', amount: -50, expiresAt: inOneHour + day, sequence: 2 },
              ],
            },
          ],
        },
        products: { updated: [{}] },
        events: { inserted: [{}] },
        sales: [{}],
      })
  })

  it('records paid money among the sources only beside bonus money', () => {
    const changes = (sources: object[] | null, lotsMoved: object[] | null, left: object[] | null) => ({
      orders: { inserted: [{ sources }] },
      wallets: { updated: [{ lots: left }] },
      entries: { inserted: [{ lots: lotsMoved }] },
      products: { updated: [{}] },
      events: { inserted: [{}] },
      sales: [{}],
    })
    spend(200, 'paid-first').thenChanges(changes(null, null, lots))
    spend(700, 'bonus-first').thenChanges(
      changes(
        [{}, {}, {}, {}, {}, { lotId: null, amount: 200 }],
        lots.map(({ lotId }) => ({ lotId, amount: -100 })),
        null,
      ),
    )
  })

  it.each(spends)('counts both kinds of money, %s', (policy) => {
    spend(700, policy).thenAccepted({ finalAmount: 700 })
    spend(701, policy).thenRefused('BALANCE_INSUFFICIENT', { balance: 700, required: 701 })
  })

  it('follows the policy at the time of payment', () => {
    const placed = given(walletWith(100, [lotOf()]), productOf({ price: 100 }))
      .under('standard')
      .naming('o1')
      .when(placeOrder, { userId: 'u1', products: [{ productId: 'p1', quantity: 1 }] })
    placed
      .under('standard', { wallet: { spend: 'paid-first' } })
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .thenAccepted({ amount: 100, balance: 100 })
      .when(grantBonus, { userId: 'u1', amount: 1 })
      .thenChanges({
        wallets: { updated: [{ lots: [{ lotId: 'l1', amount: 100 }, { amount: 1 }] }] },
        entries: { inserted: [{}] },
      })
  })
})

const lotId = fc.constantFrom('a', 'b', 'c', 'd')
const someLots = fc
  .uniqueArray(
    fc.record({
      lotId,
      amount: fc.integer({ min: 1, max: 500 }),
      expiresAt: fc.option(fc.integer({ min: defaultNow, max: defaultNow + 3 })),
      sequence: fc.nat({ max: 99 }),
    }),
    { selector: (lot) => lot.lotId },
  )
  .filter((all) => new Set(all.map(({ sequence }) => sequence)).size === all.length)

const orderKey = ({ expiresAt, sequence }: Lot) => (expiresAt ?? defaultNow * 2) * 100 + sequence

describe('lots', () => {
  it('are kept by their end, then by their age, whatever moves', () => {
    fc.assert(
      fc.property(someLots, (opened) => {
        const kept = moveLots(null, opened)
        expect(kept).toEqual(opened.length === 0 ? null : opened.toSorted((a, b) => orderKey(a) - orderKey(b)))
        expect(moveLots(kept, [])).toEqual(kept)
        const emptied = opened.map((lot) => ({ ...lot, amount: -lot.amount }))
        expect(moveLots(kept, emptied)).toBeNull()
      }),
    )
  })

  it('keep their end when money comes back to them', () => {
    const back = lotOf({ amount: 5, expiresAt: inOneHour + day })
    expect(moveLots([lotOf({ expiresAt: inOneHour })], [back])).toEqual([lotOf({ amount: 105, expiresAt: inOneHour })])
    expect(moveLots([lotOf({ lotId: 'l2' })], [back])).toEqual([back, lotOf({ lotId: 'l2' })])
  })

  it('are taken from the beginning, never more than there is', () => {
    fc.assert(
      fc.property(someLots, fc.nat({ max: 2_500 }), (sources, amount) => {
        const taken = takeFrom(sources, amount)
        expect(sumOf(taken)).toBe(Math.min(amount, sumOf(sources)))
        for (const [index, part] of taken.entries()) {
          const source = sources[index] as Lot
          expect(part).toEqual({ ...source, amount: part.amount })
          expect(part.amount).toBeGreaterThan(0)
          if (index < taken.length - 1) expect(part.amount).toBe(source.amount)
        }
      }),
    )
  })

  it('end by the clock in the wallet, and nothing else of it changes', () => {
    fc.assert(
      fc.property(someLots, fc.nat({ max: 500 }), fc.integer({ min: 0, max: 4 }), (all, paid, later) => {
        const now = defaultNow + later
        const { row: wallet } = walletWith(paid, all)
        const seen = walletAt(wallet, now)
        const live = all.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
        expect(seen).toEqual({ ...wallet, balance: paid + sumOf(live), lots: live.length === 0 ? null : live })
        expect(paidMoney(seen)).toBe(paid)
      }),
    )
  })
})

describe('the view of a balance', () => {
  it('names withdrawable money and lots only while there is a lot', () => {
    expect(balanceView(walletOf({ balance: 70 }).row, {})).toEqual({ userId: 'u1', balance: 70 })
    expect(balanceView(walletWith(0, [lotOf({ amount: 30, expiresAt: defaultNow + hour })]).row, {})).toEqual({
      userId: 'u1',
      balance: 30,
      withdrawable: 0,
      bonus: [{ lotId: 'l1', amount: 30, expiresAt: '2025-06-15T04:00:00.000Z' }],
    })
  })

  it('lists the lots in spending order', () => {
    const { bonus, withdrawable } = balanceView(walletWith(200, lots).row, {})
    expect(bonus?.map((lot) => lot.lotId)).toEqual(lots.map((lot) => lot.lotId))
    expect(bonus?.at(-1)).toEqual({ lotId: 'endless-newer', amount: 100, expiresAt: null })
    expect(withdrawable).toBe(200)
  })
})
