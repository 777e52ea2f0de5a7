import { useState } from 'preact/hooks'
import { Outcome, Pending } from '../parts/notice.js'
import { useAction } from '../parts/use-action.js'
import { usePages } from '../parts/use-pages.js'
import { shop } from '../state/session.js'
import { number, words } from '../words/words.js'

const states = ['pending', 'sent', 'dead'] as const
type Counts = Readonly<Record<(typeof states)[number], number>>

/** The number of pending events, and the list of dead events. */
export const Outbox = () => {
  const { operations } = words.value
  const action = useAction()
  const [counts, setCounts] = useState<Counts>()
  const list = usePages(async (cursor) => {
    const query = { status: 'dead', limit: 10, ...(cursor !== undefined && { cursor }) } as const
    const page = await shop.get('/api/admin/outbox', { params: { query } })
    setCounts(page.counts)
    return { items: page.events, next: page.nextCursor }
  }, [])
  const redeliver = (eventId: string) =>
    action.run(async () => {
      try {
        await shop.post('/api/admin/outbox/{eventId}/redeliver', { params: { path: { eventId } } })
        return operations.redelivered
      } finally {
        await list.reload()
      }
    })
  return (
    <section class="card">
      <h2>{operations.outbox}</h2>
      <p class="soft">{operations.outboxHint}</p>
      {list.items && counts ? (
        <>
          <dl class="tally">
            {states.map((state) => (
              <div key={state}>
                <dt>{operations.counts[state]}</dt>
                <dd class="figure">{number(counts[state])}</dd>
              </div>
            ))}
          </dl>
          <h3>{operations.deadEvents}</h3>
          <Outcome action={action} />
          {list.items.length === 0 && <p class="soft">{operations.noDead}</p>}
          <ul class="dead-events">
            {list.items.map(({ eventId, type, subject, subjectId, lastError }) => (
              <li key={eventId}>
                <div>
                  <b>{type}</b>
                  <span class="soft">
                    {operations.subjects[subject]} <code>{subjectId}</code>
                  </span>
                  <span class="soft">{lastError}</span>
                </div>
                <button
                  type="button"
                  disabled={action.isBusy}
                  aria-label={`${operations.redeliver}: ${type} ${subjectId}`}
                  onClick={() => void redeliver(eventId)}
                >
                  {operations.redeliver}
                </button>
              </li>
            ))}
          </ul>
          {list.more && (
            <button type="button" onClick={list.more}>
              {words.value.common.more}
            </button>
          )}
        </>
      ) : (
        <Pending failure={list.failure} reload={list.reload} />
      )}
    </section>
  )
}
