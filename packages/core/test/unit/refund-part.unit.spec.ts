import { describe, expect, it } from 'vitest'
import { iso, payOrder, placeOrder, refundOrder } from '../../src/commands.js'
import { orderView } from '../../src/model/order-view.js'
import { couponOf, defaultNow, given, issuedCouponOf, orderOf, productOf, walletOf } from '../../src/testing/index.js'
import { day } from './bonus.js'
import { back, orderId, paid, units } from './refunds.js'

/** 3 × 1,000, 2 × 500 and 1 × 333 less 1,000, shared as 692, 231 and 77: nets 2,308, 769 and 256. */
const basket = () =>
  given(
    walletOf({ balance: 3_333 }),
    productOf({ productId: 'a', price: 1_000 }),
    productOf({ productId: 'b', price: 500 }),
    productOf({ productId: 'c', price: 333 }),
    couponOf({ issued: 1, discount: { kind: 'fixed', amount: 1_000 } }),
    issuedCouponOf(),
  )
    .naming(orderId, 'e1', 'pay1', 'ev1', 'r1', 'e2', 'ev2', 'r2', 'e3', 'ev3', 'r3', 'e4', 'ev4')
    .when(placeOrder, { userId: 'u1', products: [units('a', 3), units('b', 2), units('c', 1)], couponId: 'c1' })
    .when(payOrder, { userId: 'u1', orderId })

describe('a refund of a part', () => {
  it('gives back the units’ share of what was paid, to the last won', () => {
    basket()
      .at(defaultNow + day)
      .when(refundOrder, { ...back(units('a', 1)), reason: 'scratched', reference: 'rma-1' })
      .thenAccepted({ status: 'paid', refundedAmount: 769, lines: [{ refundedQuantity: 1 }, {}, {}] })
      .thenChanges({
        orders: {
          updated: [
            {
              status: 'paid',
              events: 2,
              finalAmount: 3_333,
              discountAmount: 1_000,
              couponId: 'c1',
              refundedAmount: 769,
              discountWithdrawnBy: null,
              refunds: [
                {
                  refundId: 'r1',
                  amount: 769,
                  bonusAmount: 0,
                  lines: [{ productId: 'a', quantity: 1, amount: 769 }],
                  restocked: true,
                  reason: 'scratched',
                  reference: 'rma-1',
                  at: defaultNow + day,
                },
              ],
            },
          ],
        },
        wallets: { updated: [{ balance: 769, entries: 3 }] },
        entries: {
          inserted: [
            {
              entryId: 'e2',
              kind: 'refund',
              amount: 769,
              balance: 769,
              orderId,
              reason: 'scratched',
              reference: 'rma-1',
              metadata: null,
            },
          ],
        },
        products: { updated: [{ productId: 'a', stock: 8, received: 10, held: 0 }] },
        events: {
          inserted: [
            {
              eventId: 'ev2',
              type: 'order.partially-refunded',
              sequence: 2,
              data: { status: 'paid', refundedAmount: 769, sequence: 2 },
            },
          ],
        },
        references: {
          inserted: [{ kind: 'refund', owner: '', reference: 'rma-1', userId: 'u1', subjectId: 'r1', entry: 3 }],
        },
        sales: [{ timeZone: 'Asia/Seoul', day: '2025-06-15', productId: 'a', quantity: -1 }],
      })
  })

  it('leaves nothing and creates nothing, in whatever steps', () => {
    basket()
      .when(refundOrder, back(units('a', 1)))
      .thenAccepted({ refunds: [{ amount: 769 }] })
      .when(refundOrder, back(units('b', 1), units('a', 1)))
      .thenAccepted({
        status: 'paid',
        refundedAmount: 1_922,
        refunds: [
          {},
          {
            amount: 1_153,
            lines: [
              { productId: 'b', quantity: 1, amount: 384 },
              { productId: 'a', quantity: 1, amount: 769 },
            ],
          },
        ],
      })
      .when(refundOrder, { orderId })
      .thenAccepted({
        status: 'refunded',
        refundedAmount: 3_333,
        lines: [{ refundedQuantity: 3 }, { refundedQuantity: 2 }, { refundedQuantity: 1 }],
        refunds: [
          {},
          {},
          {
            amount: 1_411,
            lines: [
              { productId: 'a', quantity: 1, amount: 770 },
              { productId: 'b', quantity: 1, amount: 385 },
              { productId: 'c', quantity: 1, amount: 256 },
            ],
          },
        ],
      })
      .when(refundOrder, { orderId })
      .thenRefused('ORDER_NOT_PAID', { orderStatus: 'refunded' })
  })

  it('shows its fields only once there is a refund', () => {
    basket()
      .when(placeOrder, { userId: 'u1', products: [units('a', 1)] })
      .thenAccepted((order) => {
        for (const field of ['refundedAmount', 'refunds', 'reference']) expect(order).not.toHaveProperty(field)
        expect(order.lines[0]).not.toHaveProperty('refundedQuantity')
      })
    basket()
      .when(refundOrder, back(units('b', 1)))
      .thenAccepted(({ refunds, lines }) => {
        expect(refunds).toEqual([
          {
            refundId: 'r1',
            amount: 384,
            lines: [{ productId: 'b', quantity: 1, amount: 384 }],
            restocked: true,
            reason: null,
            reference: null,
            at: iso(defaultNow),
          },
        ])
        expect(lines.map((line) => line.refundedQuantity)).toEqual([undefined, 1, undefined])
      })
  })

  it('returns a unit’s share rounded down, and the rest with the last', () => {
    // 5 × 333 less 102 is 1,563: 312.6 each.
    const story = paid([{ unitPrice: 333, quantity: 5 }], { discountAmount: 102 })
    const amounts: number[] = []
    for (let nth = 0; nth < 5; nth += 1)
      story.when(refundOrder, back(units('p1', 1))).thenAccepted(({ refunds }) => {
        amounts.push(refunds?.[nth]?.amount as number)
      })
    expect(amounts).toEqual([312, 313, 312, 313, 313])
  })

  it('has one event for each part, and order.refunded for the last', () => {
    const story = paid([{ quantity: 3 }])
    const event = (type: 'order.partially-refunded' | 'order.refunded', sequence: number, refundedAmount: number) => ({
      orders: { updated: [{ events: sequence }] },
      wallets: { updated: [{}] },
      entries: { inserted: [{}] },
      products: { updated: [{}] },
      events: { inserted: [{ type, sequence, data: { sequence, refundedAmount, finalAmount: 3_000 } }] },
      sales: [{}],
    })
    story.when(refundOrder, back(units('p1', 1))).thenChanges(event('order.partially-refunded', 2, 1_000))
    story.when(refundOrder, back(units('p1', 1))).thenChanges(event('order.partially-refunded', 3, 2_000))
    story.when(refundOrder, back(units('p1', 1))).thenChanges(event('order.refunded', 4, 3_000))
  })

  it('has its entry even if it is 0', () => {
    paid([{ unitPrice: 0, quantity: 2 }])
      .when(refundOrder, back(units('p1', 1)))
      .thenAccepted({ status: 'paid', refundedAmount: 0, refunds: [{ amount: 0 }] })
      .thenChanges({
        orders: { updated: [{ refundedAmount: 0 }] },
        wallets: { updated: [{ balance: 0, entries: 1 }] },
        entries: { inserted: [{ kind: 'refund', amount: 0, balance: 0, lots: null }] },
        products: { updated: [{}] },
        events: { inserted: [{ type: 'order.partially-refunded' }] },
        sales: [{ quantity: -1 }],
      })
  })

  it('sums lines that name the same product', () => {
    paid([{ quantity: 3 }])
      .when(refundOrder, back(units('p1', 1), units('p1', 1)))
      .thenAccepted({ refunds: [{ amount: 2_000, lines: [{ productId: 'p1', quantity: 2, amount: 2_000 }] }] })
      .when(refundOrder, back(units('p1', 1), units('p1', 1)))
      .thenRefused('REFUND_EXCEEDS_ORDER', { lines: [{ productId: 'p1', requested: 2, refundable: 1 }] })
  })
})

