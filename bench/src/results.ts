import type { GoalId } from './goals.js'

/** Measured values, one per round. */
export interface Series {
  readonly name: string
  readonly unit: string
  readonly samples: readonly number[]
  /** Processor time per command in microseconds, one per round, if known. */
  readonly processor?: readonly number[]
}

/** The result of a goal. `value` is the ratio of the medians, or the figure that the goal limits. */
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
  /** Logarithmic x axis. */
  readonly logarithmic?: boolean
  readonly lines: readonly Line[]
}

/** Bars of the parts of a sum: `values` are in the order of the chart's parts. */
export interface Bar {
  readonly name: string
  readonly values: readonly number[]
  /** What stands at the end of the bar. */
  readonly label: string
}

export interface BarChart {
  readonly name: string
  readonly title: string
  /** The unit of the values. */
  readonly unit: string
  readonly parts: readonly string[]
  readonly groups: readonly { readonly name: string; readonly bars: readonly Bar[] }[]
}

/** A further figure that no goal limits. */
export interface Note {
  readonly what: string
  readonly value: string
}

export interface PartResult {
  readonly findings?: readonly Finding[]
  readonly charts?: readonly Chart[]
  readonly barCharts?: readonly BarChart[]
  readonly notes?: readonly Note[]
  /** Series that belong to no finding. */
  readonly series?: readonly Series[]
}
