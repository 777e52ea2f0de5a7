import type { Statement } from '@shop/core'
import { z } from 'zod'
import { count, day, entryKind, id, money } from './fields.js'
import { responses } from './registries.js'

export const statementQuery = z.strictObject({
  from: day.meta({ description: 'The first day, in the time zone of policy `ranking.timeZone`' }),
  to: day.meta({ description: 'The last day' }),
})

export const statement: z.ZodType<Statement> = z
  .strictObject({
    from: day,
    to: day,
    opening: money.meta({ description: 'Sum of all balances at the beginning of the first day' }),
    closing: money.meta({ description: 'The opening and the movements' }),
    movements: z.array(z.strictObject({ kind: entryKind, amount: money })),
    products: z
      .array(z.strictObject({ productId: id, sold: count, soldAmount: money, refunded: count, refundedAmount: money }))
      .meta({ description: 'Products that were sold or refunded. Money after discount' }),
  })
  .register(responses, { id: 'Statement' })
