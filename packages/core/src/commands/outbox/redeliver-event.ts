import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type EventView, eventView } from '../../model/event.js'
import { checkFields, id } from '../../shared/check.js'

/** Input of {@link redeliverEvent}. */
export interface RedeliverEvent {
  /** The event's id. */
  readonly eventId: string
}

/**
 * Makes a dead event pending again, with all its attempts. Refused: INVALID_REQUEST, EVENT_NOT_FOUND, EVENT_NOT_DEAD (the
 * first that applies).
 *
 * @example await shop.execute(redeliverEvent, { eventId })
 */
export const redeliverEvent = defineCommand<RedeliverEvent, EventView>({
  name: 'redeliver-event',
  check: (input) => checkFields(input, { eventId: id }),
  keys: ({ eventId }) => ({ lock: { events: [eventId] } }),
  decide(facts, { eventId }, { now }) {
    const event = facts.event(eventId)
    if (!event) return refuse({ code: 'EVENT_NOT_FOUND', eventId })
    if (event.status !== 'dead') return refuse({ code: 'EVENT_NOT_DEAD', eventId, eventStatus: event.status })
    const again = { ...event, status: 'pending', attempts: 0, nextAttemptAt: now, lastError: null } as const
    return accept(eventView(again), [put('events', again)])
  },
})
