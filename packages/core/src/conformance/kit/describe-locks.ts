import type { Locks } from '../../locks/locks.js'
import { lockTrials } from '../laws/locks.js'
import { TrialFailed } from './describe-store.js'
import type { Runner } from './harness.js'

/** How the kit opens the locks of one adapter. */
export interface LocksHarness {
  /** For titles. */
  readonly name: string
  /** The locks of two servers on the same empty lock service. */
  create(): Promise<{ readonly first: Locks; readonly second: Locks; close(): Promise<void> }>
}

/**
 * Defines the tests of locks with the given test runner: what holds without faults.
 *
 * @example describeLocks({ describe, it }, { name: 'my locks', create: openMyLocks })
 */
export const describeLocks = (
  { describe, it }: Runner,
  { name, create }: LocksHarness,
  { timeout = 60_000 }: { readonly timeout?: number } = {},
): void => {
  describe(`${name}: locks of @shop/core`, () => {
    for (const trial of lockTrials) {
      it(`${trial.id} ${trial.sentence}`, { timeout }, async () => {
        const { first, second, close } = await create()
        try {
          const problems = await trial.play(first, second)
          if (problems.length > 0) throw new TrialFailed(trial, problems)
        } finally {
          await close()
        }
      })
    }
  })
}
