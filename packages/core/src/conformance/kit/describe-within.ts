import { storeTrials } from '../laws/laws.js'
import { supportTrials } from '../laws/store/supports.js'
import { withinTrials } from '../laws/store/within.js'
import type { Scenario } from '../laws/trial.js'
import { inHostTransactions } from '../store-wrappers.js'
import { playTrial } from './describe-store.js'
import type { Runner, StoreHarness, Subject } from './harness.js'

const direct: readonly Scenario[] = [...supportTrials.filter(({ id }) => id === 'SUPPORTS-WITHIN'), ...withinTrials]

/** A transaction of the host's records no group, and the others open transactions themselves. */
const isPlayedInside = (trial: Scenario): boolean =>
  trial.id !== 'TRANSACT-KNOWN' && trial.id !== 'HISTORY-TOLD' && !direct.includes(trial)

const inside = <Tx>({ create, name }: StoreHarness<Tx>): StoreHarness<Tx> => {
  const wrapped = async (open: Promise<Subject<Tx>>): Promise<Subject<Tx>> => {
    const subject = await open
    const { store, transaction } = subject
    const joined = transaction && inHostTransactions(store, transaction)
    if (joined) return { ...subject, store: joined }
    await subject.close()
    throw new Error(`${name}: the store must support within, and the harness must have a transaction`)
  }
  return { name, create: (options) => wrapped(create(options)) }
}

/**
 * Defines the tests of `within` with the given test runner, for one way to open the caller's transaction: what holds in it,
 * and every scenario on a store, with each transaction and each read of the store in one of the caller's. They prove that
 * every value travels exactly. The store itself proves its other duties with `describeStore`.
 *
 * @example describeWithin({ describe, it }, { name: 'my query builder', create: ({ clock }) => openMySubject(clock) })
 */
export const describeWithin = <Tx>(
  { describe, it }: Runner,
  harness: StoreHarness<Tx>,
  { timeout = Number(process.env['SHOP_TEST_TIMEOUT'] ?? 60_000) }: { readonly timeout?: number } = {},
): void => {
  describe(`${harness.name}: the caller’s transaction, for a store of @shop/core`, () => {
    for (const trial of direct) {
      it(`${trial.id} ${trial.sentence}`, { timeout }, () => playTrial(trial, harness))
    }
    describe('every scenario in transactions of the caller', () => {
      for (const trial of storeTrials.filter(isPlayedInside)) {
        it(`${trial.id} ${trial.sentence}`, { timeout }, () => playTrial(trial, inside(harness)))
      }
    })
  })
}
