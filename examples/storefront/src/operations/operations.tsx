import { Outcome } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { useAction } from '../parts/use-action.js'
import { session, signIn } from '../state/session.js'
import { words } from '../words/words.js'
import { Audit } from './audit.js'
import { CouponStates } from './coupon-states.js'
import { Metrics } from './metrics.js'
import { Outbox } from './outbox.js'
import { Ranking } from './ranking.js'

const AdministratorFirst = () => {
  const { operations } = words.value
  const action = useAction()
  return (
    <section class="card narrow">
      <h2>{operations.needed}</h2>
      <button
        type="button"
        class="main"
        disabled={action.isBusy}
        onClick={() =>
          void action.run(async () => {
            await signIn('administrator')
            return undefined
          })
        }
      >
        {operations.become}
      </button>
      <Outcome action={action} />
    </section>
  )
}

export const Operations = () => (
  <>
    <PageHeading text={words.value.areas.operations} />
    <p class="lead">{words.value.operations.intro}</p>
    {session.value?.isAdministrator ? (
      <div class="board">
        <Metrics />
        <div class="stack">
          <Outbox />
          <Ranking />
        </div>
        <CouponStates />
        <Audit />
      </div>
    ) : (
      <AdministratorFirst />
    )}
  </>
)
