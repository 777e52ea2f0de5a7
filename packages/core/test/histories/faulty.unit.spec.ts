import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import type { Store } from '../../src/index.js'
import { faultScripts, histories } from '../../src/testing/arbitraries.js'
import { runHistory } from '../../src/testing/run-history.js'
import { faultyStore, followScript, gatedStore } from '../../src/testing/store-wrappers.js'
import { tries } from './options.js'
import { stage } from './stage.js'

const timeout = 120_000

describe('histories on a store that fails', () => {
  it.each([
    { name: 'lose no command and run none twice, where every command has a key', keyAll: true, shops: 1 },
    { name: 'lose no command and run none twice, on two servers', keyAll: true, shops: 2 },
    { name: 'keep every law, where some commands have none', keyAll: false, shops: 2 },
  ])('$name', { timeout }, async ({ keyAll, shops }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        histories({ branches: 3, steps: 10 }),
        faultScripts(),
        fc.constantFrom(40, 1e9),
        async (scheduler, history, script, patienceMs) => {
          const gate = (label: string) => scheduler.schedule(Promise.resolve(), label)
          const plan = followScript(script, () => gate('slow'))
          const between = (store: Store) => gatedStore(faultyStore(store, plan), gate)
          const options = {
            ...history,
            shops,
            keyAll,
            between,
            isFaulty: true,
            heal: plan.heal,
            pause: gate,
            patienceMs,
          }
          await scheduler.waitFor(runHistory(history, stage(options)))
        },
      ),
      tries(100),
    )
  })
})
