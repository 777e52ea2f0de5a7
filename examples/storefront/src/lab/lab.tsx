import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Meter } from '../parts/meter.js'
import { Outcome } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { useAction } from '../parts/use-action.js'
import { administratorClient, demo } from '../state/session.js'
import { number, words } from '../words/words.js'
import { Comparison } from './comparison.js'
import { Guarantees } from './guarantees.js'
import { Lesson } from './lesson.js'
import { PlanForm } from './plan-form.js'
import { Race } from './race.js'
import {
  added,
  type Experiment,
  isOver,
  modesOf,
  type Plan,
  planned,
  plannedId,
  progressOf,
  type Rush,
} from './results.js'
import { RunCard } from './run-card.js'
import { Verdict } from './verdict.js'

const pollMs = 200

/** The rushes of one plan, the latest first. Kept across page changes: a rush continues in the background. */
const rushes = signal<readonly Rush[]>([])

const watch = async (isWanted: () => boolean): Promise<void> => {
  const shop = await administratorClient()
  for (;;) {
    const [rush] = rushes.value
    if (rush === undefined || isOver(rush) || !isWanted()) return
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    const { rushId } = rush
    rushes.value = added(rushes.value, await shop.get('/api/demo/rushes/{rushId}', { params: { path: { rushId } } }))
  }
}

const start = async (plan: Plan, experiment: Experiment): Promise<void> => {
  const modes = modesOf[experiment].filter((mode) => demo.value?.modes.includes(mode))
  const earlier = rushes.value
  rushes.value = added(earlier, planned(plan, modes))
  try {
    const shop = await administratorClient()
    rushes.value = added(earlier, await shop.post('/api/demo/rushes', { body: { ...plan, modes } }))
  } catch (error) {
    rushes.value = earlier
    throw error
  }
}

/** What happens now. Only the state is announced: numbers that change five times a second would drown it. */
const StateLine = ({ rush }: { rush: Rush }) => {
  const { lab } = words.value
  const { state, prepared, buyers, runs } = rush
  const running = runs.find((run) => run.state === 'running')
  return (
    <div class={`state-line ${state}`}>
      <p>
        <strong role="status">{lab.states[state]}</strong>{' '}
        <span class="soft">
          {state === 'preparing' && lab.prepared(number(prepared), number(buyers))}
          {state === 'running' && running && lab.modes[running.mode]}
          {state === 'failed' && lab.failedHint}
        </span>
      </p>
      <Meter label={lab.progress} value={progressOf(rush)} of={1} />
    </div>
  )
}

const Details = ({ rush }: { rush: Rush }) => {
  const { lab } = words.value
  return (
    <details class="card">
      <summary>
        <h2>{lab.details}</h2>
      </summary>
      <p class="soft">{lab.detailsHint}</p>
      <div class="runs">
        {rush.runs.map((run) => (
          <RunCard key={run.mode} run={run} />
        ))}
      </div>
    </details>
  )
}

export const Lab = () => {
  const { lab, areas, sign } = words.value
  const watching = useAction()
  const starting = useAction()
  const [rush] = rushes.value
  const isRunning = rush !== undefined && !isOver(rush)
  useEffect(() => {
    if (!isRunning || rush.rushId === plannedId) return
    let isHere = true
    void watching.run(async () => {
      try {
        await watch(() => isHere)
      } catch (error) {
        // A rush that can no longer be followed must not keep the next one from starting.
        rushes.value = added(rushes.value, { ...rush, state: 'failed' })
        throw error
      }
      return undefined
    })
    return () => {
      isHere = false
    }
  }, [rush?.rushId])
  const run = (plan: Plan, experiment: Experiment) =>
    void starting.run(async () => {
      await start(plan, experiment)
      return undefined
    })
  return (
    <>
      <PageHeading text={areas.lab} />
      <p class="lead">{lab.intro}</p>
      {demo.value?.signIn === 'elsewhere' ? (
        <p class="soft">{sign.elsewhere}</p>
      ) : (
        <PlanForm isBusy={isRunning || starting.isBusy} onStart={run} />
      )}
      <Outcome action={starting} />
      <Outcome action={watching} />
      {rush === undefined && demo.value && <Lesson />}
      {rush && (
        <div class="lab-result">
          <StateLine rush={rush} />
          <Verdict rush={rush} />
          <Race rush={rush} />
          <Comparison rushes={rushes.value} quantity={rush.quantity} />
          <Details rush={rush} />
          <Guarantees rush={rush} />
        </div>
      )}
    </>
  )
}
