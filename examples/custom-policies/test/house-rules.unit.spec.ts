import { payOrder, placeOrder } from '@shop/core/commands'
import { defaultNow, given, orderOf, productOf, walletOf } from '@shop/core/testing'
import { describe, expect, it } from 'vitest'
import { fewUnits } from '../src/few-units.js'
import { giveStamp } from '../src/give-stamp.js'
import { housePolicies } from '../src/house-policies.js'
import { membersOnly } from '../src/members-only.js'
import { onePoster, series } from '../src/one-poster.js'
import { noteWith, placeGiftOrder } from '../src/place-gift-order.js'

const minutes = 60_000
const member = { context: { isMember: true } }

const wanted = (...lines: readonly (readonly [productId: string, quantity: number])[]) => ({
  userId: 'u1',
  products: lines.map(([productId, quantity]) => ({ productId, quantity })),
})

describe('the house policies', () => {
  it('keep an order for five minutes', () => {
    given(productOf())
      .under(housePolicies)
      .when(placeOrder, wanted(['p1', 1]))
      .thenAccepted({ expiresAt: new Date(defaultNow + 5 * minutes).toISOString() })
  })

  it('fail an order that cannot be paid', () => {
    given(walletOf({ balance: 999 }), productOf())
      .under(housePolicies)
      .naming('o1')
      .when(placeOrder, wanted(['p1', 1]))
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .thenRefused(
        'BALANCE_INSUFFICIENT',
        { balance: 999, required: 1_000 },
        {
          orders: { updated: [{ orderId: 'o1', status: 'failed' }] },
          events: { inserted: [{ type: 'order.failed' }] },
          products: { updated: [{ stock: 10, held: 0 }] },
          holds: { removed: [{ orderId: 'o1' }] },
        },
      )
  })
})

describe('members only', () => {
  it('order', () => {
    given(productOf())
      .guardedBy(membersOnly)
      .when(placeOrder, wanted(['p1', 1]))
      .thenRefused('NOT_A_MEMBER', { userId: 'u1' })
      .when(placeOrder, wanted(['p1', 1]), member)
      .thenAccepted({ status: 'pending' })
  })

  it.each([{}, { isMember: 'yes' }, { isMember: false }])('are not those whose context is %j', (context) => {
    given(productOf())
      .guardedBy(membersOnly)
      .when(placeOrder, wanted(['p1', 1]), { context })
      .thenRefused('NOT_A_MEMBER')
  })
})

describe('an order of few units', () => {
  it.each([
    [[['p1', 11]]],
    [
      [
        ['p1', 6],
        ['p2', 5],
      ],
    ],
    [
      [
        ['p1', 6],
        ['p1', 5],
      ],
    ],
  ] as const)('is refused with %j', (lines) => {
    given(productOf({ stock: 100 }), productOf({ productId: 'p2' }))
      .guardedBy(fewUnits)
      .when(placeOrder, wanted(...lines))
      .thenRefused('TOO_MANY_UNITS', { limit: 10, requested: 11 })
  })

  it('is placed with ten, and decided before the stock', () => {
    given(productOf({ stock: 10 }))
      .guardedBy(fewUnits)
      .when(placeOrder, wanted(['p1', 11]))
      .thenRefused('TOO_MANY_UNITS')
      .when(placeOrder, wanted(['p1', 10]))
      .thenAccepted()
  })
})

describe('one poster a person', () => {
  const posters = series.map((productId) => productOf({ productId, purchaseLimit: 5 }))
  const story = given(...posters, productOf()).guardedBy(onePoster)

  it('of any colour, whatever else is in the order', () => {
    story
      .when(placeOrder, wanted(['poster-red', 1], ['p1', 3]))
      .thenAccepted()
      .when(placeOrder, wanted(['poster-blue', 1]))
      .thenRefused('ONE_POSTER_ONLY', { bought: 1, requested: 1 })
      .when(placeOrder, wanted(['p1', 3]))
      .thenAccepted()
      .when(placeOrder, { ...wanted(['poster-blue', 1]), userId: 'u2' })
      .thenAccepted()
  })

  it('also in one order', () => {
    given(...posters)
      .guardedBy(onePoster)
      .when(placeOrder, wanted(['poster-red', 1], ['poster-green', 1]))
      .thenRefused('ONE_POSTER_ONLY', { bought: 0, requested: 2 })
  })

  it('and counts none of an order that has expired', () => {
    const lines = [{ productId: 'poster-red' }]
    given(...posters, orderOf({ lines, expiresAt: defaultNow - 1 }))
      .guardedBy(onePoster)
      .when(placeOrder, wanted(['poster-blue', 1]))
      .thenAccepted()
  })

  it('and is decided without the posters that the shop does not have yet', () => {
    given(productOf({ productId: 'poster-red', purchaseLimit: 1 }))
      .guardedBy(onePoster)
      .when(placeOrder, wanted(['poster-red', 1]))
      .thenAccepted()
  })
})

describe('a stamp', () => {
  it('opens a card that nobody can order', () => {
    given(productOf())
      .when(giveStamp, { userId: 'u1' })
      .thenAccepted({ stamps: 1, bonus: 0 })
      .thenChanges({ products: { inserted: [{ productId: 'stamp-card:u1', listed: false, stock: 1 }] } })
      .when(placeOrder, wanted(['stamp-card:u1', 1]))
      .thenRefused('PRODUCT_NOT_FOUND')
  })

  it('is the tenth: the card is empty, and the user has bonus money', () => {
    given(productOf({ productId: 'stamp-card:u1', listed: false, stock: 9 }))
      .when(giveStamp, { userId: 'u1' })
      .thenAccepted({ stamps: 0, bonus: 5_000 })
      .thenChanges({
        products: { updated: [{ stock: 0, received: 0 }] },
        wallets: { inserted: [{ userId: 'u1', balance: 5_000 }] },
        entries: { inserted: [{ kind: 'grant', amount: 5_000, reason: 'ten stamps' }] },
      })
      .when(giveStamp, { userId: 'u1' })
      .thenAccepted({ stamps: 1, bonus: 0 })
  })

  it('is refused if the bonus is, and then leaves the card', () => {
    given(productOf({ productId: 'stamp-card:u1', listed: false, stock: 9 }))
      .under('coupon-at-payment')
      .when(giveStamp, { userId: 'u1' })
      .thenRefused('USER_NOT_FOUND')
  })

  it('needs a user id that leaves room for the name of the card', () => {
    given()
      .when(giveStamp, { userId: 'u'.repeat(64) })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'userId', message: 'is too long for a stamp card' }] })
  })
})

describe('a gift order', () => {
  it('is an order, and its note commits with it', () => {
    given(productOf())
      .naming('o1')
      .when(placeGiftOrder, { ...wanted(['p1', 1]), note: 'for jun' }, { with: noteWith('for jun') })
      .thenAccepted({ orderId: 'o1', status: 'pending' })
      .thenCompanions({ giftNotes: [{ order_id: 'o1', note: 'for jun' }] })
  })

  it('passes the guards of an order', () => {
    given(productOf())
      .guardedBy(membersOnly)
      .when(placeGiftOrder, { ...wanted(['p1', 1]), note: 'for jun' })
      .thenRefused('NOT_A_MEMBER')
  })

  it.each(['', 'x'.repeat(201)])('is refused with the note %#', (note) => {
    given(productOf())
      .when(placeGiftOrder, { ...wanted(['p1', 1]), note })
      .thenRefused('INVALID_REQUEST', { errors: [{ path: 'note' }] as never })
  })
})

it('the series has three posters', () => expect(series).toHaveLength(3))
