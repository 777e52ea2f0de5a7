import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import { histories } from '../../src/testing/arbitraries.js'
import { runHistory } from '../../src/testing/run-history.js'
import { gatedStore } from '../../src/testing/store-wrappers.js'
import { tries } from './options.js'
import { stage } from './stage.js'

const timeout = 120_000

describe('histories of several people at once', () => {
  it('keep every law, and could have been done one by one', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), histories({ branches: 3, steps: 12 }), async (scheduler, history) => {
        const gate = (label: string) => scheduler.schedule(Promise.resolve(), label)
        const between = (store: Parameters<typeof gatedStore>[0]) => gatedStore(store, gate)
        await scheduler.waitFor(runHistory(history, stage({ ...history, between })))
      }),
      tries(150),
    )
  })

  it('keep every law on two servers', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), histories({ branches: 3, steps: 12 }), async (scheduler, history) => {
        const gate = (label: string) => scheduler.schedule(Promise.resolve(), label)
        const between = (store: Parameters<typeof gatedStore>[0]) => gatedStore(store, gate)
        await scheduler.waitFor(runHistory(history, stage({ ...history, shops: 2, between })))
      }),
      tries(150),
    )
  })
})
