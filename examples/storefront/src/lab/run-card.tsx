import { number, words } from '../words/words.js'
import type { RushRun } from './results.js'
import { TimeChart } from './time-chart.js'

const tones: Readonly<Partial<Record<RushRun['mode'], string>>> = { 'one-by-one': 'tone-2', naive: 'tone-bad' }

const Figures = ({ run: { latencyMs, groups, mode } }: { run: RushRun }) => {
  const { lab } = words.value
  return (
    <dl class="figures">
      {(['p50', 'p95', 'p99', 'max'] as const).map((name) => (
        <div class="pair" key={name}>
          <dt>{lab.waits[name]}</dt>
          <dd>{lab.ms(number(latencyMs[name]))}</dd>
        </div>
      ))}
      {mode !== 'naive' && (
        <>
          <dt>{lab.transactions}</dt>
          <dd>{number(groups.count)}</dd>
          <dt>{lab.maxGroupSize}</dt>
          <dd>{lab.meanLargest(number(groups.meanSize), number(groups.largest))}</dd>
        </>
      )}
    </dl>
  )
}

/** One run over time: throughput, waiting times and transactions. */
export const RunCard = ({ run }: { run: RushRun }) => {
  const { lab } = words.value
  return (
    <article class="run" aria-label={lab.modes[run.mode]}>
      <h3>{lab.modes[run.mode]}</h3>
      <TimeChart
        label={lab.chart}
        timeLabel={lab.elapsed}
        unit={lab.ms('').trim()}
        samples={run.samples}
        elapsedMs={run.elapsedMs}
        tone={tones[run.mode] ?? 'tone-1'}
      />
      <Figures run={run} />
    </article>
  )
}
