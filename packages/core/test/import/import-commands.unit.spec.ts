import { describe, expect, it } from 'vitest'
import { importIssuedCoupon, importUser, maxMoney } from '../../src/commands.js'
import { couponOf, defaultNow, entryOf, given, issuedCouponOf, walletOf } from '../../src/testing/index.js'

const hour = 3_600_000
const opened = (amount: number, reference: string | null = null) => [
  walletOf({ balance: amount, entries: 1 }),
  entryOf({ kind: 'opening', amount, balance: amount, reference }),
]

describe('importing a user', () => {
  it('opens a wallet with the balance as its first entry, above every limit of charging', () => {
    given()
      .under('standard', { charge: { balanceLimit: 1, maximum: 1 }, wallet: { opens: 'by-registration' } })
      .naming('e1')
      .when(importUser, { userId: 'u1', balance: maxMoney, reference: 'old-1' })
      .thenAccepted((result) => expect(result).toEqual({ userId: 'u1', imported: true }))
      .thenChanges({
        wallets: { inserted: [{ userId: 'u1', balance: maxMoney, entries: 1, lots: null, createdAt: defaultNow }] },
        entries: {
          inserted: [
            {
              entryId: 'e1',
              sequence: 1,
              kind: 'opening',
              amount: maxMoney,
              balance: maxMoney,
              orderId: null,
              at: defaultNow,
              lots: null,
              reference: 'old-1',
              reason: null,
              metadata: null,
            },
          ],
        },
      })
  })

  it('opens an empty wallet without an entry for no balance, and with one for a balance of 0', () => {
    given()
      .when(importUser, { userId: 'u1' })
      .thenAccepted({ imported: true })
      .thenChanges({ wallets: { inserted: [{ userId: 'u1', balance: 0, entries: 0 }] } })
      .when(importUser, { userId: 'u2', balance: 0 })
      .thenChanges({
        wallets: { inserted: [{ userId: 'u2', balance: 0, entries: 1 }] },
        entries: { inserted: [{ kind: 'opening', amount: 0 }] },
      })
  })

  it.each([
    ['this balance', opened(500), { balance: 500 }],
    ['this balance and reference', opened(500, 'r'), { balance: 500, reference: 'r' }],
    ['this balance and a reference that the line leaves out', opened(500, 'r'), { balance: 500 }],
    ['any history, if the line brings no balance', [walletOf({ balance: 9, entries: 3 })], {}],
    ['no opening balance, if the line brings 0', [walletOf({ balance: 9, entries: 3 })], { balance: 0 }],
  ])('leaves a user as it is who is there with %s', (_, rows, brought) => {
    given(...rows)
      .when(importUser, { userId: 'u1', ...brought })
      .thenAccepted({ userId: 'u1', imported: false })
      .thenChanges({})
  })

  it.each([
    ['another opening balance', opened(500), { balance: 501 }, 500],
    ['an opening balance, if the line brings 0', opened(500), { balance: 0 }, 500],
    ['another reference', opened(500, 'r'), { balance: 500, reference: 's' }, 500],
    ['an opening balance without the reference', opened(500), { balance: 500, reference: 's' }, 500],
    ['no opening balance', [walletOf({ balance: 9, entries: 1 }), entryOf({ amount: 9 })], { balance: 9 }, null],
    ['no entry, if the line brings a reference', [walletOf({})], { balance: 0, reference: 's' }, null],
  ])('refuses a user who is there with %s', (_, rows, brought, openingBalance) => {
    given(...rows)
      .when(importUser, { userId: 'u1', ...brought })
      .thenRefused('USER_ALREADY_EXISTS', { userId: 'u1', openingBalance })
  })

  it('refuses a reference of another user, or with another balance', () => {
    given(...opened(500, 'r'))
      .when(importUser, { userId: 'u2', balance: 500, reference: 'r' })
      .thenRefused('REFERENCE_REUSED', { reference: 'r', userId: 'u1' })
      .when(importUser, { userId: 'u1', balance: 501, reference: 'r' })
      .thenRefused('REFERENCE_REUSED', { reference: 'r', userId: 'u1' })
  })

  it('leaves the references of charges free', () => {
    given(walletOf({ userId: 'u2', balance: 1, entries: 1 }), entryOf({ userId: 'u2', reference: 'r' }))
      .when(importUser, { userId: 'u1', balance: 500, reference: 'r' })
      .thenAccepted({ imported: true })
  })

  it.each([
    [{}, 'userId'],
    [{ userId: 'u1', balance: -1 }, 'balance'],
    [{ userId: 'u1', balance: 1.5 }, 'balance'],
    [{ userId: 'u1', balance: '1' }, 'balance'],
    [{ userId: 'u1', balance: maxMoney + 1 }, 'balance'],
    [{ userId: 'u1', balance: 1, reference: 'a b' }, 'reference'],
    [{ userId: 'u1', reference: 'r' }, 'reference'],
    [{ userId: 'u1', name: 'Mina' }, 'name'],
  ])('refuses %j', (input, path) => {
    given()
      .when(importUser, input as never)
      .thenRefused('INVALID_REQUEST', { errors: [{ path }] })
  })
})

describe('importing a copy of a coupon', () => {
  const copy = { couponId: 'c1', userId: 'u1' }

  it.each([
    ['valid', { validFrom: defaultNow - hour, validUntil: defaultNow + hour }, defaultNow],
    ['over', { validFrom: defaultNow - 2 * hour, validUntil: defaultNow - hour }, defaultNow],
    [
      'to come: it counts as issued at its start',
      { validFrom: defaultNow + 1, validUntil: defaultNow + hour },
      defaultNow + 1,
    ],
  ])('gives the user a copy of a coupon that is %s', (_, terms, issuedAt) => {
    given(couponOf({ quantity: 2, issued: 1, ...terms }))
      .when(importIssuedCoupon, copy)
      .thenAccepted(copy)
      .thenChanges({
        coupons: { updated: [{ issued: 2 }] },
        issuedCoupons: { inserted: [{ ...copy, issuedAt, usedByOrderId: null, usedUntil: null }] },
      })
  })

  it('never exceeds the quantity; a copy that is there comes before', () => {
    given(couponOf({ quantity: 1, issued: 1 }), issuedCouponOf())
      .when(importIssuedCoupon, copy)
      .thenRefused('COUPON_ALREADY_ISSUED', { couponId: 'c1' })
      .when(importIssuedCoupon, { ...copy, userId: 'u2' })
      .thenRefused('COUPON_SOLD_OUT', { couponId: 'c1' })
  })

  it('needs the coupon, and the user where users register', () => {
    given()
      .when(importIssuedCoupon, copy)
      .thenRefused('COUPON_NOT_FOUND', { couponId: 'c1' })
      .under('standard', { wallet: { opens: 'by-registration' } })
      .when(importIssuedCoupon, copy)
      .thenRefused('USER_NOT_FOUND', { userId: 'u1' })
  })

  it.each([[{ userId: 'u1' }], [{ couponId: 'c1' }], [{ ...copy, code: 'ABC' }]])('refuses %j', (input) => {
    given()
      .when(importIssuedCoupon, input as never)
      .thenRefused('INVALID_REQUEST')
  })
})
