import { number, words } from '../words/words.js'
import { SoldBars, SpeedBars } from './bars.js'
import { comparedRuns, type Mode, type Rush, type RushRun } from './results.js'

/** What the speeds mean, in a sentence each. */
const Sentences = ({ runs }: { runs: readonly RushRun[] }) => {
  const { lab } = words.value
  const rateOf = (mode: Mode) => {
    const run = runs.find((each) => each.mode === mode)
    return run?.state === 'done' ? run.answersPerSecond : 0
  }
  const [grouped, single, http] = [rateOf('grouped'), rateOf('one-by-one'), rateOf('http')]
  const overHttp =
    http === 0
      ? lab.overHttpLater
      : grouped === 0
        ? lab.overHttpOnly(number(http))
        : lab.overHttp(number(grouped), number(http))
  return (
    <div class="sentences">
      <p>
        <b>{grouped > 0 && single > 0 && lab.faster(number(grouped / single))}</b>
      </p>
      <p class="soft">{overHttp}</p>
    </div>
  )
}

/** All runs of one plan, side by side. */
export const Comparison = ({ rushes, quantity }: { rushes: readonly Rush[]; quantity: number }) => {
  const runs = comparedRuns(rushes)
  if (runs.length === 0) return null
  const title = words.value.lab.compare
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <div class="comparison">
        <SoldBars runs={runs} quantity={quantity} />
        <SpeedBars runs={runs} />
      </div>
      <Sentences runs={runs} />
    </section>
  )
}
