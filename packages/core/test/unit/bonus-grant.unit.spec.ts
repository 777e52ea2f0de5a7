import { describe, expect, it } from 'vitest'
import { chargeBalance, grantBonus, iso, maxMoney, placeOrder } from '../../src/commands.js'
import { noOutlines } from '../../src/engine/command.js'
import { presetNames, presets, type TimeInput } from '../../src/index.js'
import { defaultNow, given, productOf, walletOf } from '../../src/testing/index.js'
import { day, inOneHour, lotOf, walletWith } from './bonus.js'

const byRegistration = presetNames.filter((name) => presets[name].wallet.opens === 'by-registration')
const onFirstCharge = presetNames.filter((name) => presets[name].wallet.opens === 'on-first-charge')
const grant = { userId: 'u1', amount: 300 }
const lots = (count: number) =>
  Array.from({ length: count }, (_, index) => lotOf({ lotId: `l${index}`, amount: 1, sequence: index + 1 }))

describe('granting bonus money', () => {
  it('adds a lot and its entry, and returns both ids', () => {
    given(walletOf({ balance: 700 }))
      .naming('l9', 'e9')
      .when(grantBonus, { ...grant, expiresAt: iso(inOneHour), reason: 'welcome', metadata: { campaign: 'may' } })
      .thenAccepted((result) => expect(result).toEqual({ userId: 'u1', balance: 1_000, entryId: 'e9', lotId: 'l9' }))
      .thenChanges({
        wallets: {
          updated: [
            { balance: 1_000, entries: 2, lots: [{ lotId: 'l9', amount: 300, expiresAt: inOneHour, sequence: 2 }] },
          ],
        },
        entries: {
          inserted: [
            {
              entryId: 'e9',
              sequence: 2,
              kind: 'grant',
              amount: 300,
              balance: 1_000,
              orderId: null,
              at: defaultNow,
              lots: [{ lotId: 'l9', amount: 300, expiresAt: inOneHour, sequence: 2 }],
              reference: null,
              reason: 'welcome',
              metadata: { campaign: 'may' },
            },
          ],
        },
      })
  })

  it('needs only a user and an amount: the lot then has no end', () => {
    given(walletOf())
      .when(grantBonus, grant)
      .thenAccepted({ balance: 300 })
      .thenChanges({
        wallets: { updated: [{ lots: [{ amount: 300, expiresAt: null, sequence: 1 }] }] },
        entries: { inserted: [{ lots: [{ expiresAt: null }], reference: null, reason: null, metadata: null }] },
      })
  })

  it.each<[string, TimeInput | null, number | null]>([
    ['text', '2030-01-01T09:00:00+09:00', Date.UTC(2030, 0, 1)],
    ['a Date', new Date(inOneHour), inOneHour],
    ['milliseconds', inOneHour, inOneHour],
    ['null', null, null],
  ])('takes the end as %s', (_, expiresAt, end) => {
    given(walletOf())
      .when(grantBonus, { ...grant, expiresAt })
      .thenChanges({ wallets: { updated: [{ lots: [{ expiresAt: end }] }] }, entries: { inserted: [{}] } })
  })

  it('keeps the lots in spending order', () => {
    const lot = (lotId: string, expiresAt: number | null) => ({ ...grant, amount: 1, expiresAt, lotId })
    const granted = [
      lot('d', null),
      lot('c', inOneHour + day),
      lot('a', inOneHour),
      lot('b', inOneHour),
      lot('e', null),
    ]
    let story = given(walletOf())
    for (const { lotId, ...input } of granted) story = story.naming(lotId, `of-${lotId}`).when(grantBonus, input)
    story
      .naming('f')
      .when(grantBonus, { ...grant, expiresAt: inOneHour + 1 })
      .thenChanges({
        wallets: { updated: [{ lots: ['a', 'b', 'f', 'c', 'd', 'e'].map((lotId) => ({ lotId })) }] },
        entries: { inserted: [{}] },
      })
  })

  it.each(onFirstCharge)('opens the wallet of an unknown user (%s)', (preset) => {
    given()
      .under(preset)
      .when(grantBonus, grant)
      .thenAccepted({ balance: 300 })
      .thenChanges({ wallets: { inserted: [{ balance: 300, entries: 1 }] }, entries: { inserted: [{ sequence: 1 }] } })
  })

  it.each(byRegistration)('refuses an unknown user (%s)', (preset) => {
    given().under(preset).when(grantBonus, grant).thenRefused('USER_NOT_FOUND', { userId: 'u1' })
  })

  it('locks the wallet, and nothing else', () => {
    const context = { outlines: noOutlines, policies: presets.standard }
    expect(grantBonus.keys(grant, context)).toEqual({ lock: { wallets: ['u1'] } })
  })
})

