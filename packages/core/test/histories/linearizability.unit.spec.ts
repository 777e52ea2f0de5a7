import { describe, expect, it } from 'vitest'
import { Journal } from '../../src/conformance/journal.js'
import { compareTogether } from '../../src/conformance/laws/against-oracle.js'
import { startOfHistory } from '../../src/conformance/steps.js'
import { presets } from '../../src/index.js'

interface Charge {
  readonly amount: number
  readonly balance: number
  readonly ticks: readonly [invoked: number, decided: number, answered: number]
}

/** Charges of one wallet, with the answers that their callers got. */
const journalOf = (...charges: readonly Charge[]): Journal => {
  const journal = new Journal()
  for (const [index, { amount, balance, ticks }] of charges.entries()) {
    const [invoked, decided, answered] = ticks
    journal.add({
      branch: index + 1,
      call: { name: 'balance.charge', input: { userId: 'u1', amount } },
      answer: { kind: 'ok', result: { userId: 'u1', balance, entryId: `entry-${index}` }, replayed: false },
      invoked,
      answered,
      decided: { tick: decided, now: startOfHistory },
      now: startOfHistory,
      doubted: false,
    })
  }
  return journal
}

const policies = presets['hold-at-order']

describe('the search for a linearization', () => {
  it('accepts the order of the decisions', () => {
    const journal = journalOf({ amount: 1, balance: 1, ticks: [1, 3, 5] }, { amount: 2, balance: 3, ticks: [2, 4, 6] })
    expect(compareTogether(journal, policies)).toEqual([])
  })

  it('finds another order that respects real time', () => {
    const journal = journalOf(
      { amount: 1, balance: 7, ticks: [1, 4, 8] },
      { amount: 2, balance: 2, ticks: [2, 5, 9] },
      { amount: 4, balance: 6, ticks: [3, 6, 7] },
    )
    expect(compareTogether(journal, policies)).toEqual([])
  })

  it('rejects an order in which an answer precedes its call', () => {
    const journal = journalOf({ amount: 1, balance: 3, ticks: [1, 2, 3] }, { amount: 2, balance: 2, ticks: [4, 5, 6] })
    expect(compareTogether(journal, policies)).toEqual([expect.stringContaining('no order explains the answers')])
  })

  it('rejects a lost update', () => {
    const journal = journalOf({ amount: 1, balance: 1, ticks: [1, 3, 5] }, { amount: 2, balance: 2, ticks: [2, 4, 6] })
    expect(compareTogether(journal, policies)).toHaveLength(1)
  })
})
