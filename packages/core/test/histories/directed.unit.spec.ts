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
