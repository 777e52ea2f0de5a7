import { processorRatio } from '../figures/in-turn.js'
import { median, spread } from '../figures/statistics.js'
import { type Goal, goals, verdictOf } from '../goals.js'
import type { Finding, Series } from '../results.js'

/** Formats a number with its significant digits. */
export const figure = (value: number): string => {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 4)
}

const seriesText = (series: Series | undefined): string => {
  if (!series) return '–'
  const half = spread(series.samples) * 100
  return `${figure(median(series.samples))}${series.unit} ±${half.toFixed(0)} %`
}

const bound = ({ better, unit }: Goal, mark: number): string =>
  `${better === 'higher' ? '≥' : '≤'} ${mark.toLocaleString('en')}${unit}`

const columns = ['goal', 'what', 'ours', 'against', 'value', 'floor', 'goal', 'verdict', 'by processor time'] as const

/** One row per measured goal, in the order of the goals. */
export const tableOf = (findings: readonly Finding[]): string => {
  const lines = goals.flatMap((goal) => {
    const finding = findings.find((each) => each.goal === goal.id)
    if (!finding) return []
    const { value, ours, against } = finding
    const cells = [goal.id, `${goal.what} (${goal.against})`, seriesText(ours), seriesText(against)]
    const marks = [bound(goal, goal.floor), bound(goal, goal.goal)]
    const byProcessor = processorRatio(finding)
    return [
      [
        ...cells,
        `${figure(value)}${goal.unit}`,
        ...marks,
        verdictOf(goal, value),
        byProcessor ? `${figure(byProcessor)}×` : '',
      ],
    ]
  })
  const table = [[...columns], ...lines]
  const widths = columns.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)))
  return table
    .map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}
