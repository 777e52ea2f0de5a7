import type { BalanceView, ChargeView, EntryView } from '@shop/core'
import { z } from 'zod'
import { chargeAmount, id, money, time } from './fields.js'
import { requests, responses } from './registries.js'

export const registerUser = z
  .strictObject({ userId: id })
  .meta({ examples: [{ userId: 'user-1' }] })
  .register(requests, { id: 'RegisterUser' })

export const chargeBalance = z
  .strictObject({ userId: id, amount: chargeAmount })
  .meta({ examples: [{ userId: 'user-1', amount: 10_000 }] })
  .register(requests, { id: 'ChargeBalance' })

export const balance: z.ZodType<BalanceView> = z
  .strictObject({ userId: id, balance: money })
  .register(responses, { id: 'Balance' })

export const charge: z.ZodType<ChargeView> = z
  .strictObject({ userId: id, balance: money, entryId: id })
  .register(responses, { id: 'Charge' })

const entry: z.ZodType<EntryView> = z
  .strictObject({
    entryId: id,
    kind: z.enum(['charge', 'payment', 'refund']),
    amount: money.meta({ description: 'Signed: a payment is negative or 0' }),
    balance: money.meta({ description: 'The balance after this entry' }),
    orderId: id.nullable(),
    at: time,
  })
  .register(responses, { id: 'BalanceEntry' })

export const balanceHistory = z
  .strictObject({ entries: z.array(entry), nextCursor: z.string().nullable() })
  .register(responses, { id: 'BalanceHistory' })