describe('the limits of a grant', () => {
  it.each([0, -1, 0.5, maxMoney + 1, '1', null, undefined])('an amount is not %j', (amount) => {
    given(walletOf())
      .when(grantBonus, { ...grant, amount: amount as number })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'amount' }] })
  })

  it.each(['', 'x'.repeat(201), '\0', '\ud800', null, 7])('a reason is not %j', (reason) => {
    given(walletOf())
      .when(grantBonus, { ...grant, reason: reason as string })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'reason' }] })
  })

  it('a reason has up to 200 code points', () => {
    given(walletOf())
      .when(grantBonus, { ...grant, reason: '🎁'.repeat(200) })
      .thenAccepted()
  })

  it.each([defaultNow, defaultNow - 1, 0])('an end in the future is not %i', (expiresAt) => {
    given(walletOf())
      .when(grantBonus, { ...grant, expiresAt })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'expiresAt', message: 'must be in the future' }] })
  })

  it('the end may be the next millisecond', () => {
    given(walletOf())
      .when(grantBonus, { ...grant, expiresAt: defaultNow + 1 })
      .thenAccepted()
  })

  it('the largest amount is the largest balance', () => {
    given(walletOf())
      .when(grantBonus, { ...grant, amount: maxMoney })
      .thenAccepted({ balance: maxMoney })
  })

  it('no balance exceeds the exact integers', () => {
    const balance = maxMoney - 299
    given(walletOf({ balance }))
      .when(grantBonus, grant)
      .thenRefused('BALANCE_LIMIT_EXCEEDED', { limit: maxMoney, balance })
      .when(grantBonus, { ...grant, amount: 299 })
      .thenAccepted({ balance: maxMoney })
  })

  it('the limits of charging do not apply, but charges count bonus money', () => {
    given(walletOf({ balance: 400_000 }))
      .when(grantBonus, { ...grant, amount: 599_999 })
      .thenAccepted({ balance: 999_999 })
      .when(chargeBalance, { userId: 'u1', amount: 2 })
      .thenRefused('BALANCE_LIMIT_EXCEEDED', { limit: 1_000_000, balance: 999_999 })
      .when(chargeBalance, { userId: 'u1', amount: 1 })
      .thenAccepted({ balance: 1_000_000 })
      .when(grantBonus, { ...grant, amount: 5_000_000 })
      .thenAccepted({ balance: 6_000_000 })
  })

  it('a wallet has at most 50 live lots', () => {
    given(walletWith(0, lots(49)))
      .when(grantBonus, grant)
      .thenAccepted()
      .when(grantBonus, grant)
      .thenRefused('BONUS_LOTS_EXCEEDED', { limit: 50 })
  })

  it('a lot that ended makes room, and so does one that was spent', () => {
    const full = [lotOf({ lotId: 'ends', expiresAt: inOneHour, sequence: 60 }), ...lots(49)]
    given(walletWith(0, full))
      .at(inOneHour - 1)
      .when(grantBonus, grant)
      .thenRefused('BONUS_LOTS_EXCEEDED')
      .at(inOneHour)
      .when(grantBonus, grant)
      .thenAccepted()
    given(walletWith(0, lots(50)), productOf({ price: 1 }))
      .under('one-call')
      .when(placeOrder, { userId: 'u1', products: [{ productId: 'p1', quantity: 1 }] })
      .when(grantBonus, grant)
      .thenAccepted()
  })
})

describe('of several reasons, a grant is refused for the first:', () => {
  it('a time that is not in the future, then an unknown user', () => {
    given()
      .under('one-call')
      .when(grantBonus, { ...grant, expiresAt: 0 })
      .thenRefused('INVALID_REQUEST')
      .when(grantBonus, { ...grant, amount: maxMoney })
      .thenRefused('USER_NOT_FOUND')
  })

  it('the largest balance, then the number of lots', () => {
    given(walletWith(maxMoney - 50, lots(50)))
      .when(grantBonus, { ...grant, amount: 1 })
      .thenRefused('BALANCE_LIMIT_EXCEEDED', { balance: maxMoney })
  })
})

describe('the time of a grant is judged after its reference', () => {
  const referenced = { ...grant, expiresAt: inOneHour, reference: 'r' }
  const first = given(walletOf()).naming('l1', 'e1').when(grantBonus, referenced).thenAccepted().at(inOneHour)

  it('so a replay after the end is answered', () => {
    first
      .when(grantBonus, referenced)
      .thenAccepted((result) => expect(result).toEqual({ userId: 'u1', balance: 300, entryId: 'e1', lotId: 'l1' }))
  })

  it('and so another request with the same reference is refused as one', () => {
    first
      .when(grantBonus, { ...referenced, expiresAt: 0 })
      .thenRefused('REFERENCE_REUSED', { reference: 'r', userId: 'u1', entryId: 'e1' })
  })

  it('but an amount is wrong at any time', () => {
    first.when(grantBonus, { ...referenced, amount: 0 }).thenRefused('INVALID_REQUEST')
  })
})
