import { describe, expect, it } from 'vitest'
import { HistoryBroken, runHistory } from '../../src/conformance/run-history.js'
import type { History, Step } from '../../src/conformance/steps.js'
import { resolvePolicies, type Store } from '../../src/index.js'
import { type CountUnits, countsPurchases } from '../mutants/breakers/purchases.js'
import { misreads } from '../mutants/breakers/transact.js'
import { stage } from './stage.js'

const policies = resolvePolicies('standard')
const buy: Step = { do: 'orders.place', input: { userId: 'u1', products: [{ productId: 'p1', quantity: 2 }] } }
const start: readonly Step[] = [
  { do: 'balance.charge', input: { userId: 'u1', amount: 1_000 } },
  { do: 'products.create', input: { productId: 'p1', name: 'P', price: 1, stock: 99, purchaseLimit: 2 } },
  buy,
]
const pay: Step = { do: 'payments.pay', input: { order: 0 } }

/** Ways to free the two units of the first order. */
const frees: Readonly<Record<string, readonly Step[]>> = {
  'a cancelled order': [{ do: 'orders.cancel', input: { order: 0 } }],
  'an overdue order': [{ do: 'move-clock', ms: policies.order.holdMinutes * 60_000 }],
  'a refunded order': [pay, { do: 'orders.refund', input: { order: 0 } }],
  'an order that is refunded in two parts': [
    pay,
    { do: 'orders.refund', input: { order: 0, lines: [{ line: 0, quantity: 1 }] } },
    { do: 'orders.refund', input: { order: 0, lines: [{ line: 0, quantity: 1 }] } },
  ],
}

const play = (steps: readonly Step[], between: (store: Store) => Store = (store) => store) => {
  const history: History = { policies, start, branches: [[...steps, buy]] }
  return runHistory(history, stage({ policies, between }))
}

const brokenBy = async (steps: readonly Step[], between: (store: Store) => Store): Promise<readonly string[]> => {
  const error: unknown = await play(steps, between).then(
    () => undefined,
    (reason) => reason,
  )
  if (!(error instanceof HistoryBroken)) throw error ?? new Error('the history broke no law')
  return error.problems.filter(({ law }) => law === 'PURCHASE-LIMIT-FULL').map(({ text }) => text)
}

const everything: CountUnits = (_, { ordered }) => ordered

/** Decides as if every product had a limit of 1. */
const asIfLimited = (store: Store): Store =>
  misreads(({ products }) => ({ products: products.map((product) => ({ ...product, purchaseLimit: 1 })) }))(store, true)

describe('PURCHASE-LIMIT-FULL', () => {
  it.each(Object.entries(frees))('holds after %s, and reports a shop that still counts its units', async (_, steps) => {
    await expect(play(steps)).resolves.toBeDefined()
    const [text] = await brokenBy(steps, (store) => countsPurchases(everything)(store, true))
    expect(text).toContain('was told to have 2 of p1, but has at most 0')
  })

  it.each([
    ['of a paid order', [pay]],
    ['of an order just before its deadline', [{ do: 'move-clock', ms: policies.order.holdMinutes * 60_000 - 1 }]],
  ] as const)('holds for a refusal because of the units %s', async (_, steps) => {
    const { journal } = await play(steps)
    const refusals = journal.records.flatMap(({ answer }) => (answer.kind === 'refused' ? [answer.refusal] : []))
    expect(refusals[0]).toMatchObject({ code: 'PURCHASE_LIMIT_EXCEEDED', lines: [{ bought: 2, requested: 2 }] })
  })

  it('reports a limit that nobody set', async () => {
    const [text] = await brokenBy([pay], asIfLimited)
    expect(text).toContain('was refused for a limit of 1 of p1 that nobody set')
  })
})
