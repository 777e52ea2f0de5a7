import { number } from '../words/words.js'

export interface Point {
  readonly x: number
  readonly y: number
}

interface ChartProps {
  /** Description for screen readers. */
  readonly label: string
  readonly points: readonly Point[]
  /** Range of both axes, so that adjacent charts share a scale. */
  readonly maxX?: number
  readonly maxY?: number
  readonly tone?: 1 | 2
}

const width = 320
const height = 96
const round = (value: number) => Math.round(value * 10) / 10

/** A line over a filled area, with its maximum as text. */
export const Chart = ({ label, points, maxX, maxY, tone = 1 }: ChartProps) => {
  const right = maxX ?? Math.max(1, ...points.map(({ x }) => x))
  const top = maxY ?? Math.max(1, ...points.map(({ y }) => y))
  const place = ({ x, y }: Point) => `${round((x / right) * width)},${round(height - (y / top) * (height - 6))}`
  const line = points.map(place).join(' ')
  const [first, last] = [points[0], points.at(-1)]
  const area = first && last && `${place({ x: first.x, y: 0 })} ${line} ${place({ x: last.x, y: 0 })}`
  const latest = last ? number(last.y) : '–'
  return (
    <svg
      class={`chart tone-${tone}`}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${latest}`}
    >
      <line class="axis" x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} />
      {area && <polygon points={area} />}
      {points.length > 1 && <polyline points={line} />}
    </svg>
  )
}
