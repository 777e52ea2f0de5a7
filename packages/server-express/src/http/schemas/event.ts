import { type EventType, type EventView, eventTypes } from '@shop/core'
import { z } from 'zod'
import { userEntryFields } from './balance.js'
import { issuedFields } from './coupon.js'
import { count, eventStatus, id, time } from './fields.js'
import { lostFields } from './history.js'
import { orderFields } from './order.js'
import { adminFields } from './product.js'
import { responses } from './registries.js'

const sequence = z.int().min(1)

const types = [...eventTypes, 'history.lost'] as const

const data = z.union([
  z.strictObject({ ...orderFields, sequence }).meta({ description: '`order.…`: the order at that time' }),
  z.strictObject({ ...userEntryFields, sequence }).meta({ description: '`wallet.…`: the entry of the history' }),
  z.strictObject({ ...issuedFields, sequence }).meta({ description: '`coupon.issued`: the issued copy' }),
  z.strictObject({ ...adminFields, sequence }).meta({ description: '`product.changed`: the product' }),
  z
    .strictObject({ productId: id, stock: count, sequence })
    .meta({ description: '`stock.…`: the units that can be ordered' }),
  z.strictObject({ ...lostFields, sequence }).meta({ description: '`history.lost`: what was lost' }),
])

export const event: z.ZodType<EventView> = z
  .strictObject({
    eventId: id,
    type: z.enum(types as readonly EventType[] as readonly [EventType, ...EventType[]]),
    subject: z.enum(['order', 'user', 'coupon', 'product', 'history']).meta({ description: 'What it is about' }),
    subjectId: id,
    orderId: id.optional().meta({ description: 'Absent if it is not about an order' }),
    sequence: sequence.meta({ description: 'Grows from event to event of a subject; those of an order count from 1' }),
    status: eventStatus,
    attempts: count,
    at: time,
    nextAttemptAt: time.nullable(),
    lastError: z.string().nullable(),
    data,
  })
  .register(responses, { id: 'Event' })

export const events = z
  .strictObject({
    events: z.array(event),
    nextCursor: z.string().nullable(),
    counts: z.strictObject({ pending: count, sent: count, dead: count }),
  })
  .register(responses, { id: 'Events' })
