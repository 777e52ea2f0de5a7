import { type RedeliverEvent, redeliverEvent } from '../commands/outbox/redeliver-event.js'
import type { Outcome } from '../engine/outcome.js'
import { type EventStatus, type EventView, eventStatuses, eventView } from '../model/event.js'
import { oneOf, optional, pageFields } from '../shared/check.js'
import { isoOrNull } from '../shared/instant.js'
import { asOutcome, type CallOptions, type Execute, never, type Run } from './calls.js'
import { oneMore, type Page, type PageQuery, pageOf } from './page.js'
import { checkQuery, type Reading } from './reading.js'

/** Input of {@link Outbox.list}. */
export interface ListEvents extends PageQuery {
  /**
   * Only events with this status.
   * @default events of any status
   */
  readonly status?: EventStatus | undefined
}

/** How many events there are, by status. */
export interface EventCounts {
  /** Events that are not delivered yet. */
  readonly pending: number
  /** Events that the receiver has acknowledged, and that are still kept. */
  readonly sent: number
  /** Events whose delivery was given up. */
  readonly dead: number
  /** When the oldest pending event happened: ISO 8601 in UTC; null if none is pending. */
  readonly oldestPendingAt: string | null
}

/** Events that are pending, delivered or dead. */
export interface Outbox {
  /**
   * Makes a dead event pending again, with all its attempts.
   * @throws ShopRefusal INVALID_REQUEST | EVENT_NOT_FOUND | EVENT_NOT_DEAD (the first that applies)
   * @example await shop.outbox.redeliver({ eventId })
   */
  redeliver(input: RedeliverEvent, options?: CallOptions<EventView>): Promise<EventView>
  /**
   * Events, the newest first.
   * @throws ShopRefusal INVALID_REQUEST
   * @example const { items } = await shop.outbox.list({ status: 'dead' })
   */
  list(query?: ListEvents): Promise<Page<EventView>>
  /**
   * How many events there are, by status.
   * @example const { dead } = await shop.outbox.counts()
   */
  counts(): Promise<EventCounts>
}

/** The commands of {@link Outbox} in a transaction of the caller's: a refusal is a value. */
export interface OutboxWithin {
  /** As {@link Outbox.redeliver}, with the outcome as a value. */
  redeliver(input: RedeliverEvent, options?: CallOptions<EventView>): Promise<Outcome<EventView>>
  /** As {@link Outbox.list}, with the outcome as a value. */
  list(query?: ListEvents): Promise<Outcome<Page<EventView>>>
  /** As {@link Outbox.counts}, with the outcome as a value. */
  counts(): Promise<Outcome<EventCounts>>
}

const listFields = { ...pageFields, status: optional(oneOf(eventStatuses)) }

export const outboxOf = (run: Run, { reads }: Reading): Outbox => ({
  redeliver: (input, options) => run(redeliverEvent, input, options),
  async list(query = {}) {
    checkQuery(query, listFields)
    const rows = await reads.events(oneMore(query))
    return pageOf(rows, query.limit, { item: eventView, position: ({ at, eventId }) => ({ at, id: eventId }) })
  },
  async counts() {
    const { pending, sent, dead, oldestPendingAt } = await reads.eventCounts()
    return { pending, sent, dead, oldestPendingAt: isoOrNull(oldestPendingAt) }
  },
})

export const outboxWithin = (execute: Execute, reading: Reading): OutboxWithin => {
  const own = outboxOf(never, reading)
  return {
    redeliver: (input, options) => execute(redeliverEvent, input, options),
    list: asOutcome(own.list),
    counts: asOutcome(own.counts),
  }
}
