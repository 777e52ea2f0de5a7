import type { EventView } from '@shop/core'
import { z } from 'zod'
import { count, eventStatus, id, time } from './fields.js'
import { orderFields } from './order.js'
import { responses } from './registries.js'

export const event: z.ZodType<EventView> = z
  .strictObject({
    eventId: id,
    type: z.enum([
      'order.paid',
      'order.failed',
      'order.cancelled',
      'order.expired',
      'order.partially-refunded',
      'order.refunded',
    ]),
    orderId: id,
    sequence: z.int().min(1),
    status: eventStatus,
    attempts: count,
    at: time,
    nextAttemptAt: time.nullable(),
    lastError: z.string().nullable(),
    data: z.strictObject({ ...orderFields, sequence: z.int().min(1) }),
  })
  .register(responses, { id: 'Event' })

export const events = z
  .strictObject({
    events: z.array(event),
    nextCursor: z.string().nullable(),
    counts: z.strictObject({ pending: count, sent: count, dead: count }),
  })
  .register(responses, { id: 'Events' })
