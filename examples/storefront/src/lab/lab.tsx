import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Outcome } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { useAction } from '../parts/use-action.js'
import type { Rush } from '../state/api.js'
import { administratorClient, demo } from '../state/session.js'
import { words } from '../words/words.js'
import { type Plan, PlanForm } from './plan-form.js'
import { RunCard } from './run-card.js'
import { Verdict } from './verdict.js'

const pollMs = 200

/** Kept across page changes: the rush continues in the background. */
const rush = signal<Rush | undefined>(undefined)

const isOver = ({ state }: Rush): boolean => state === 'done' || state === 'failed'

const watch = async (isWanted: () => boolean): Promise<void> => {
  const shop = await administratorClient()
  while (rush.value && !isOver(rush.value) && isWanted()) {
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    const { rushId } = rush.value
    rush.value = await shop.get('/api/demo/rushes/{rushId}', { params: { path: { rushId } } })
  }
}

const StateLine = ({ current }: { current: Rush }) => {
  const { states } = words.value.lab
  const text =
    current.state === 'preparing' ? states.preparing(current.prepared, current.buyers) : states[current.state]
  return <p class="state-line">{text}</p>
}

const Runs = ({ current }: { current: Rush }) => {
  const samples = current.runs.flatMap((run) => run.samples)
  const maxMs = Math.max(1, ...current.runs.map(({ elapsedMs }) => elapsedMs))
  const maxPerSecond = Math.max(1, ...samples.map(({ answersPerSecond }) => answersPerSecond))
  return (
    <div class="runs">
      {current.runs.map((run) => (
        <RunCard
          key={run.mode}
          run={run}
          quantity={current.quantity}
          buyers={current.buyers}
          maxMs={maxMs}
          maxPerSecond={maxPerSecond}
        />
      ))}
    </div>
  )
}

export const Lab = () => {
  const { lab, areas } = words.value
  const action = useAction()
  const current = rush.value
  const isRunning = current !== undefined && !isOver(current)
  useEffect(() => {
    if (!isRunning) return
    let isHere = true
    void action.run(async () => {
      await watch(() => isHere)
      return undefined
    })
    return () => {
      isHere = false
    }
  }, [current?.rushId])
  const start = async (plan: Plan) => {
    const shop = await administratorClient()
    rush.value = await shop.post('/api/demo/rushes', { body: plan })
  }
  const starting = useAction()
  return (
    <>
      <PageHeading text={areas.lab} />
      <p class="lead">{lab.intro}</p>
      {demo.value && demo.value.signIn !== 'elsewhere' ? (
        <PlanForm
          most={demo.value.most}
          isBusy={isRunning || starting.isBusy}
          onStart={(plan) =>
            void starting.run(async () => {
              await start(plan)
              return undefined
            })
          }
        />
      ) : (
        demo.value && <p class="soft">{words.value.sign.elsewhere}</p>
      )}
      <Outcome action={starting} />
      <Outcome action={action} />
      <div role="status">{current && <StateLine current={current} />}</div>
      {current && current.state !== 'preparing' && <Runs current={current} />}
      {current?.state === 'done' && <Verdict rush={current} />}
    </>
  )
}
