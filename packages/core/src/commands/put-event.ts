import { type Change, put } from '../engine/command.js'
import type { OutboxEvent } from '../model/event.js'

/** The event as changes of a command; none for an event that the order does not have. */
export const putEvent = (event: OutboxEvent | undefined): readonly Change[] => (event ? [put('events', event)] : [])
