import { figure } from '../report/table.js'
import type { Chart } from '../results.js'
import { type Scale, scaleFor } from './scale.js'

const width = 720
const height = 380
const frame = { left: 76, right: 40, top: 52, bottom: 84 } as const
/** Distinguishable without colour vision. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
const dashes = ['', '6 3', '2 3', '8 3 2 3', '', '6 3']

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(content)}</text>`

const grid = (x: Scale, y: Scale): string[] => [
  ...y.ticks.flatMap((tick) => [
    `<line x1="${frame.left}" x2="${width - frame.right}" y1="${y.at(tick).toFixed(1)}" y2="${y.at(tick).toFixed(1)}" stroke="#ddd"/>`,
    text(frame.left - 8, y.at(tick) + 4, tick === 0 ? '0' : figure(tick).replace(/\.0+$/, ''), 'text-anchor="end"'),
  ]),
  ...x.ticks.map((tick) =>
    text(x.at(tick), height - frame.bottom + 18, tick.toLocaleString('en'), 'text-anchor="middle"'),
  ),
]

const curve = ({ name, points }: Chart['lines'][number], index: number, x: Scale, y: Scale): string[] => {
  const colour = colours[index % colours.length]
  const places = points.map(([px, py]) => `${x.at(px).toFixed(1)},${y.at(py).toFixed(1)}`)
  const dash = dashes[index % dashes.length]
  const legendAt = frame.left + index * 150
  return [
    `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`,
    ...places.map((place) => {
      const [cx, cy] = place.split(',')
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`
    }),
    `<rect x="${legendAt}" y="${height - 22}" width="12" height="12" fill="${colour}"/>`,
    text(legendAt + 18, height - 12, name),
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
    from: height - frame.bottom,
    to: frame.top,
    ticks: 'round',
    logarithmic: false,
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="#222">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(frame.left, 24, title, 'font-size="15" font-weight="600"'),
    text(frame.left, 42, yName, 'fill="#666"'),
    text((frame.left + width - frame.right) / 2, height - frame.bottom + 38, xName, 'text-anchor="middle" fill="#666"'),
    ...grid(x, y),
    ...lines.flatMap((line, index) => curve(line, index, x, y)),
    '</svg>',
  ].join('\n')}\n`
}
