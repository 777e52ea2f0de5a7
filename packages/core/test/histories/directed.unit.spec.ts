import { expect, it } from 'vitest'
import { runHistory } from '../../src/conformance/run-history.js'
import { type History, type Step, startOfHistory } from '../../src/conformance/steps.js'
import { type PolicyOverrides, resolvePolicies } from '../../src/index.js'
import { stage } from './stage.js'

const minute = 60_000

/** A history of one caller. It throws if the shop and the oracle differ, or if a law is broken. */
const play = async (steps: readonly Step[], overrides: PolicyOverrides = {}) => {
  const policies = resolvePolicies('standard', overrides)
  const history: History = { policies, start: [], branches: [steps] }
  return runHistory(history, stage({ policies }))
}

const product = (price: number): Step => ({
  do: 'products.create',
  input: { productId: 'p1', name: 'P', price, stock: 99 },
})

const buy = (quantity: number, couponId: string | null = null): readonly Step[] => [
  { do: 'orders.place', input: { userId: 'u1', products: [{ productId: 'p1', quantity }], couponId } },
  { do: 'payments.pay', input: { order: 0 } },
]

const refundUnits = (quantity: number): Step => ({
  do: 'orders.refund',
  input: { order: 0, lines: [{ line: 0, quantity }] },
})

const grant = (amount: number, endsAfter?: number): Step => ({
  do: 'balance.grant',
  input: { userId: 'u1', amount, ...(endsAfter !== undefined && { expiresAt: startOfHistory + endsAfter }) },
})

it('the oracle and the shop agree on 50 lots, and on a refund that makes them 51', async () => {
  const { journal, sight } = await play([
    product(100),
    grant(100),
    ...buy(1),
    ...Array.from({ length: 51 }, () => grant(1)),
    { do: 'orders.refund', input: { order: 0 } },
    grant(1),
  ])
  const grants = journal.records.filter(({ call }) => call.name === 'balance.grant')
  const refused = grants.flatMap(({ answer }, index) => (answer.kind === 'ok' ? [] : index))
  expect(refused).toEqual([51, 52])
  expect(sight.wallets['u1']?.bonus).toHaveLength(51)
})

it.each([
  { days: 0, balance: 1_000 },
  { days: 2, balance: 1_090 },
])('the oracle and the shop agree on a lot that ended before its refund ($days days)', async ({ days, balance }) => {
  const { sight } = await play(
    [
      product(90),
      { do: 'balance.charge', input: { userId: 'u1', amount: 1_000 } },
      grant(100, minute),
      ...buy(1),
      { do: 'move-clock', ms: minute },
      { do: 'orders.refund', input: { order: 0 } },
      { do: 'balance.get', input: { userId: 'u1' } },
    ],
    { wallet: { refundedBonusDays: days } },
  )
  const { entries = [], balance: left } = sight.wallets['u1'] ?? {}
  expect(left).toBe(balance)
  expect(entries.find(({ kind }) => kind === 'refund')).toMatchObject({ amount: 90, bonusAmount: 90 })
  expect(entries.filter(({ kind }) => kind === 'expiry').map(({ amount }) => amount)).toEqual(
    days === 0 ? [-90, -10] : [-10],
  )
})

it('the oracle and the shop agree on a discount that is withdrawn step by step', async () => {
  const { sight } = await play(
    [
      product(700),
      { do: 'balance.charge', input: { userId: 'u1', amount: 10_000 } },
      {
        do: 'coupons.create',
        input: {
          couponId: 'c1',
          name: 'C',
          discount: { kind: 'percentage', percent: 33 },
          quantity: 1,
          validUntil: startOfHistory + 60 * minute,
          minimumOrderAmount: 2_000,
        },
      },
      { do: 'coupons.issue', input: { userId: 'u1', couponId: 'c1' } },
      ...buy(4, 'c1'),
      refundUnits(1),
      refundUnits(1),
      ...buy(3, 'c1'),
      { do: 'orders.refund', input: { order: 1 } },
    ],
    { refund: { whenMinimumIsMissed: 'withdraw-discount' } },
  )
  const [second, first] = sight.orders
  expect(first?.refunds?.map(({ amount }) => amount)).toEqual([469, 7, 1_400])
  expect(sight.owned['u1']?.[0]?.usedByOrderId).toBe(second?.orderId)
})

it('the oracle and the shop agree on a withdrawn discount that only some lines share', async () => {
  const products = [
    { productId: 'p1', quantity: 2 },
    { productId: 'p2', quantity: 1 },
  ]
  const { sight } = await play(
    [
      product(700),
      { do: 'products.create', input: { productId: 'p2', name: 'Q', price: 301, stock: 9 } },
      { do: 'balance.charge', input: { userId: 'u1', amount: 10_000 } },
      {
        do: 'coupons.create',
        input: {
          couponId: 'c1',
          name: 'C',
          discount: { kind: 'percentage', percent: 33 },
          quantity: 1,
          validUntil: startOfHistory + 60 * minute,
          minimumOrderAmount: 1_400,
          productIds: ['p1', 'p-unknown'],
        },
      },
      { do: 'coupons.issue', input: { userId: 'u1', couponId: 'c1' } },
      { do: 'orders.place', input: { userId: 'u1', products, couponId: 'c1' } },
      { do: 'payments.pay', input: { order: 0 } },
      { do: 'orders.refund', input: { order: 0, lines: [{ line: 0, quantity: 1 }] } },
      { do: 'orders.refund', input: { order: 0 } },
    ],
    { refund: { whenMinimumIsMissed: 'withdraw-discount' } },
  )
  // 1,239 were paid; 1,001 remain at full price.
  const [order] = sight.orders
  expect(order).toMatchObject({ discountAmount: 462, finalAmount: 1_239, discountedProductIds: ['p1'] })
  expect(order?.refunds?.map(({ amount }) => amount)).toEqual([238, 1_001])
})

it('the oracle and the shop agree on hours, a sale and a limit from one instant to the next', async () => {
  const at = (after: number) => startOfHistory + after
  const place: Step = { do: 'orders.place', input: { userId: 'u1', products: [{ productId: 'p1', quantity: 1 }] } }
  const tick: Step = { do: 'move-clock', ms: 1 }
  const { journal } = await play([
    {
      do: 'products.create',
      input: {
        productId: 'p1',
        name: 'P',
        price: 100,
        stock: 99,
        opensAt: at(1),
        closesAt: at(5),
        sale: { price: 60, from: at(2), until: at(3) },
        purchaseLimit: 3,
      },
    },
    { do: 'products.drops', input: {} },
    ...[place, tick, place, tick, place, tick, place, tick, place, tick, place],
    { do: 'products.drops', input: {} },
    { do: 'products.update', input: { productId: 'p1', closesAt: null, purchaseLimit: 4 } },
    { do: 'orders.quote', input: place.input },
    ...[place, place],
  ])
  const told = journal.records.flatMap(({ call, answer }) => {
    if (call.name !== 'orders.place' || !('replayed' in answer)) return []
    return answer.kind === 'ok' ? (answer.result as { totalAmount: number }).totalAmount : answer.refusal.code
  })
  const [closed, beyond] = ['PRODUCT_NOT_ON_SALE', 'PURCHASE_LIMIT_EXCEEDED']
  expect(told).toEqual([closed, 100, 60, 100, beyond, closed, 100, beyond])
})