describe('an order that an earlier release refunded whole', () => {
  it('shows one refund of everything, and can be refunded no more', () => {
    const lines = [
      { productId: 'a', unitPrice: 1_000, quantity: 3 },
      { productId: 'b', unitPrice: 333 },
    ]
    const order = orderOf({ status: 'refunded', lines, discountAmount: 1_000 })
    expect(orderView(order.row, { now: defaultNow })).toMatchObject({
      status: 'refunded',
      refundedAmount: 2_333,
      lines: [{ refundedQuantity: 3 }, { refundedQuantity: 1 }],
      refunds: [
        {
          amount: 2_333,
          lines: [
            { productId: 'a', quantity: 3, amount: 2_100 },
            { productId: 'b', quantity: 1, amount: 233 },
          ],
          restocked: true,
          reason: null,
          reference: null,
          at: iso(defaultNow),
        },
      ],
    })
    given(walletOf(), productOf({ productId: 'a' }), productOf({ productId: 'b' }), order)
      .when(refundOrder, { orderId })
      .thenRefused('ORDER_NOT_PAID', { orderStatus: 'refunded' })
  })
})

describe('units that do not go back to the stock', () => {
  it('are written off', () => {
    paid([{ quantity: 3 }])
      .when(refundOrder, { ...back(units('p1', 1)), restock: false })
      .thenAccepted({ refunds: [{ restocked: false, amount: 1_000 }] })
      .thenChanges({
        orders: { updated: [{}] },
        wallets: { updated: [{ balance: 1_000 }] },
        entries: { inserted: [{}] },
        products: { updated: [{ stock: 4, received: 6, held: 0 }] },
        events: { inserted: [{}] },
        sales: [{ quantity: -1 }],
      })
      .when(refundOrder, { ...back(units('p1', 1)), restock: true })
      .thenAccepted({ refunds: [{}, { restocked: true }] })
      .thenChanges({
        orders: { updated: [{}] },
        wallets: { updated: [{}] },
        entries: { inserted: [{}] },
        products: { updated: [{ stock: 5, received: 6 }] },
        events: { inserted: [{}] },
        sales: [{ quantity: -1 }],
      })
  })
})
