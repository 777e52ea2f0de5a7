import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fault } from './faults.js'
import { isFull, type Row, runFaults, tableOf } from './run-faults.js'
import { scenarios } from './scenarios/index.js'
import type { Scenario } from './scenarios/scenario.js'
import { openTestBed, type TestBed, TestSystem } from './test-system.js'

export interface Suite {
  readonly title: string
  readonly faults: readonly Fault[]
  /** Outside the full campaign: the scenarios to run a fault on, and whether at one point only. */
  readonly sample: (fault: Fault, turn: number) => 'brief' | 'more' | 'none'
}

/** Printed immediately, so that a long campaign shows violations before it ends. */
const tell = ({ scenario, fault, points, violations }: Row, ms: number): void => {
  const lines = [`${scenario}, ${fault}: ${points} points in ${Math.round(ms / 1_000)} s`, ...violations]
  process.stdout.write(`${lines.join('\n  VIOLATION ')}\n`)
}

/** Tests that every law holds and every response is true, whatever fault was injected. */
export const describeFaults = ({ title, faults, sample }: Suite): void => {
  describe(title, () => {
    let testBed: TestBed
    let system: { readonly name: string; readonly open: TestSystem } | undefined
    const rows: Row[] = []

    beforeAll(async () => {
      testBed = await openTestBed()
    }, 60_000)

    afterAll(async () => {
      await system?.open.close()
      await testBed.close()
      if (isFull) process.stdout.write(`\n${title}\n${tableOf(rows)}\n`)
    })

    const systemOf = async ({ policies, program = 'server' }: Scenario): Promise<TestSystem> => {
      const name = `${program} ${JSON.stringify(policies)}`
      if (system?.name === name) return system.open
      await system?.open.close()
      system = { name, open: await TestSystem.open(testBed, policies, program) }
      return system.open
    }

    const cases = scenarios.flatMap((scenario, turn) =>
      faults
        .filter((fault) => isFull || sample(fault, turn) !== 'none')
        .map((fault) => ({ scenario, fault, turn, name: `${scenario.name}: ${fault.name}` })),
    )
    test.each(cases)(
      '$name',
      async ({ scenario, fault, turn }) => {
        const began = performance.now()
        const isBrief = sample(fault, turn) === 'brief'
        const row = await runFaults(await systemOf(scenario), { scenario, fault, turn, isBrief })
        rows.push(row)
        if (isFull) tell(row, performance.now() - began)
        expect(row.violations).toEqual([])
        expect(row.points).toBeGreaterThan(0)
      },
      isFull ? 3_600_000 : 60_000,
    )
  })
}
