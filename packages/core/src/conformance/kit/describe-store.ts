import * as fc from 'fast-check'
import { laws as storedLaws } from '../../audit/laws.js'
import { createShop } from '../../shop/create-shop.js'
import { manualClock } from '../../testing/manual-clock.js'
import { historyLaws } from '../laws/history-laws.js'
import { storeTrials } from '../laws/laws.js'
import type { OpenShop, Scenario } from '../laws/trial.js'
import { startOfHistory } from '../steps.js'
import type { Runner, StoreHarness } from './harness.js'
import { modes } from './modes.js'
import { search } from './search.js'

/** A scenario whose law is broken. */
export class TrialFailed extends Error {
  /** The same for every such error. */
  override readonly name = 'TrialFailed'
  /** The id of the scenario. */
  readonly law: string

  /** Makes the error that lists these problems. */
  constructor({ id, sentence }: Pick<Scenario, 'id' | 'sentence'>, problems: readonly string[]) {
    super([`${id}: ${sentence}`, ...problems.map((problem) => `  ${problem}`)].join('\n'))
    this.law = id
  }
}

/** Plays one scenario on its own subject, in shops that `open` opens. @throws TrialFailed */
export const playTrial = async <Tx>(
  trial: Scenario,
  harness: StoreHarness<Tx>,
  open: OpenShop = createShop,
): Promise<void> => {
  const clock = manualClock(startOfHistory)
  const subject = await harness.create({ clock })
  try {
    const problems = await trial.play(subject, clock, open)
    if (problems.length > 0) throw new TrialFailed(trial, problems)
  } finally {
    await subject.close()
  }
}

/** The effort of the tests. */
export interface DescribeStoreOptions {
  /**
   * A factor on the usual number of histories. SHOP_TEST_RUNS sets their number for all modes.
   * @default 1
   */
  readonly effort?: number
  /**
   * The time limit of one test, in milliseconds.
   * @default SHOP_TEST_TIMEOUT, or five minutes
   */
  readonly timeout?: number
}

/**
 * Defines the tests of a store with the given test runner (`vitest`, `node:test`). A scenario checks each duty of the
 * port. Then concurrent histories run in every mode, and all laws judge them. No test can be switched off.
 *
 * @example describeStore({ describe, it }, { name: 'my store', create: ({ clock }) => openMyStore(clock) })
 */
export const describeStore = <Tx>(
  { describe, it }: Runner,
  harness: StoreHarness<Tx>,
  { effort = 1, timeout = Number(process.env['SHOP_TEST_TIMEOUT'] ?? 300_000) }: DescribeStoreOptions = {},
): void => {
  describe(`${harness.name}: a store of @shop/core`, () => {
    describe('keeps the promises of the port', () => {
      for (const trial of storeTrials) {
        it(`${trial.id} ${trial.sentence}`, { timeout }, () => playTrial(trial, harness))
      }
    })
    describe(`keeps ${storedLaws.length + historyLaws.length} laws in every history`, () => {
      for (const { id, sentence, runs, property } of modes) {
        it(`${id} ${sentence}`, { timeout }, async () => {
          await fc.assert(
            property(harness, (stage) => stage),
            {
              // A counterexample that takes longer to shrink is small enough.
              interruptAfterTimeLimit: timeout * 0.8,
              ...search(Math.max(1, Math.round(runs * effort))),
            },
          )
        })
      }
    })
  })
}
