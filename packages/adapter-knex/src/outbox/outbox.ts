import type { DeliveryResult, OutboxStore } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { committing, toInstant, withClock } from '../database/statement.js'
import { rowCount } from '../reads/read.js'
import { encode, stored } from '../rows/column.js'
import { events } from '../rows/row-maps.js'

/** A lease that ends later than this was made before the clock was set back, and counts as expired. */
const farAhead = `(select time from clock) + greatest(2 * $4::bigint, 600000) * interval '1 millisecond'`

/** The types whose subjects may have many pending events. The index of the migration `0010_events` names the same. */
const crowdedTypes = `'coupon.issued', 'product.changed', 'stock.changed', 'stock.sold-out', 'stock.back'`

/** How many subjects of these types one claim looks at. */
const maxVisited = 2_000

const columns = Array.from({ length: events.width }, (_, index) => `c${index}`)

const errorOf = (result: DeliveryResult): string | null => (result.status === 'sent' ? null : result.error)

const retryOf = (result: DeliveryResult): number | null =>
  result.status === 'pending' ? Math.max(0, Math.round(result.retryInMs)) : null

export const outboxOn = ({ names, query, now }: Database): OutboxStore => {
  const isDue = (status: string) => `${status} = 'pending' and e.next_attempt_at <= (select time from clock)
    and (e.leased_until is null or e.leased_until <= (select time from clock) or e.leased_until > ${farAhead})`
  const earliest = 'order by e.next_attempt_at, e.event_id limit $2::bigint'
  const waits = `from ${names.events} e where e.status = 'pending' and e.type in (${crowdedTypes})`
  const next = (condition: string, visited: string) =>
    `select e.order_id, e.event_id, ${visited} as visited ${waits} and ${condition} order by e.order_id, e.sequence limit 1`
  const walk = (name: string, bound: string, { from, visited }: { readonly from: string; readonly visited: string }) =>
    `${name}(order_id, event_id, visited) as (
  (${next(from, `${visited} + 1`)})
  union all
  select next.* from ${name}, lateral (
    ${next(`e.order_id > ${name}.order_id${bound}`, `${name}.visited + 1`)}
  ) next where ${name}.visited < ${maxVisited}
)`
  // Skips events that another relay is claiming. An event that was just claimed fails the conditions under its lock.
  // An order and a user have few pending events, so each event looks for an earlier one. A coupon and a product may have
  // thousands, so their first ones are found by skipping from subject to subject. There may be a million of these, so each
  // claim goes on behind the last subject of the claim before, and begins again at the end. Those found are looked up by
  // their ids: their status is compared so that no index of all pending events fits.
  const claim = committing(`${withClock.replace('with', 'with recursive')},
spread as materialized (
  select e.event_id, e.next_attempt_at from ${names.events} e
  where ${isDue('e.status')} and e.type not in (${crowdedTypes})
    and not exists (
      select from ${names.events} earlier
      where earlier.order_id = e.order_id and earlier.sequence < e.sequence and earlier.status = 'pending'
    )
  ${earliest}
  for no key update of e skip locked
),
${walk('behind', '', { from: 'e.order_id > $5', visited: '0' })},
${walk('again', ' and e.order_id <= $5', {
  from: `e.order_id <= $5 and (select count(*) from behind) < ${maxVisited}`,
  visited: '(select count(*) from behind)::integer',
})},
firsts as materialized (select * from behind union all select * from again),
crowded as materialized (
  select e.event_id, e.next_attempt_at from ${names.events} e
  where e.event_id = any(array(select event_id from firsts)) and ${isDue(`e.status || ''`)}
  ${earliest}
  for no key update of e skip locked
),
due as materialized (
  select e.event_id from (select * from spread union all select * from crowded) e ${earliest}
),
claimed(${columns.join(', ')}) as (
  update ${names.events} e
  set lease = $3, leased_until = ${toInstant('(clock.now + $4::bigint)')}, attempts = e.attempts + 1
  from due, clock where e.event_id = due.event_id
  returning ${events.list('e')}
)
select (select order_id from firsts where visited = ${maxVisited}), claimed.*
from (select) always left join claimed on true`)
  /** The subject at which the last claim stopped; empty if it has seen all. */
  let stoppedAt = ''

  // Locks events in the same order as commands do, so that the two never deadlock.
  const settle = committing(`${withClock},
leased as materialized (
  select e.event_id, s.status, ${stored('optionalNumber', 's.retry_in_ms')} as retry_in_ms,
    ${stored('optionalText', 's.error')} as error
  from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) as s(event_id, lease, status, retry_in_ms, error)
  join ${names.events} e on e.event_id = s.event_id and e.lease = s.lease
  order by e.event_id
  for no key update of e
)
update ${names.events} e
set status = s.status, lease = null, leased_until = null, last_error = s.error,
  next_attempt_at = coalesce(${toInstant('(clock.now + s.retry_in_ms)')}, e.next_attempt_at),
  sent_at = case when s.status = 'sent' then clock.time end
from leased s, clock where e.event_id = s.event_id`)

  return {
    async claimEvents({ limit, leaseMs, lease }) {
      const rows = await query(claim, [now(), rowCount(limit), lease, Math.round(leaseMs), stoppedAt])
      stoppedAt = rows[0]?.[0] ?? ''
      return rows
        .filter((row) => row[1] !== null)
        .map((row) => ({ event: events.read(row, 1), lease }))
        .sort((a, b) => a.event.nextAttemptAt - b.event.nextAttemptAt || (a.event.eventId < b.event.eventId ? -1 : 1))
    },
    async recordDeliveries(settlements) {
      if (settlements.length === 0) return
      await query(settle, [
        now(),
        encode('text', settlements, ({ eventId }) => eventId),
        encode('text', settlements, ({ lease }) => lease),
        encode('text', settlements, ({ status }) => status),
        encode('optionalNumber', settlements, retryOf),
        encode('optionalText', settlements, errorOf),
      ])
    },
  }
}
