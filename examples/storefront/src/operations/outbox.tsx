import { Outcome, Pending } from '../parts/notice.js'
import { useAction } from '../parts/use-action.js'
import { useLoad } from '../parts/use-load.js'
import { shop } from '../state/session.js'
import { number, words } from '../words/words.js'

const states = ['pending', 'sent', 'dead'] as const

/** How many events wait, and those that nobody tries to send any more. */
export const Outbox = () => {
  const { operations } = words.value
  const action = useAction()
  const query = { status: 'dead', limit: 20 } as const
  const { data, failure, reload } = useLoad(() => shop.get('/api/admin/outbox', { params: { query } }), [])
  const redeliver = (eventId: string) =>
    action.run(async () => {
      try {
        await shop.post('/api/admin/outbox/{eventId}/redeliver', { params: { path: { eventId } } })
        return operations.redelivered
      } finally {
        await reload()
      }
    })
  return (
    <section class="card">
      <h2>{operations.outbox}</h2>
      <p class="soft">{operations.outboxHint}</p>
      {data ? (
        <>
          <dl class="tally">
            {states.map((state) => (
              <div key={state}>
                <dt>{operations.counts[state]}</dt>
                <dd class="figure">{number(data.counts[state])}</dd>
              </div>
            ))}
          </dl>
          <h3>{operations.deadEvents}</h3>
          <Outcome action={action} />
          {data.events.length === 0 && <p class="soft">{operations.noDead}</p>}
          <ul class="dead-events">
            {data.events.map(({ eventId, type, orderId, lastError }) => (
              <li key={eventId}>
                <div>
                  <b>{type}</b>
                  <span class="soft">
                    {operations.order} <code>{orderId}</code>
                  </span>
                  <span class="soft">{lastError}</span>
                </div>
                <button
                  type="button"
                  disabled={action.isBusy}
                  aria-label={`${operations.redeliver}: ${type} ${orderId}`}
                  onClick={() => void redeliver(eventId)}
                >
                  {operations.redeliver}
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <Pending failure={failure} reload={reload} />
      )}
    </section>
  )
}
