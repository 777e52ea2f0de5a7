import { describe, expect, it } from 'vitest'
import {
  accept,
  type Command,
  changeStock,
  chargeBalance,
  defineCommand,
  placeOrder,
  put,
  refuse,
} from '../../src/commands.js'
import type { Hold } from '../../src/store.js'
import { couponOf, defaultNow, given, holdOf, orderOf, productOf, walletOf } from '../../src/testing/index.js'

const order = { userId: 'u1', products: [{ productId: 'p1', quantity: 1 }] }

/** A command that locks wallet u1 and then does something else. */
const careless = (decide: Command<object, string>['decide']) =>
  defineCommand<object, string>({
    name: 'careless',
    check: () => [],
    keys: () => ({ lock: { wallets: ['u1'] } }),
    decide,
  })

describe('given – when – then', () => {
  it('passes for expected refusals and results', () => {
    given(walletOf({ balance: 99 }), productOf({ price: 100 }))
      .under('one-call')
      .when(placeOrder, order)
      .thenRefused('BALANCE_INSUFFICIENT', { balance: 99, required: 100 })
      .when(chargeBalance, { userId: 'u1', amount: 1 })
      .thenAccepted({ balance: 100 })
      .when(placeOrder, order)
      .thenAccepted((placed) => expect(placed.status).toBe('paid'))
  })

  it('fails when a command that should be refused is accepted', () => {
    const told = given().when(chargeBalance, { userId: 'u1', amount: 1 })
    expect(() => told.thenRefused('USER_NOT_FOUND')).toThrow(
      /charge-balance was expected to be refused .* was accepted/s,
    )
  })

  it('fails when a command that should be accepted is refused', () => {
    const told = given().when(chargeBalance, { userId: 'u1', amount: 0 })
    expect(() => told.thenAccepted()).toThrow(/was refused:\n {2}.*CHARGE_AMOUNT_INVALID/)
  })

  it('fails when the code or a fact of the refusal differs', () => {
    const told = given().when(chargeBalance, { userId: 'u1', amount: 0 })
    expect(() => told.thenRefused('USER_NOT_FOUND')).toThrow('it.code is "CHARGE_AMOUNT_INVALID"')
    expect(() => told.thenRefused('CHARGE_AMOUNT_INVALID', { minimum: 2 })).toThrow('it.minimum is 1, expected 2')
  })

  it('fails when the result differs', () => {
    const told = given().when(chargeBalance, { userId: 'u1', amount: 5 })
    expect(() => told.thenAccepted({ balance: 6 })).toThrow('it.balance is 5, expected 6')
    expect(() => told.thenAccepted(({ balance }) => expect(balance).toBe(6))).toThrow()
  })

  it('fails when an unmentioned row changes, or an expected change is missing', () => {
    const told = given().when(chargeBalance, { userId: 'u1', amount: 5 })
    const wallets = { inserted: [{ balance: 5 }] }
    expect(() => told.thenChanges({ wallets })).toThrow('it.entries.inserted has 1 items, expected 0')
    expect(() => told.thenChanges({ wallets, entries: { inserted: [{}, {}] } })).toThrow('has 1 items, expected 2')
    expect(() => told.thenChanges({ wallets: { updated: [{}] }, entries: { inserted: [{}] } })).toThrow('it.wallets')
    told.thenChanges({ wallets, entries: { inserted: [{ amount: 5, at: defaultNow }] } })
  })

  it('fails when a refusal makes unexpected changes', () => {
    const greedy = careless(() =>
      refuse({ code: 'USER_NOT_FOUND', userId: 'u1' }, [put('wallets', walletOf({ balance: 1 }).row)]),
    )
    const told = given().when(greedy, {})
    expect(() => told.thenRefused('USER_NOT_FOUND')).toThrow('careless was refused and yet changed something')
    told.thenRefused('USER_NOT_FOUND', {}, { wallets: { inserted: [{ balance: 1 }] } })
  })

  it('does not count the release of overdue holds as a change by the refusal', () => {
    given(productOf({ held: 1 }), orderOf(), holdOf())
      .at(defaultNow + 3_600_000)
      .when(changeStock, { productId: 'p1', change: -11 })
      .thenRefused('STOCK_INSUFFICIENT', { lines: [{ available: 10 }] })
      .thenChanges({
        products: { updated: [{ held: 0 }] },
        holds: { removed: [{ orderId: 'o1', productId: 'p1' } satisfies Partial<Hold>] },
      })
  })

  it('throws when a command reads a row that its keys do not name', () => {
    const peeking = careless((facts) => accept(facts.product('p1')?.name ?? '', []))
    expect(() => given(productOf()).when(peeking, {})).toThrow('products p1 was looked at but is not among the keys')
  })

  it('throws when a command overwrites a row that it never loaded', () => {
    const blind = careless(() => accept('', [put('coupons', couponOf({ quantity: 99 }).row)]))
    expect(() => given(couponOf()).when(blind, {})).toThrow('coupons c1 is already there')
  })

  it('throws when a row is given twice or is invalid', () => {
    expect(() => given(productOf(), productOf())).toThrow('products p1 is given twice')
    expect(() => given(productOf({ held: 11 }))).toThrow('breaks a constraint')
  })

  it('returns ids in the order of the requests, named ones first', () => {
    given()
      .naming('first')
      .when(chargeBalance, { userId: 'u1', amount: 1 })
      .thenAccepted({ entryId: 'first' })
      .when(chargeBalance, { userId: 'u1', amount: 1 })
      .thenAccepted({ entryId: 'id-1' })
      .when(chargeBalance, { userId: 'u1', amount: 1 })
      .thenAccepted({ entryId: 'id-2' })
  })

  it('refuses invalid input before anything is loaded', () => {
    given()
      .when(chargeBalance, { userId: '', amount: 1 })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'userId' }] })
  })

  it('supports the matchers of the test runner', () => {
    const told = given().when(chargeBalance, { userId: 'u1', amount: 5 })
    told.thenAccepted({ entryId: expect.stringMatching(/^id-/) })
    expect(() => told.thenAccepted({ entryId: expect.stringMatching(/^e-/) })).toThrow('does not match: "id-1"')
  })

  it('distinguishes 0 from -0, and refuses an invalid time', () => {
    const told = given().when(
      careless(() => accept('x', [])),
      {},
    )
    expect(() =>
      given(walletOf({ balance: -0 }))
        .when(chargeBalance, { userId: 'u1', amount: 1 })
        .thenAccepted({ balance: -0 }),
    ).toThrow('expected -0')
    expect(() => told.at('noon')).toThrow('noon is not a time')
  })
})
