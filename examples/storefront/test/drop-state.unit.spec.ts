import { describe, expect, test } from 'vitest'
import { clockOf, dropState, ownOrders } from '../src/shop/drop/drop-state.js'
import type { Order } from '../src/state/api.js'
import { msToNextTick } from '../src/state/server-clock.js'

const opensAt = '2030-01-01T12:00:00.000Z'
const closesAt = '2030-01-01T12:10:00.000Z'
const noon = Date.parse(opensAt)
const drop = { stock: 3, opensAt, closesAt, purchaseLimit: 2 }

const orderOf = (status: Order['status'], quantity: number, more: Partial<Order> = {}): Order =>
  ({ orderId: status, status, lines: [{ productId: 'jar', quantity }], expiresAt: null, ...more }) as unknown as Order

describe('a drop', () => {
  const kindAt = (ms: number, product = drop) => dropState(product, { bought: 0 }, ms).kind

  test('opens at its second and closes at its second', () => {
    expect(kindAt(noon - 1)).toBe('waiting')
    expect(kindAt(noon)).toBe('open')
    expect(kindAt(Date.parse(closesAt) - 1)).toBe('open')
    expect(kindAt(Date.parse(closesAt))).toBe('closed')
  })

  test('is sold out only between its opening and its end', () => {
    const soldOut = { ...drop, stock: 0 }
    expect(kindAt(noon - 1, soldOut)).toBe('waiting')
    expect(kindAt(noon, soldOut)).toBe('sold-out')
    expect(kindAt(Date.parse(closesAt), soldOut)).toBe('closed')
  })

  test('shows a hold before anything else, until its deadline', () => {
    const held = orderOf('pending', 1, { expiresAt: closesAt })
    const own = { held, bought: 2 }
    expect(dropState({ ...drop, stock: 0 }, own, noon)).toEqual({
      kind: 'held',
      order: held,
      until: Date.parse(closesAt),
    })
    expect(dropState(drop, own, Date.parse(closesAt)).kind).toBe('yours')
  })

  test('is yours when you have bought as many as you may', () => {
    expect(dropState(drop, { bought: 1 }, noon).kind).toBe('open')
    expect(dropState(drop, { bought: 2 }, noon).kind).toBe('yours')
    expect(dropState({ stock: 3 }, { bought: 99 }, noon).kind).toBe('open')
  })
})

test('units that were refunded, cancelled or of other products are not bought', () => {
  const orders = [
    orderOf('cancelled', 4),
    orderOf('paid', 3, { lines: [{ productId: 'jar', quantity: 3, refundedQuantity: 1 }] as Order['lines'] }),
    orderOf('paid', 5, { lines: [{ productId: 'cup', quantity: 5 }] as Order['lines'] }),
    orderOf('expired', 1),
  ]
  expect(ownOrders(orders, 'jar')).toMatchObject({ bought: 2, held: undefined, expired: undefined })
  expect(ownOrders([orderOf('expired', 1), ...orders], 'jar').expired).toBeDefined()
})

test('a countdown shows days apart, and reaches zero only at the end', () => {
  expect(clockOf(1)).toEqual({ days: 0, text: '00:01' })
  expect(clockOf(0)).toEqual({ days: 0, text: '00:00' })
  expect(clockOf(59_001)).toEqual({ days: 0, text: '01:00' })
  expect(clockOf(3_600_000)).toEqual({ days: 0, text: '01:00:00' })
  expect(clockOf(2 * 86_400_000 + 61_000)).toEqual({ days: 2, text: '00:01:01' })
})

test('the clock ticks at the instant itself, and at whole seconds before it', () => {
  expect(msToNextTick(noon - 2_300, [noon])).toBe(300)
  expect(msToNextTick(noon, [noon])).toBe(1_000)
  expect(msToNextTick(noon - 2_300, [noon, noon + 100])).toBe(300)
  expect(msToNextTick(noon, [])).toBe(1_000)
})
