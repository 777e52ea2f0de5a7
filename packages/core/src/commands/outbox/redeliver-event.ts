import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type EventView, eventView } from '../../model/event.js'
import { checkFields, id } from '../../shared/check.js'

export interface RedeliverEvent {
  readonly eventId: string
}

/** Gives a dead event its attempts again. Refused: EVENT_NOT_FOUND, EVENT_NOT_DEAD. */
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
