import { describe, expect, it } from 'vitest'
import { maxMoney, refundOrder } from '../../src/commands.js'
import { given, orderOf, productOf, walletOf } from '../../src/testing/index.js'
import { back, orderId, paid, units } from './refunds.js'

describe('a refund is refused', () => {
  const story = () =>
    paid([
      { productId: 'a', quantity: 3 },
      { productId: 'b', quantity: 1 },
    ]).when(refundOrder, back(units('a', 1)))

  it('for more than is left: the offending lines only, in the order of the request', () => {
    story()
      .when(refundOrder, back(units('x', 2), units('b', 1), units('a', 3)))
      .thenRefused('REFUND_EXCEEDS_ORDER', {
        lines: [
          { productId: 'x', requested: 2, refundable: 0 },
          { productId: 'a', requested: 3, refundable: 2 },
        ],
      })
      .when(refundOrder, back(units('b', 1), units('a', 2)))
      .thenAccepted({ status: 'refunded' })
  })

  it('for units of a line that is refunded already', () => {
    story()
      .when(refundOrder, back(units('b', 1)))
      .when(refundOrder, back(units('b', 1)))
      .thenRefused('REFUND_EXCEEDS_ORDER', { lines: [{ productId: 'b', requested: 1, refundable: 0 }] })
      .when(refundOrder, back(units('b', maxMoney)))
      .thenRefused('REFUND_EXCEEDS_ORDER', { lines: [{ requested: maxMoney, refundable: 0 }] })
  })

  it('for an order that is not paid, before its lines are looked at', () => {
    given(walletOf(), productOf(), orderOf({ stockTakenAt: 'payment' }))
      .when(refundOrder, back(units('x', 9)))
      .thenRefused('ORDER_NOT_PAID', { orderId, orderStatus: 'pending' })
      .when(refundOrder, { orderId: 'o9', lines: [units('x', 9)] })
      .thenRefused('ORDER_NOT_FOUND', { orderId: 'o9' })
  })

  it('for lines that exceed the order before the largest balance', () => {
    given(walletOf({ balance: maxMoney }), productOf({ stock: 9, received: 10 }), orderOf({ status: 'paid' }))
      .when(refundOrder, back(units('p1', 2)))
      .thenRefused('REFUND_EXCEEDS_ORDER')
      .when(refundOrder, { orderId })
      .thenRefused('BALANCE_LIMIT_EXCEEDED', { limit: maxMoney, balance: maxMoney })
  })

  it.each([
    [{ lines: [] }, 'lines'],
    [{ lines: null }, 'lines'],
    [{ lines: { productId: 'a', quantity: 1 } }, 'lines'],
    [{ lines: Array.from({ length: 101 }, () => units('a', 1)) }, 'lines'],
    [back(units('a', 0)), 'lines[0].quantity'],
    [back(units('a', 1), units('b', -1)), 'lines[1].quantity'],
    [back(units('a', 1.5)), 'lines[0].quantity'],
    [back(units('a', '1' as never)), 'lines[0].quantity'],
    [back(units('no id', 1)), 'lines[0].productId'],
    [{ lines: [null] }, 'lines[0].productId'],
    [{ restock: 'no' }, 'restock'],
    [{ restock: null }, 'restock'],
    [{ reason: '' }, 'reason'],
    [{ reason: 'x'.repeat(201) }, 'reason'],
    [{ reason: null }, 'reason'],
    [{ amount: 100 }, 'amount'],
  ])('for %j', (request, path) => {
    story()
      .when(refundOrder, { orderId, ...request } as never)
      .thenRefused('INVALID_REQUEST', { errors: expect.arrayContaining([expect.objectContaining({ path })]) as never })
  })
})
