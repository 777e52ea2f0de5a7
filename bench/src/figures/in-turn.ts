import type { GoalId } from '../goals.js'
import type { Finding, Series } from '../results.js'
import { processorTime } from './processor-time.js'
import { median } from './statistics.js'

export interface Turn {
  readonly figure: number
  /** How many commands it took, where they are to be counted. */
  readonly count?: number
}

/** Something to be measured: each call is one turn of it, and answers with one figure. */
export interface Contestant {
  readonly name: string
  readonly unit: string
  turn(): Promise<Turn>
  /** The processor time that counts for it, in microseconds: everybody's, where left out. */
  readonly processor?: () => number | undefined
}

const shown = (figure: number, unit: string): string =>
  `${figure >= 100 ? Math.round(figure).toLocaleString('en') : figure.toFixed(2)}${unit}`

/** Measures A B C A B C …, so that whatever else the machine does falls on all alike. */
export const inTurn = async (
  contestants: readonly Contestant[],
  rounds: number,
  show: (line: string) => void,
): Promise<readonly Series[]> => {
  const samples = contestants.map((): number[] => [])
  const processors = contestants.map((): number[] => [])
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, { name, unit, turn, processor = processorTime }] of contestants.entries()) {
      const before = processor()
      const { figure, count } = await turn()
      const after = processor()
      samples[index]?.push(figure)
      let each = ''
      if (count !== undefined && before !== undefined && after !== undefined) {
        processors[index]?.push((after - before) / count)
        each = `, ${shown((after - before) / count, ' µs')} of processor time each`
      }
      show(`round ${round} of ${rounds}: ${name} ${shown(figure, unit)}${each}`)
    }
  }
  return contestants.map(({ name, unit }, index) => {
    const processor = processors[index] ?? []
    return { name, unit, samples: samples[index] ?? [], ...(processor.length > 0 && { processor }) }
  })
}

/** The ratio of the medians of two series. */
export const compare = (goal: GoalId, ours: Series | undefined, against: Series | undefined): Finding => {
  if (!ours || !against) throw new Error(`nothing was measured for goal ${goal}`)
  return { goal, value: median(ours.samples) / median(against.samples), ours, against }
}

/** How many times the processor time of one of ours the other side takes; nothing where that is unknown. */
export const processorRatio = ({ ours, against }: Finding): number | undefined =>
  ours.processor && against?.processor ? median(against.processor) / median(ours.processor) : undefined
