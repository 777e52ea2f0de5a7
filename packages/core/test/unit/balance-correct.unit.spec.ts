import { describe, expect, it } from 'vitest'
import { adjustBalance, maxMoney, withdrawBalance } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { presetNames, presets } from '../../src/index.js'
import { defaultNow, given, walletOf } from '../../src/testing/index.js'
import { inOneHour, lotOf, walletWith } from './bonus.js'

const withdrawal = { userId: 'u1', amount: 700 }
const adjustment = { userId: 'u1', change: 500, reason: 'charged twice' }
const reasons = ['', 'x'.repeat(201), 'a\0', '\udfff', null, 7, ['r']]
const context = { outlines: noOutlines, policies: presets.standard }

/** 700 of paid money and a lot of 300 that ends in one hour. */
const mixed = () => given(walletWith(700, [lotOf({ amount: 300, expiresAt: inOneHour })]))

describe('withdrawing', () => {
  it('takes paid money and leaves a reasoned entry', () => {
    given(walletOf({ balance: 1_000 }))
      .naming('e2')
      .when(withdrawBalance, { ...withdrawal, reason: 'account closed', metadata: { bank: '004' } })
      .thenAccepted((result) => expect(result).toEqual({ userId: 'u1', balance: 300, entryId: 'e2' }))
      .thenChanges({
        wallets: { updated: [{ balance: 300, entries: 2, lots: null }] },
        entries: {
          inserted: [
            {
              entryId: 'e2',
              sequence: 2,
              kind: 'withdrawal',
              amount: -700,
              balance: 300,
              orderId: null,
              at: defaultNow,
              lots: null,
              reference: null,
              reason: 'account closed',
              metadata: { bank: '004' },
            },
          ],
        },
      })
  })

  it('leaves bonus money alone', () => {
    mixed()
      .when(withdrawBalance, { userId: 'u1', amount: 701 })
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 700, required: 701 })
      .when(withdrawBalance, withdrawal)
      .thenAccepted({ balance: 300 })
      .thenChanges({
        wallets: { updated: [{ balance: 300, lots: [{ lotId: 'l1', amount: 300 }] }] },
        entries: { inserted: [{ lots: null }] },
      })
      .when(withdrawBalance, { userId: 'u1', amount: 1 })
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 0, required: 1 })
  })

  it('does not mistake a lot that ended for paid money', () => {
    mixed()
      .at(inOneHour)
      .when(withdrawBalance, { userId: 'u1', amount: 701 })
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 700, required: 701 })
      .when(withdrawBalance, withdrawal)
      .thenAccepted({ balance: 0 })
  })

  it.each(presetNames)('needs a wallet (%s)', (preset) => {
    given()
      .under(preset)
      .when(withdrawBalance, { userId: 'u9', amount: 1 })
      .thenRefused('USER_NOT_FOUND', { userId: 'u9' })
  })

  it('is not bound by the limits of charging', () => {
    given(walletOf({ balance: 1_000_000 }))
      .under('take-at-payment')
      .when(withdrawBalance, { userId: 'u1', amount: 999_999 })
      .thenAccepted({ balance: 1 })
      .when(withdrawBalance, { userId: 'u1', amount: 1 })
      .thenAccepted({ balance: 0 })
  })

  it.each([0, -1, 1.5, maxMoney + 1, '10', null, undefined])('refuses %j as an amount', (amount) => {
    given(walletOf({ balance: 10 }))
      .when(withdrawBalance, { userId: 'u1', amount: amount as number })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'amount' }] })
  })

  it.each(reasons)('refuses %j as a reason', (reason) => {
    given(walletOf({ balance: 700 }))
      .when(withdrawBalance, { ...withdrawal, reason: reason as string })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'reason' }] })
  })

  it('locks the wallet, and nothing else', () => {
    expect(withdrawBalance.keys(withdrawal, context)).toEqual({ lock: { wallets: ['u1'] } })
  })
})

describe('adjusting', () => {
  it('corrects paid money upwards, with its reason', () => {
    given(walletOf({ balance: 1_000 }))
      .naming('e2')
      .when(adjustBalance, adjustment)
      .thenAccepted((result) => expect(result).toEqual({ userId: 'u1', balance: 1_500, entryId: 'e2' }))
      .thenChanges({
        wallets: { updated: [{ balance: 1_500, entries: 2, lots: null }] },
        entries: {
          inserted: [
            { kind: 'adjustment', amount: 500, balance: 1_500, reason: 'charged twice', metadata: null, lots: null },
          ],
        },
      })
  })

  it('corrects paid money downwards to 0, and not below', () => {
    mixed()
      .when(adjustBalance, { ...adjustment, change: -701 })
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 700, required: 701 })
      .when(adjustBalance, { ...adjustment, change: -700 })
      .thenAccepted({ balance: 300 })
      .thenChanges({
        wallets: { updated: [{ balance: 300, lots: [{ amount: 300 }] }] },
        entries: { inserted: [{ kind: 'adjustment', amount: -700, lots: null }] },
      })
      .when(adjustBalance, { ...adjustment, change: -1 })
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 0, required: 1 })
  })

  it('is not bound by the limits of charging', () => {
    given(walletOf({ balance: 1_000_000 }))
      .under('take-at-payment')
      .when(adjustBalance, { ...adjustment, change: 5_000_000 })
      .thenAccepted({ balance: 6_000_000 })
      .when(adjustBalance, { ...adjustment, change: 1 })
      .thenAccepted({ balance: 6_000_001 })
  })

  it('never exceeds the exact integers', () => {
    const balance = maxMoney - 500
    given(walletOf({ balance }))
      .when(adjustBalance, { ...adjustment, change: 501 })
      .thenRefused('BALANCE_LIMIT_EXCEEDED', { limit: maxMoney, balance })
      .when(adjustBalance, adjustment)
      .thenAccepted({ balance: maxMoney })
      .when(adjustBalance, { ...adjustment, change: -maxMoney })
      .thenAccepted({ balance: 0 })
  })

  it.each(presetNames)('needs a wallet (%s)', (preset) => {
    given()
      .under(preset)
      .when(adjustBalance, { ...adjustment, userId: 'u9' })
      .thenRefused('USER_NOT_FOUND', { userId: 'u9' })
  })

  it.each([0, -0, 0.5, Number.NaN, maxMoney + 1, -maxMoney - 1, '5', null, undefined])(
    'refuses %j as a change',
    (change) => {
      given(walletOf({ balance: 10 }))
        .when(adjustBalance, { ...adjustment, change: change as number })
        .thenRefused('INVALID_REQUEST', { errors: [{ path: 'change' }] })
    },
  )

  it.each([...reasons, undefined])('refuses %j as a reason', (reason) => {
    given(walletOf({ balance: 10 }))
      .when(adjustBalance, { ...adjustment, reason: reason as string })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'reason' }] })
  })

  it('takes a reason of 200 code points, and no metadata', () => {
    given(walletOf())
      .when(adjustBalance, { ...adjustment, reason: '돈'.repeat(200) })
      .thenAccepted()
      .when(adjustBalance, { ...adjustment, metadata: {} } as typeof adjustment)
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'metadata', message: 'is not known here' }] })
  })

  it('locks the wallet, and nothing else', () => {
    expect(adjustBalance.keys(adjustment, context)).toEqual({ lock: { wallets: ['u1'] } })
  })
})
