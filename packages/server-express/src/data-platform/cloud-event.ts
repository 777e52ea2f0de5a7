import type { OutboxEvent } from '@shop/core'
import { iso } from '@shop/core/commands'

export const cloudEventMediaType = 'application/cloudevents+json'

/**
 * The event as CloudEvents 1.0 structured JSON, with the extension for distributed tracing. Written by hand, because the `cloudevents` package would add
 * ajv and five more packages for nine fields.
 */
export const cloudEvent = (event: OutboxEvent, source: string): string =>
  JSON.stringify({
    specversion: '1.0',
    id: event.eventId,
    source,
    type: event.type,
    subject: event.subjectId,
    time: iso(event.at),
    datacontenttype: 'application/json',
    ...(event.traceparent && { traceparent: event.traceparent }),
    data: event.data,
  })
