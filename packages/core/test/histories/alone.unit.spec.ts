import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import { presetNames, presets } from '../../src/index.js'
import { histories } from '../../src/testing/arbitraries.js'
import { runHistory } from '../../src/testing/run-history.js'
import { tries } from './options.js'
import { stage } from './stage.js'

describe('a history of one person', () => {
  it('is answered as the oracle answers it, under any policies', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(histories({ steps: 40 }), async (history) => {
        await runHistory(history, stage(history))
      }),
      tries(300),
    )
  })

  it.each(presetNames)('is answered as the oracle answers it, under %s', { timeout: 120_000 }, async (name) => {
    await fc.assert(
      fc.asyncProperty(histories({ policies: fc.constant(presets[name]), steps: 40 }), async (history) => {
        await runHistory(history, stage(history))
      }),
      tries(40),
    )
  })
})
