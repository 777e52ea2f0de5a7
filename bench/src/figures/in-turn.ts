import type { GoalId } from '../goals.js'
import type { Finding, Series } from '../results.js'
import { processorTime } from './processor-time.js'
import { median } from './statistics.js'

export interface Turn {
  readonly figure: number
  /** Number of commands, if processor time per command is measured. */
  readonly count?: number
  /** What else is known of the turn, in one line. */
  readonly remark?: string
}

/** A subject of measurement. Each call runs it for one round and returns one figure. */
export interface Contestant {
  readonly name: string
  readonly unit: string
  /** What a turn needs, and what is not measured. @default nothing */
  prepare?(): Promise<void>
  turn(): Promise<Turn>
  /**
   * Processor time that counts for this contestant, in microseconds. @default the time of all processes of the
   * benchmark
   */
  readonly processor?: () => number | undefined
}

const shown = (figure: number, unit: string): string =>
  `${figure >= 100 ? Math.round(figure).toLocaleString('en') : figure.toFixed(2)}${unit}`

/** Measures in the order A B C A B C …, so that other load on the machine affects all alike. */
export const inTurn = async (
  contestants: readonly Contestant[],
  rounds: number,
  show: (line: string) => void,
): Promise<readonly Series[]> => {
  const samples = contestants.map((): number[] => [])
  const processors = contestants.map((): number[] => [])
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, { name, unit, prepare, turn, processor = processorTime }] of contestants.entries()) {
      await prepare?.()
      const before = processor()
      const { figure, count, remark } = await turn()
      const after = processor()
      samples[index]?.push(figure)
      let each = ''
      if (count !== undefined && before !== undefined && after !== undefined) {
        processors[index]?.push((after - before) / count)
        each = `, ${shown((after - before) / count, ' µs')} of processor time each`
      }
      show(`round ${round} of ${rounds}: ${name} ${shown(figure, unit)}${each}`)
      if (remark) show(`  ${remark}`)
    }
  }
  return contestants.map(({ name, unit }, index) => {
    const processor = processors[index] ?? []
    return { name, unit, samples: samples[index] ?? [], ...(processor.length > 0 && { processor }) }
  })
}

/** Compares two series by the ratio of their medians. */
export const compare = (goal: GoalId, ours: Series | undefined, against: Series | undefined): Finding => {
  if (!ours || !against) throw new Error(`goal ${goal} was not measured`)
  return { goal, value: median(ours.samples) / median(against.samples), ours, against }
}

const costsOf = ({ name, samples, processor }: Series): Series =>
  processor
    ? { name, unit: ' µs', samples: processor }
    : { name, unit: ' µs', samples: samples.map((each) => 1e6 / each) }

/** Compares what a command costs, in processor time, or in time where that is unknown. Above 1, ours costs less. */
export const compareCosts = (goal: GoalId, ours: Series | undefined, against: Series | undefined): Finding => {
  if (!ours || !against) throw new Error(`goal ${goal} was not measured`)
  const [cost, other] = [costsOf(ours), costsOf(against)]
  return { goal, value: median(other.samples) / median(cost.samples), ours: cost, against: other }
}

/** Our cost of a command divided by the cost of the other side. Below 1, ours costs less. */
export const timesCost = (goal: GoalId, ours: Series | undefined, against: Series | undefined): Finding => {
  const { ours: cost, against: other, value } = compareCosts(goal, ours, against)
  return { goal, value: 1 / value, ours: cost, ...(other && { against: other }) }
}

/** Processor time per command of the other side, relative to ours. Undefined if unknown. */
export const processorRatio = ({ ours, against }: Finding): number | undefined =>
  ours.processor && against?.processor ? median(against.processor) / median(ours.processor) : undefined
