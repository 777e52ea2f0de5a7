import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFull, type Row, runStrikes, tableOf } from './run-strikes.js'
import { scenarios } from './scenarios/index.js'
import { openTheatre, Stage, type Theatre } from './stage.js'
import type { Strike } from './strikes.js'

export interface Suite {
  readonly title: string
  readonly strikes: readonly Strike[]
  /** Outside the full campaign, the scenarios that a strike is tried on, and whether at one point only. */
  readonly sample: (strike: Strike, turn: number) => 'brief' | 'more' | 'none'
}

/** At once, so that a long campaign need not end before it is known that something is wrong. */
const tell = ({ scenario, strike, points, violations }: Row, ms: number): void => {
  const lines = [`${scenario}, ${strike}: ${points} points in ${Math.round(ms / 1_000)} s`, ...violations]
  process.stdout.write(`${lines.join('\n  VIOLATION ')}\n`)
}

/** Tests that every law holds, and that every answer is true, whatever was struck. */
export const describeStrikes = ({ title, strikes, sample }: Suite): void => {
  describe(title, () => {
    let theatre: Theatre
    let stage: { readonly policies: string; readonly open: Stage } | undefined
    const rows: Row[] = []

    beforeAll(async () => {
      theatre = await openTheatre()
    }, 60_000)

    afterAll(async () => {
      await stage?.open.close()
      await theatre.close()
      if (isFull) process.stdout.write(`\n${title}\n${tableOf(rows)}\n`)
    })

    const stageOf = async (policies: object): Promise<Stage> => {
      const text = JSON.stringify(policies)
      if (stage?.policies === text) return stage.open
      await stage?.open.close()
      stage = { policies: text, open: await Stage.open(theatre, policies) }
      return stage.open
    }

    const cases = scenarios.flatMap((scenario, turn) =>
      strikes
        .filter((strike) => isFull || sample(strike, turn) !== 'none')
        .map((strike) => ({ scenario, strike, turn, name: `${scenario.name}: ${strike.name}` })),
    )
    test.each(cases)(
      '$name',
      async ({ scenario, strike, turn }) => {
        const began = performance.now()
        const isBrief = sample(strike, turn) === 'brief'
        const row = await runStrikes(await stageOf(scenario.policies), { scenario, strike, turn, isBrief })
        rows.push(row)
        if (isFull) tell(row, performance.now() - began)
        expect(row.violations).toEqual([])
        expect(row.points).toBeGreaterThan(0)
      },
      isFull ? 3_600_000 : 60_000,
    )
  })
}
