import type { OutboxEvent } from '@shop/core'
import { iso } from '@shop/core/commands'

export const cloudEventMediaType = 'application/cloudevents+json'

/**
 * The event as CloudEvents 1.0 structured JSON. Written by hand: the `cloudevents` package brings ajv and five more
 * for what are nine members of one object.
 */
export const cloudEvent = (event: OutboxEvent, source: string): string =>
  JSON.stringify({
    specversion: '1.0',
    id: event.eventId,
    source,
    type: event.type,
    subject: event.orderId,
    time: iso(event.at),
    datacontenttype: 'application/json',
    data: event.data,
  })
