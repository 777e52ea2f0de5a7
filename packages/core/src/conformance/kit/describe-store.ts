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

/** A scene after which something does not hold. */
export class TrialFailed extends Error {
  override readonly name = 'TrialFailed'
  readonly law: string

  constructor({ id, sentence }: Pick<Scenario, 'id' | 'sentence'>, problems: readonly string[]) {
    super([`${id}: ${sentence}`, ...problems.map((problem) => `  ${problem}`)].join('\n'))
    this.law = id
  }
}

/** Plays one scene on a subject of its own, in shops that `open` opens. @throws TrialFailed */
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

export interface DescribeStoreOptions {
  /** So many times as many histories as usual: 1, where left out. SHOP_TEST_RUNS sets their number for all modes. */
  readonly effort?: number
  /** For one test, in milliseconds: SHOP_TEST_TIMEOUT, or five minutes, where left out. */
  readonly timeout?: number
}

/**
 * The tests of a store, in the words of whatever runner is passed in (`vitest`, `node:test`): a scene for every duty of
 * the port, then histories of many people in every mode, each judged by all laws. There is no way to leave one out.
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
              // Whatever takes longer to become small is small enough.
              interruptAfterTimeLimit: timeout * 0.8,
              ...search(Math.max(1, Math.round(runs * effort))),
            },
          )
        })
      }
    })
  })
}
