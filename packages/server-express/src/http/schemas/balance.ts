import type { BalanceChangeView, BalanceView, EntryView, GrantView, UserEntryView } from '@shop/core'
import { z } from 'zod'
import {
  balanceChange,
  chargeAmount,
  currency,
  entryKind,
  id,
  metadata,
  money,
  positiveMoney,
  reason,
  reference,
  sentTime,
  time,
} from './fields.js'
import { requests, responses } from './registries.js'

export const registerUser = z
  .strictObject({ userId: id })
  .meta({ examples: [{ userId: 'user-1' }] })
  .register(requests, { id: 'RegisterUser' })

export const chargeBalance = z
  .strictObject({ userId: id, amount: chargeAmount, reference: reference.optional(), metadata: metadata.optional() })
  .meta({ examples: [{ userId: 'user-1', amount: 10_000, reference: 'toss-pay-8f21' }] })
  .register(requests, { id: 'ChargeBalance' })

export const grantBonus = z
  .strictObject({
    userId: id,
    amount: positiveMoney,
    expiresAt: sentTime.nullish().meta({ description: 'In the future. The bonus money is gone from this time on' }),
    reason: reason.optional(),
    reference: reference.optional(),
    metadata: metadata.optional(),
  })
  .meta({ examples: [{ userId: 'user-1', amount: 2_000, expiresAt: '2030-01-01T00:00:00Z', reason: 'welcome' }] })
  .register(requests, { id: 'GrantBonus' })

export const withdrawBalance = z
  .strictObject({
    userId: id,
    amount: positiveMoney,
    reason: reason.optional(),
    reference: reference.optional(),
    metadata: metadata.optional(),
  })
  .meta({ examples: [{ userId: 'user-1', amount: 5_000, reason: 'account closed' }] })
  .register(requests, { id: 'WithdrawBalance' })

export const adjustBalance = z
  .strictObject({ userId: id, change: balanceChange, reason, reference: reference.optional() })
  .meta({ examples: [{ userId: 'user-1', change: -3_000, reason: 'charged twice' }] })
  .register(requests, { id: 'AdjustBalance' })

const lot = z.strictObject({
  lotId: id,
  amount: money.meta({ description: 'What remains of it' }),
  expiresAt: time.nullable(),
})

export const balance: z.ZodType<BalanceView> = z
  .strictObject({
    userId: id,
    balance: money.meta({ description: 'Paid money and bonus money' }),
    withdrawable: money.optional().meta({ description: 'The paid money. Only where there is bonus money' }),
    bonus: z.array(lot).optional().meta({ description: 'The bonus money in spending order. Only where there is some' }),
    currency,
  })
  .register(responses, { id: 'Balance' })

const changed = { userId: id, balance: money, entryId: id, currency }

export const charge: z.ZodType<BalanceChangeView> = z.strictObject(changed).register(responses, { id: 'Charge' })

export const change: z.ZodType<BalanceChangeView> = z.strictObject(changed).register(responses, { id: 'BalanceChange' })

export const grant: z.ZodType<GrantView> = z
  .strictObject({ ...changed, lotId: id })
  .register(responses, { id: 'BonusGrant' })

const entryFields = {
  entryId: id,
  kind: entryKind,
  amount: money.meta({ description: 'Signed: a payment is negative or 0' }),
  bonusAmount: money.optional().meta({ description: 'The signed part that was bonus money; absent if it is 0' }),
  balance: money.meta({ description: 'The balance after this entry' }),
  orderId: id.nullable(),
  at: time,
  reference: reference.optional(),
  reason: reason.optional(),
  metadata: metadata.optional(),
  currency,
}

const entry: z.ZodType<EntryView> = z.strictObject(entryFields).register(responses, { id: 'BalanceEntry' })

export const balanceHistory = z
  .strictObject({ entries: z.array(entry), nextCursor: z.string().nullable() })
  .register(responses, { id: 'BalanceHistory' })

const userEntry: z.ZodType<UserEntryView> = z
  .strictObject({ ...entryFields, userId: id })
  .register(responses, { id: 'UserEntry' })

export const userEntries = z
  .strictObject({ entries: z.array(userEntry), nextCursor: z.string().nullable() })
  .register(responses, { id: 'UserEntries' })
