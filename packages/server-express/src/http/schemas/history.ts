import type { HistoryLossView } from '@shop/core'
import { z } from 'zod'
import { count, id, reason, time } from './fields.js'
import { requests, responses } from './registries.js'

/** What was lost. */
export const lostFields = {
  lossId: id,
  detectedAt: time,
  groups: count.meta({ description: 'Groups that were acknowledged and are missing' }),
  commands: count.meta({ description: 'Acknowledged commands of these groups that wrote something' }),
  firstAt: time,
  lastAt: time,
  fromHistory: z
    .string()
    .nullable()
    .meta({ description: 'The identity of the database that had them, if it is known' }),
  toHistory: z.string().meta({ description: 'The identity of the database that lacks them' }),
  orderIds: z.array(id).meta({ description: 'Orders that these groups placed or changed, at most 1,000' }),
  isPartial: z.boolean().meta({ description: 'Whether more may be lost than this names' }),
}

export const historyLoss: z.ZodType<HistoryLossView> = z
  .strictObject({ ...lostFields, acknowledgedAt: time.nullable(), note: z.string().nullable() })
  .register(responses, { id: 'HistoryLoss' })

export const historyLosses = z
  .strictObject({ losses: z.array(historyLoss), nextCursor: z.string().nullable() })
  .register(responses, { id: 'HistoryLosses' })

export const acknowledgeLoss = z
  .strictObject({ note: reason.optional() })
  .meta({ examples: [{ note: 'the customers were called' }] })
  .register(requests, { id: 'AcknowledgeLoss' })
