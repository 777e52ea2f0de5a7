import { beforeEach, describe, expect, it } from 'vitest'
import {
  chargeBalance,
  expireLots,
  payOrder,
  placeOrder,
  quoteOrder,
  refundOrder,
  type WalletEntry,
  withdrawBalance,
} from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type Shop } from '../../src/index.js'
import { defaultNow, given, manualClock, orderOf, productOf } from '../../src/testing/index.js'
import { hour, inOneHour, lotOf, walletWith } from './bonus.js'

const first = lotOf({ lotId: 'first', amount: 40, expiresAt: inOneHour, sequence: 2 })
const second = lotOf({ lotId: 'second', amount: 60, expiresAt: inOneHour + 1, sequence: 1 })
const endless = lotOf({ lotId: 'endless', amount: 7, sequence: 3 })
const bought = { userId: 'u1', products: [{ productId: 'p1', quantity: 1 }] }

/** 100 of paid money and three lots, of which two end. */
const wallet = () => given(walletWith(100, [first, second, endless]), productOf({ price: 150 }))

const expiryOf = (lot: typeof first, parts: Partial<WalletEntry>) => ({
  kind: 'expiry' as const,
  amount: -lot.amount,
  orderId: null,
  at: lot.expiresAt ?? undefined,
  lots: [{ ...lot, amount: -lot.amount }],
  reference: null,
  reason: null,
  metadata: null,
  ...parts,
})

describe('a lot that ends', () => {
  it('is written off at its end, before the entry that comes after it', () => {
    wallet()
      .at(inOneHour + hour)
      .when(chargeBalance, { userId: 'u1', amount: 1 })
      .thenAccepted({ balance: 108 })
      .thenChanges({
        wallets: { updated: [{ balance: 108, entries: 7, lots: [endless] }] },
        entries: {
          inserted: [
            expiryOf(first, { sequence: 5, balance: 167 }),
            expiryOf(second, { sequence: 6, balance: 107 }),
            { kind: 'charge', sequence: 7, amount: 1, balance: 108, at: inOneHour + hour, lots: null },
          ],
        },
      })
  })

  it('is gone from its own millisecond on, each at its time', () => {
    wallet()
      .at(inOneHour - 1)
      .when(expireLots, { userId: 'u1' })
      .thenChanges({})
      .at(inOneHour)
      .when(expireLots, { userId: 'u1' })
      .thenAccepted(null as never)
      .thenChanges({
        wallets: { updated: [{ balance: 167, entries: 5, lots: [second, endless] }] },
        entries: { inserted: [expiryOf(first, { sequence: 5 })] },
      })
      .at(inOneHour + hour)
      .when(expireLots, { userId: 'u1' })
      .thenChanges({
        wallets: { updated: [{ balance: 107, entries: 6, lots: [endless] }] },
        entries: { inserted: [expiryOf(second, { sequence: 6 })] },
      })
      .when(expireLots, { userId: 'u1' })
      .thenChanges({})
  })

  it('is written off even if the command is refused', () => {
    wallet()
      .at(inOneHour + hour)
      .when(withdrawBalance, { userId: 'u1', amount: 101 })
      .thenRefused(
        'BALANCE_INSUFFICIENT',
        { balance: 100 },
        { wallets: { updated: [{ balance: 107, lots: [endless] }] }, entries: { inserted: [{}, {}] } },
      )
  })

  it('counts in no decision any more', () => {
    const late = () => wallet().at(inOneHour + hour)
    late().when(quoteOrder, bought).thenAccepted({ balance: 107, finalAmount: 150, sufficient: false })
    late().under('one-call').when(placeOrder, bought).thenRefused('BALANCE_INSUFFICIENT', { balance: 107 })
    wallet().under('one-call').when(placeOrder, bought).thenAccepted({ status: 'paid' })
    given(walletWith(0, [lotOf({ amount: 999_999, expiresAt: inOneHour })]))
      .when(chargeBalance, { userId: 'u1', amount: 2 })
      .thenRefused('BALANCE_LIMIT_EXCEEDED', { balance: 999_999 })
      .at(inOneHour)
      .when(chargeBalance, { userId: 'u1', amount: 2 })
      .thenAccepted({ balance: 2 })
  })

  it('does not pay an order that was placed before', () => {
    given(
      walletWith(100, [first]),
      productOf({ held: 0 }),
      orderOf({ stockTakenAt: 'payment', expiresAt: inOneHour * 2 }),
    )
      .at(inOneHour)
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 100, required: 1_000 })
  })

  it('is written off before a refund of the same wallet', () => {
    given(walletWith(0, [first]), productOf({ stock: 9, received: 10 }), orderOf({ status: 'paid' }))
      .at(inOneHour)
      .when(refundOrder, { orderId: 'o1' })
      .thenChanges({
        orders: { updated: [{}] },
        wallets: { updated: [{ balance: 1_000, lots: null }] },
        entries: {
          inserted: [
            expiryOf(first, { sequence: 3, balance: 0 }),
            { kind: 'refund', sequence: 4, amount: 1_000, balance: 1_000, lots: null },
          ],
        },
        products: { updated: [{}] },
        events: { inserted: [{}] },
        sales: [{}],
      })
  })
})

