import { number } from '../words/words.js'
import { niceCeiling, type RushRun } from './results.js'

interface TimeChartProps {
  /** What is measured, with its unit. */
  readonly label: string
  /** What the horizontal axis shows. */
  readonly timeLabel: string
  readonly unit: string
  readonly samples: RushRun['samples']
  readonly elapsedMs: number
  readonly tone: string
}

const [width, height] = [360, 190]
const [left, right, top, bottom] = [52, 352, 10, 146]
const round = (value: number) => Math.round(value * 10) / 10

/** A rate over time, with both axes. */
export const TimeChart = ({ label, timeLabel, unit, samples, elapsedMs, tone }: TimeChartProps) => {
  const maxX = Math.max(1, elapsedMs)
  const maxY = niceCeiling(Math.max(1, ...samples.map(({ answersPerSecond }) => answersPerSecond)))
  const x = (ms: number) => round(left + (ms / maxX) * (right - left))
  const y = (rate: number) => round(bottom - (rate / maxY) * (bottom - top))
  const points = [{ atMs: 0, answersPerSecond: 0 }, ...samples]
  const line = points.map(({ atMs, answersPerSecond }) => `${x(atMs)},${y(answersPerSecond)}`).join(' ')
  const last = points.at(-1)
  return (
    <figure class={`time-chart ${tone}`}>
      <figcaption>{label}</figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {[0, maxY / 2, maxY].map((rate) => (
          <g key={rate}>
            <line class="axis" x1={left} x2={right} y1={y(rate)} y2={y(rate)} />
            <text class="end" x={left - 8} y={y(rate) + 4}>
              {number(rate)}
            </text>
          </g>
        ))}
        {[0, maxX / 2, maxX].map((ms, index) => (
          <text key={ms} class={['start', 'middle', 'end'][index]} x={x(ms)} y={bottom + 18}>
            {number(Math.round(ms))}
          </text>
        ))}
        <text class="middle" x={(left + right) / 2} y={height - 6}>
          {timeLabel} ({unit})
        </text>
        {last && <polygon points={`${x(0)},${bottom} ${line} ${x(last.atMs)},${bottom}`} />}
        <polyline points={line} />
      </svg>
    </figure>
  )
}
