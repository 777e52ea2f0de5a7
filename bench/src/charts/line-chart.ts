import { figure } from '../report/table.js'
import type { Chart } from '../results.js'
import { picture, text, width } from './picture.js'
import { type Scale, scaleFor } from './scale.js'

const frame = { left: 54, right: 34, top: 52, bottom: 52 } as const
const plotHeight = 180
const legendHeight = 20

/** Distinguishable without colours, too. */
const dashes = ['', '6 3', '2 3', '8 3 2 3', '', '6 3']

const bottom = frame.top + plotHeight

const labelWidth = 40

/** The marks whose labels do not overlap. */
const apart = ({ ticks, at }: Scale): readonly number[] => {
  let free = Number.NEGATIVE_INFINITY
  return ticks.filter((tick) => {
    const fits = at(tick) >= free
    if (fits) free = at(tick) + labelWidth
    return fits
  })
}

const grid = (x: Scale, y: Scale): string[] => [
  ...y.ticks.flatMap((tick) => [
    `<line class="rule" x1="${frame.left}" x2="${width - frame.right}" y1="${y.at(tick).toFixed(1)}" y2="${y.at(tick).toFixed(1)}"/>`,
    text(frame.left - 8, y.at(tick) + 4, tick === 0 ? '0' : figure(tick).replace(/\.0+$/, ''), 'text-anchor="end"'),
  ]),
  ...apart(x).map((tick) => text(x.at(tick), bottom + 18, tick.toLocaleString('en'), 'text-anchor="middle"')),
]

const curve = ({ name, points }: Chart['lines'][number], index: number, x: Scale, y: Scale): string[] => {
  const colour = `var(--c${index % dashes.length})`
  const places = points.map(([px, py]) => `${x.at(px).toFixed(1)},${y.at(py).toFixed(1)}`)
  const dash = dashes[index % dashes.length]
  const legend = { x: frame.left + (index % 2) * 150, y: bottom + frame.bottom + Math.floor(index / 2) * legendHeight }
  return [
    `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`,
    ...places.map((place) => {
      const [cx, cy] = place.split(',')
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`
    }),
    `<rect x="${legend.x}" y="${legend.y}" width="12" height="12" fill="${colour}"/>`,
    text(legend.x + 18, legend.y + 11, name),
  ]
}

/** Renders a chart as a self-contained SVG. */
export const lineChart = ({ title, x: xName, y: yName, logarithmic = false, lines }: Chart): string => {
  const points = lines.flatMap((line) => line.points).filter(([, value]) => Number.isFinite(value))
  const x = scaleFor({
    values: points.map(([value]) => value),
    from: frame.left,
    to: width - frame.right,
    ticks: 'values',
    logarithmic,
  })
  const y = scaleFor({
    values: [0, ...points.map(([, value]) => value)],
    from: bottom,
    to: frame.top,
    ticks: 'round',
    logarithmic: false,
  })
  const height = bottom + frame.bottom + Math.ceil(lines.length / 2) * legendHeight
  return picture({ title, figures: yName, height }, [
    text((frame.left + width - frame.right) / 2, bottom + 38, xName, 'text-anchor="middle" class="soft"'),
    ...grid(x, y),
    ...lines.flatMap((line, index) => curve(line, index, x, y)),
  ])
}
