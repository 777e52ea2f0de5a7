import { Chart } from '../parts/chart.js'
import { Meter } from '../parts/meter.js'
import type { RushRun } from '../state/api.js'
import { number, words } from '../words/words.js'

interface RunCardProps {
  readonly run: RushRun
  readonly quantity: number
  readonly buyers: number
  /** Common scales of all runs, for comparison. */
  readonly maxMs: number
  readonly maxPerSecond: number
}

const Figures = ({ run }: { run: RushRun }) => {
  const { lab } = words.value
  const { latencyMs, groups } = run
  const percentiles = [
    ['p50', latencyMs.p50],
    ['p95', latencyMs.p95],
    ['p99', latencyMs.p99],
  ] as const
  return (
    <dl class="figures">
      <dt>{lab.won}</dt>
      <dd>{number(run.won)}</dd>
      <dt>{lab.refused}</dt>
      <dd>{number(run.refused)}</dd>
      {run.unavailable > 0 && (
        <>
          <dt>{lab.unavailable}</dt>
          <dd>{number(run.unavailable)}</dd>
        </>
      )}
      {percentiles.map(([name, value]) => (
        <div class="pair" key={name}>
          <dt>
            {lab.latency} {name}
          </dt>
          <dd>{lab.ms(number(value))}</dd>
        </div>
      ))}
      <dt>{lab.transactions}</dt>
      <dd>{number(groups.count)}</dd>
      <dt>{lab.maxGroupSize}</dt>
      <dd>{lab.meanLargest(number(groups.meanSize), number(groups.largest))}</dd>
    </dl>
  )
}

/** One run: remaining quantity, throughput and outcomes. */
export const RunCard = ({ run, quantity, buyers, maxMs, maxPerSecond }: RunCardProps) => {
  const { lab } = words.value
  const tone = run.mode === 'grouped' ? 1 : 2
  const points = run.samples.map(({ atMs, answersPerSecond }) => ({ x: atMs, y: answersPerSecond }))
  return (
    <section class="card run" aria-label={lab.modes[run.mode]}>
      <h2>{lab.modes[run.mode]}</h2>
      {run.state === 'waiting' ? (
        <p class="soft">{lab.waiting}</p>
      ) : (
        <>
          <div class="headline">
            <p>
              <span class="figure">{number(run.answersPerSecond)}</span>
              <span class="soft">{lab.perSecond}</span>
            </p>
            <p>
              <span class="figure">{number(run.remaining)}</span>
              <span class="soft">
                {lab.of(number(quantity))} {lab.remaining}
              </span>
            </p>
          </div>
          <Meter label={lab.remaining} value={run.remaining} of={quantity} tone={tone} />
          <Chart label={lab.chart} points={[{ x: 0, y: 0 }, ...points]} maxX={maxMs} maxY={maxPerSecond} tone={tone} />
          <p class="soft scale">
            <span>
              {number(run.answered)} / {number(buyers)}
            </span>
            <span>{lab.ms(number(run.elapsedMs))}</span>
          </p>
          <Figures run={run} />
        </>
      )}
    </section>
  )
}
