/** How a relay of the release before `0010_events` claims events: the time, a limit, a lease and its length. */
export const claimOf0008 = `with clock as materialized (
  select each.now, timestamptz 'epoch' + each.now * interval '1 millisecond' as time from (select coalesce($1::bigint, floor(date_part('epoch', clock_timestamp()) * 1000)::bigint) as now) each
),
due as materialized (
  select e.event_id from shop.events e
  where e.status = 'pending' and e.next_attempt_at <= (select time from clock)
    and (e.leased_until is null or e.leased_until <= (select time from clock) or e.leased_until > (select time from clock) + greatest(2 * $4::bigint, 600000) * interval '1 millisecond')
    and not exists (
      select from shop.events earlier
      where earlier.order_id = e.order_id and earlier.sequence < e.sequence and earlier.status = 'pending'
    )
  order by e.next_attempt_at, e.event_id limit $2::bigint
  for no key update of e skip locked
)
update shop.events e
set lease = $3, leased_until = timestamptz 'epoch' + (clock.now + $4::bigint) * interval '1 millisecond', attempts = e.attempts + 1
from due, clock where e.event_id = due.event_id
returning e.event_id, e.type, e.order_id, e.sequence, e.data, (date_part('epoch', e.at) * 1000)::bigint, e.status, e.attempts, (date_part('epoch', e.next_attempt_at) * 1000)::bigint, e.last_error, e.traceparent`
