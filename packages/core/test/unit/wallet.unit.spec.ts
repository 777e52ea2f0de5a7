import { describe, expect, it } from 'vitest'
import { chargeLimit } from '../../src/commands/wallet/charge-balance.js'
import { chargeBalance, iso, maxBalanceLimit, registerUser } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { type PresetName, presetNames, presets } from '../../src/index.js'
import { addEntry, balanceView, entryView, openWallet, userEntryView } from '../../src/model/wallet.js'
import { defaultNow, given, walletOf } from '../../src/testing/index.js'
import { lotOf } from './bonus.js'

const byRegistration = presetNames.filter((name) => presets[name].wallet.opens === 'by-registration')
const onFirstCharge = presetNames.filter((name) => presets[name].wallet.opens === 'on-first-charge')

describe('registering a user', () => {
  it.each(presetNames)('opens an empty wallet without an entry (%s)', (preset) => {
    given()
      .under(preset)
      .when(registerUser, { userId: 'u1' })
      .thenAccepted({ userId: 'u1', balance: 0 })
      .thenChanges({ wallets: { inserted: [{ userId: 'u1', balance: 0, entries: 0, createdAt: defaultNow }] } })
  })

  it('refuses an existing user, and does not change the balance', () => {
    given(walletOf({ balance: 70 }))
      .when(registerUser, { userId: 'u1' })
      .thenRefused('USER_ALREADY_EXISTS', { userId: 'u1' })
  })

  it.each(['', 'a b', 'x'.repeat(65), 'ü'])('refuses %j as a user id', (userId) => {
    given()
      .when(registerUser, { userId })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'userId' }] })
  })
})

describe('charging a balance', () => {
  it('adds the amount and returns the new balance', () => {
    given(walletOf({ balance: 700 }))
      .when(chargeBalance, { userId: 'u1', amount: 300 })
      .thenAccepted({ userId: 'u1', balance: 1_000, entryId: 'id-1' })
      .thenChanges({
        wallets: { updated: [{ userId: 'u1', balance: 1_000, entries: 2 }] },
        entries: {
          inserted: [
            {
              entryId: 'id-1',
              userId: 'u1',
              sequence: 2,
              kind: 'charge',
              amount: 300,
              balance: 1_000,
              orderId: null,
              at: defaultNow,
            },
          ],
        },
      })
  })

  it.each(onFirstCharge)('opens the wallet of an unknown user (%s)', (preset) => {
    given()
      .under(preset)
      .when(chargeBalance, { userId: 'u9', amount: 1_000 })
      .thenAccepted({ userId: 'u9', balance: 1_000 })
      .thenChanges({
        wallets: { inserted: [{ userId: 'u9', balance: 1_000, entries: 1, createdAt: defaultNow }] },
        entries: { inserted: [{ sequence: 1, amount: 1_000, balance: 1_000 }] },
      })
  })

  it.each(byRegistration)('refuses an unknown user (%s)', (preset) => {
    given()
      .under(preset)
      .when(chargeBalance, { userId: 'u9', amount: 1_000 })
      .thenRefused('USER_NOT_FOUND', { userId: 'u9' })
  })

  it.each(byRegistration)('charges a registered user (%s)', (preset) => {
    given()
      .under(preset)
      .when(registerUser, { userId: 'u1' })
      .when(chargeBalance, { userId: 'u1', amount: 1_000 })
      .thenAccepted({ balance: 1_000 })
  })

  it.each(presetNames)('changes balance and history together (%s)', (preset) => {
    given(walletOf({ balance: 1_000 }))
      .under(preset)
      .when(chargeBalance, { userId: 'u1', amount: 2_000 })
      .thenAccepted({ userId: 'u1', balance: 3_000 })
      .thenChanges({
        wallets: { updated: [{ balance: 3_000 }] },
        entries: { inserted: [{ kind: 'charge', amount: 2_000, balance: 3_000 }] },
      })
  })

  const limits: Record<PresetName, { minimum: number; maximum: number }> = {
    standard: { minimum: 1, maximum: 1_000_000 },
    'hold-at-order': { minimum: 1, maximum: 10 ** 15 },
    'partial-orders': { minimum: 1, maximum: 10 ** 15 },
    'one-call': { minimum: 1, maximum: 10 ** 15 },
    'take-at-payment': { minimum: 1_000, maximum: 500_000 },
    'coupon-at-payment': { minimum: 1_000, maximum: 500_000 },
  }

  describe.each(presetNames)('under %s', (preset) => {
    const { minimum, maximum } = limits[preset]
    const wallet = given(walletOf()).under(preset)

    it('refuses an amount below the minimum or above the maximum', () => {
      for (const amount of [minimum - 1, 0, -1, -minimum, maximum + 1]) {
        wallet
          .when(chargeBalance, { userId: 'u1', amount })
          .thenRefused('CHARGE_AMOUNT_INVALID', { minimum, maximum, unit: 1 })
      }
    })

    it('accepts the minimum and the maximum', () => {
      for (const amount of [minimum, maximum]) {
        given(walletOf()).under(preset).when(chargeBalance, { userId: 'u1', amount }).thenAccepted({ balance: amount })
      }
    })

    it('reaches the balance limit, and not one more', () => {
      const { balanceLimit } = presets[preset].charge
      const balance = balanceLimit - minimum
      given(walletOf({ balance }))
        .under(preset)
        .when(chargeBalance, { userId: 'u1', amount: minimum + 1 })
        .thenRefused('BALANCE_LIMIT_EXCEEDED', { limit: balanceLimit, balance })
        .when(chargeBalance, { userId: 'u1', amount: minimum })
        .thenAccepted({ balance: balanceLimit })
        .when(chargeBalance, { userId: 'u1', amount: minimum })
        .thenRefused('BALANCE_LIMIT_EXCEEDED', { limit: balanceLimit, balance: balanceLimit })
    })
  })

  it('accepts multiples of the unit only', () => {
    const policies = { charge: { minimum: 10, maximum: 1_000, unit: 10 } }
    given()
      .under('standard', policies)
      .when(chargeBalance, { userId: 'u1', amount: 105 })
      .thenRefused('CHARGE_AMOUNT_INVALID', { minimum: 10, maximum: 1_000, unit: 10 })
      .when(chargeBalance, { userId: 'u1', amount: 110 })
      .thenAccepted({ balance: 110 })
  })

  it('refuses the unknown user before the wrong amount', () => {
    given().under('one-call').when(chargeBalance, { userId: 'u9', amount: 0 }).thenRefused('USER_NOT_FOUND')
  })

  it('refuses the wrong amount before the balance limit', () => {
    given(walletOf({ balance: 1_000_000 }))
      .when(chargeBalance, { userId: 'u1', amount: 1_000_001 })
      .thenRefused('CHARGE_AMOUNT_INVALID')
  })

  it('refuses a number that is not whole before all other checks', () => {
    for (const amount of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '100', true, null, undefined, [1]]) {
      given()
        .under('one-call')
        .when(chargeBalance, { userId: 'u9', amount: amount as number })
        .thenRefused('INVALID_REQUEST', { errors: [{ path: 'amount' }] })
    }
  })

  it('names every field that is wrong', () => {
    given()
      .when(chargeBalance, { userId: 'no user', amount: 0.5 })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'userId' }, { path: 'amount' }] })
  })

  it('locks the wallet it reads, and nothing else', () => {
    const outlines = noOutlines
    const keys = chargeBalance.keys({ userId: 'u1', amount: 1 }, { outlines, policies: presets['take-at-payment'] })
    expect(keys).toEqual({ lock: { wallets: ['u1'] } })
  })
})

