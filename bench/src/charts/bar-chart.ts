import type { Bar, BarChart } from '../results.js'
import { picture, text, width } from './picture.js'

const frame = { left: 92, right: 66, top: 60, bottom: 34 } as const
const barHeight = 16
const groupGap = 14

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** The parts of a bar one after the other; their colours are told apart by brightness, too. */
const barAt = ({ name, values, label }: Bar, y: number, scale: number): readonly string[] => {
  const starts = values.map((_, index) => frame.left + scale * sum(values.slice(0, index)))
  return [
    text(frame.left - 6, y + 12, name, 'text-anchor="end" class="soft"'),
    ...values.map(
      (value, index) =>
        `<rect x="${(starts[index] ?? 0).toFixed(1)}" y="${y}" width="${(scale * value).toFixed(1)}" height="${barHeight - 3}" fill="var(--c${index})"/>`,
    ),
    text(frame.left + scale * sum(values) + 6, y + 12, label),
  ]
}

/** Renders groups of stacked horizontal bars as a self-contained SVG. */
export const barChart = ({ title, unit, parts, groups }: BarChart): string => {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ values }) => sum(values))))
  const scale = (width - frame.left - frame.right) / (most || 1)
  let y: number = frame.top
  const content = groups.flatMap(({ name, bars }) => {
    const from = y
    y += bars.length * barHeight + barHeight + groupGap
    return [
      text(12, from + 10, name, 'font-weight="600"'),
      ...bars.flatMap((bar, index) => barAt(bar, from + (index + 1) * barHeight, scale)),
    ]
  })
  const legend = parts.flatMap((name, index) => [
    `<rect x="${frame.left + index * 110}" y="${y}" width="12" height="12" fill="var(--c${index})"/>`,
    text(frame.left + 18 + index * 110, y + 11, name),
  ])
  return picture({ title, figures: unit, height: y + frame.bottom }, [...content, ...legend])
}
