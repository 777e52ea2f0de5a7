import type { GoalId } from '../goals.js'
import type { Finding, Series } from '../results.js'
import { median } from './statistics.js'

/** Something to be measured: each call is one turn of it, and answers with one figure. */
export interface Contestant {
  readonly name: string
  readonly unit: string
  turn(): Promise<number>
}

/** Measures A B C A B C …, so that whatever else the machine does falls on all alike. */
export const inTurn = async (
  contestants: readonly Contestant[],
  rounds: number,
  show: (line: string) => void,
): Promise<readonly Series[]> => {
  const samples = contestants.map((): number[] => [])
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, { name, unit, turn }] of contestants.entries()) {
      const figure = await turn()
      samples[index]?.push(figure)
      show(`round ${round} of ${rounds}: ${name} ${figure >= 100 ? Math.round(figure) : figure.toFixed(2)}${unit}`)
    }
  }
  return contestants.map(({ name, unit }, index) => ({ name, unit, samples: samples[index] ?? [] }))
}

/** The ratio of the medians of two series. */
export const compare = (goal: GoalId, ours: Series | undefined, against: Series | undefined): Finding => {
  if (!ours || !against) throw new Error(`nothing was measured for goal ${goal}`)
  return { goal, value: median(ours.samples) / median(against.samples), ours, against }
}
