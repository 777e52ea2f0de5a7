import type { GoalId } from './goals.js'

/** What was measured, once a round. */
export interface Series {
  readonly name: string
  readonly unit: string
  readonly samples: readonly number[]
  /** Microseconds of processor time for each command, once a round, where it is known. */
  readonly processor?: readonly number[]
}

/** How a goal stands: `value` is the ratio of the medians, or what the goal counts instead. */
export interface Finding {
  readonly goal: GoalId
  readonly value: number
  readonly ours: Series
  readonly against?: Series
}

/** A line of a chart. */
export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Chart {
  readonly name: string
  readonly title: string
  readonly x: string
  readonly y: string
  /** Distances on the x axis stand for ratios, not for differences. */
  readonly logarithmic?: boolean
  readonly lines: readonly Line[]
}

/** A number worth knowing that no goal asks for. */
export interface Note {
  readonly what: string
  readonly value: string
}

export interface PartResult {
  readonly findings?: readonly Finding[]
  readonly charts?: readonly Chart[]
  readonly notes?: readonly Note[]
  /** Series that stand in no finding. */
  readonly series?: readonly Series[]
}