describe('reading and sweeping', () => {
  const clock = manualClock(defaultNow)
  let store = inMemoryStore({ clock })
  let shop: Shop = createShop({ store })

  beforeEach(async () => {
    store = inMemoryStore({ clock })
    shop = createShop({ store })
    await shop.balance.charge({ userId: 'u1', amount: 100 })
    const expiresAt = clock.now() + hour
    for (const userId of ['u1', 'u2', 'u3']) await shop.balance.grant({ userId, amount: 50, expiresAt })
  })

  it('a balance is without the lot from its end on, written or not', async () => {
    clock.move(hour - 1)
    expect(await shop.balance.get({ userId: 'u1' })).toMatchObject({ balance: 150, withdrawable: 100, bonus: [{}] })
    clock.move(1)
    expect(await shop.balance.get({ userId: 'u1' })).toEqual({ userId: 'u1', balance: 100 })
    expect(store.rows('wallets').find(({ userId }) => userId === 'u1')).toMatchObject({ balance: 150 })
    expect(await shop.upkeep.expireLots()).toBe(3)
    expect(await shop.balance.get({ userId: 'u1' })).toEqual({ userId: 'u1', balance: 100 })
    expect(store.rows('wallets').find(({ userId }) => userId === 'u1')).toMatchObject({ balance: 100, lots: null })
  })

  it('the sweep writes one entry for each lot, and only once', async () => {
    expect(await shop.upkeep.expireLots()).toBe(0)
    clock.move(hour)
    const endedAt = clock.now()
    clock.move(hour)
    const sweeps = await Promise.all([shop.upkeep.expireLots({ limit: 2 }), shop.upkeep.expireLots({ limit: 2 })])
    expect(sweeps).toEqual([2, 2])
    expect(await shop.upkeep.expireLots({ limit: 2 })).toBe(1)
    expect(await shop.upkeep.expireLots({ limit: 2 })).toBe(0)
    const { items } = await shop.balance.entries({ kind: 'expiry' })
    expect(
      items.map(({ userId, amount, balance, bonusAmount }) => [userId, amount, balance, bonusAmount]).sort(),
    ).toEqual([
      ['u1', -50, 100, -50],
      ['u2', -50, 0, -50],
      ['u3', -50, 0, -50],
    ])
    expect(new Set(items.map(({ at }) => Date.parse(at)))).toEqual(new Set([endedAt]))
    expect(await shop.audit()).toMatchObject({ ok: true, violations: [] })
  })

  it('the sweep handles the longest ended first, whatever else a wallet holds', async () => {
    await shop.balance.grant({ userId: 'u3', amount: 1, expiresAt: clock.now() + 1 })
    await shop.balance.grant({ userId: 'u2', amount: 1, expiresAt: clock.now() + 2 })
    const ended = (limit: number) => store.reads.walletsWithEndedLots({ limit })
    expect(await ended(9)).toEqual([])
    clock.move(2)
    expect(await ended(9)).toEqual(['u3', 'u2'])
    clock.move(hour)
    expect(await ended(9)).toEqual(['u3', 'u2', 'u1'])
    expect(await ended(1)).toEqual(['u3'])
  })

  it('the sweep of a leader that was replaced writes its fence no more', async () => {
    clock.move(hour)
    await shop.upkeep.expireLots({ limit: 1, fence: { job: 'sweep', token: 2 } })
    expect(await shop.upkeep.expireLots({ limit: 1, fence: { job: 'sweep', token: 1 } })).toBe(0)
    expect(store.rows('fences')).toEqual([{ job: 'sweep', token: 2 }])
    await expect(shop.execute(expireLots, { userId: 'u1', fence: { job: 'sweep', token: 1 } })).resolves.toMatchObject({
      refusal: { code: 'LEADERSHIP_LOST', job: 'sweep' },
    })
  })

  it('the audit reports a lot that nobody swept for ten minutes', async () => {
    clock.move(hour + 10 * 60_000 - 1)
    expect(await shop.audit()).toMatchObject({ ok: true })
    clock.move(1)
    expect((await shop.audit()).violations.map(({ law, subject }) => `${law} ${subject}`)).toEqual(
      ['u1', 'u2', 'u3'].map((userId) => `LOT-ENDS wallet ${userId}`),
    )
  })
})
