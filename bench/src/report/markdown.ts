import { median } from '../figures/statistics.js'
import { type Goal, goals, verdictOf } from '../goals.js'
import type { Finding, Series } from '../results.js'
import { figure } from './table.js'

const seriesText = (series: Series | undefined): string =>
  series === undefined ? '–' : `${figure(median(series.samples))}${series.unit}`

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const rowOf = (goal: Goal, { value, ours, against }: Finding): string =>
  row([
    goal.id,
    goal.what,
    goal.against,
    seriesText(ours),
    seriesText(against),
    `${figure(value)}${goal.unit}`,
    `${goal.floor.toLocaleString('en')}${goal.unit}`,
    `${goal.goal.toLocaleString('en')}${goal.unit}`,
    verdictOf(goal, value),
  ])

/** The table of the performance page, with every measured goal. */
export const markdownTable = (findings: readonly Finding[]): string => {
  const head = ['', 'what', 'against', 'ours', 'theirs', '', 'floor', 'goal', 'verdict']
  const rows = goals.flatMap((goal) => {
    const finding = findings.find((each) => each.goal === goal.id)
    return finding ? [rowOf(goal, finding)] : []
  })
  return [row(head), row(head.map(() => '---')), ...rows].join('\n')
}
