import { number, shortNumber, words } from '../words/words.js'
import { decades, logPosition, type Mode, niceCeiling, oversoldIn, type RushRun, soldIn } from './results.js'

/** A value of a scale, and where it lies: from 0 to 1. */
interface Tick {
  readonly at: number
  readonly text: string
}

interface Bar {
  readonly mode: Mode
  /** Parts from the left, with the end of each: from 0 to 1. */
  readonly parts: readonly { readonly end: number; readonly tone: string }[]
  readonly value: string
  /** What is wrong with the value. */
  readonly warning?: string | undefined
}

const percent = (part: number): string => `${Math.round(part * 1_000) / 10}%`

const sideOf = ({ at }: Tick): string => (at < 0.1 ? 'start' : at > 0.9 ? 'end' : 'middle')

interface BarsProps {
  readonly title: string
  readonly unit: string
  readonly hint?: string
  readonly ticks: readonly Tick[]
  /** A value to compare with, as a line through all bars. */
  readonly line?: Tick
  readonly bars: readonly Bar[]
}

/** Bars on one scale, with the values beside them. */
const Bars = ({ title, unit, hint, ticks, line, bars }: BarsProps) => (
  <figure class="bars">
    <figcaption>
      <h3>{title}</h3>
      <span>{unit}</span>
    </figcaption>
    <div class="bar-row scale-row" aria-hidden="true">
      <span class="bar-track">
        {line && (
          <span class={`bar-tick ${sideOf(line)}`} style={`inset-inline-start: ${percent(line.at)}`}>
            {line.text}
          </span>
        )}
      </span>
    </div>
    <ul>
      {bars.map(({ mode, parts, value, warning }) => (
        <li class="bar-row" key={mode}>
          <span class="bar-name">{words.value.lab.modes[mode]}</span>
          <span class="bar-track" aria-hidden="true">
            {ticks.map(({ at, text }) => (
              <i key={text} class="bar-grid" style={`inset-inline-start: ${percent(at)}`} />
            ))}
            {[...parts].reverse().map(({ end, tone }) => (
              <i key={tone} class={`bar ${tone}`} style={`inline-size: ${percent(end)}`} />
            ))}
            {line && <i class="bar-line" style={`inset-inline-start: ${percent(line.at)}`} />}
          </span>
          <span class="bar-value">
            {value}
            {warning !== undefined && <b class="bad"> {warning}</b>}
          </span>
        </li>
      ))}
    </ul>
    <div class="bar-row scale-row" aria-hidden="true">
      <span class="bar-track">
        {ticks.map((tick) => (
          <span key={tick.text} class={`bar-tick ${sideOf(tick)}`} style={`inset-inline-start: ${percent(tick.at)}`}>
            {tick.text}
          </span>
        ))}
      </span>
    </div>
    {hint !== undefined && <p class="soft bars-hint">{hint}</p>}
  </figure>
)

const toneOf = (mode: Mode): string =>
  mode === 'naive' ? 'tone-bad' : mode === 'one-by-one' ? 'tone-2' : mode === 'http' ? 'tone-3' : 'tone-1'

/** How many each run sold, beside the stock. */
export const SoldBars = ({ runs, quantity }: { runs: readonly RushRun[]; quantity: number }) => {
  const { lab } = words.value
  const end = niceCeiling(Math.max(quantity * 1.2, ...runs.map(soldIn)))
  const at = (value: number) => Math.min(1, value / end)
  return (
    <Bars
      title={lab.soldChart}
      unit={lab.soldUnit}
      ticks={[0, end / 2, end].map((value) => ({ at: at(value), text: number(value) }))}
      line={{ at: at(quantity), text: lab.stockLine(number(quantity)) }}
      bars={runs.map((run) => {
        const sold = soldIn(run)
        const oversold = oversoldIn(run, quantity)
        return {
          mode: run.mode,
          parts: [
            { end: at(Math.min(sold, quantity)), tone: 'tone-1' },
            { end: at(sold), tone: 'tone-bad' },
          ],
          value: number(sold),
          warning: oversold > 0 ? `+${number(oversold)}` : undefined,
        }
      })}
    />
  )
}

/** How many buyers each run served in a second, on one log scale. */
export const SpeedBars = ({ runs }: { runs: readonly RushRun[] }) => {
  const { lab } = words.value
  const scale = decades(runs.map(({ answersPerSecond }) => answersPerSecond))
  return (
    <Bars
      title={lab.speedChart}
      unit={lab.speedUnit}
      hint={lab.speedHint}
      ticks={scale.map((value) => ({ at: logPosition(value, scale), text: shortNumber(value) }))}
      bars={runs.map(({ mode, answersPerSecond }) => ({
        mode,
        parts: [{ end: logPosition(answersPerSecond, scale), tone: toneOf(mode) }],
        value: number(answersPerSecond),
      }))}
    />
  )
}