describe('the limits of a charge', () => {
  it('accept an amount within them', () => {
    expect(chargeLimit(1, 999_999, presets.standard.charge)).toBeUndefined()
  })

  it('are exact at the highest possible limit', () => {
    const { charge } = presets['one-call']
    expect(chargeLimit(1, maxBalanceLimit - 1, charge)).toBeUndefined()
    expect(chargeLimit(1, maxBalanceLimit, charge)?.code).toBe('BALANCE_LIMIT_EXCEEDED')
  })
})

describe('a wallet', () => {
  const wallet = { ...openWallet('u1', defaultNow), balance: 50, entries: 3 }
  const newId = () => 'e4'

  it('changes by one entry at a time, with consecutive numbers', () => {
    const added = addEntry(wallet, { kind: 'payment', amount: -20, orderId: 'o1' }, { now: defaultNow, newId })
    expect(added.wallet).toEqual({ userId: 'u1', balance: 30, entries: 4, lots: null, createdAt: defaultNow })
    expect(added.entry).toEqual({
      entryId: 'e4',
      userId: 'u1',
      sequence: 4,
      kind: 'payment',
      amount: -20,
      balance: 30,
      orderId: 'o1',
      at: defaultNow,
      lots: null,
      reference: null,
      reason: null,
      metadata: null,
    })
  })

  it('shows user and balance, and its entries without their sequence', () => {
    expect(balanceView(wallet, {})).toEqual({ userId: 'u1', balance: 50 })
    const { entry } = addEntry(wallet, { kind: 'charge', amount: 20, orderId: null }, { now: defaultNow, newId })
    expect(entryView(entry, {})).toEqual({
      entryId: 'e4',
      kind: 'charge',
      amount: 20,
      balance: 70,
      orderId: null,
      at: iso(defaultNow),
    })
  })

  it('shows the fields of an entry that only some have, and the signed part that was bonus money', () => {
    const given = {
      kind: 'grant',
      amount: 20,
      lots: [lotOf({ amount: 20 })],
      reference: 'r',
      reason: 'welcome',
    } as const
    const metadata = { campaign: 'may' }
    const { wallet: granted, entry } = addEntry(wallet, { ...given, metadata }, { now: defaultNow, newId })
    const shown = { bonusAmount: 20, reference: 'r', reason: 'welcome', metadata }
    expect(entryView(entry, {})).toMatchObject(shown)
    expect(userEntryView(entry, {})).toEqual({ ...entryView(entry, {}), userId: 'u1' })
    const spent = { kind: 'payment', amount: -50, lots: [lotOf({ amount: -20 })], orderId: 'o1' } as const
    const { wallet: left, entry: payment } = addEntry(granted, spent, { now: defaultNow, newId })
    expect(entryView(payment, {})).toMatchObject({ amount: -50, bonusAmount: -20, balance: 20, orderId: 'o1' })
    for (const field of ['reference', 'reason', 'metadata']) expect(entryView(payment, {})).not.toHaveProperty(field)
    expect(left).toMatchObject({ balance: 20, lots: null })
  })
})
