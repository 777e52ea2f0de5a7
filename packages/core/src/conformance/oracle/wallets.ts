import type { AdjustBalance } from '../../commands/wallet/adjust-balance.js'
import type { ChargeBalance } from '../../commands/wallet/charge-balance.js'
import type { GrantBonus } from '../../commands/wallet/grant-bonus.js'
import type { WithdrawBalance } from '../../commands/wallet/withdraw-balance.js'
import type { Refusal } from '../../shared/refusal.js'
import { balanceOf, lapsedLots, liveLots, paidMoneyOf, write, writeEnds } from './money.js'
import type { ModelResult } from './ordering.js'
import type { ModelState } from './state.js'

const no = (refusal: Refusal): ModelResult => ({ refusal })

const most = 2 ** 53 - 1
const mostLots = 50

const know = (notes: ModelState, userId: string): void => {
  if (!notes.users.includes(userId)) notes.users.push(userId)
}

export const register = (notes: ModelState, { userId }: { userId: string }): ModelResult => {
  if (notes.users.includes(userId)) return no({ code: 'USER_ALREADY_EXISTS', userId })
  know(notes, userId)
  return { result: { userId, balance: 0 } }
}

export const charge = (notes: ModelState, { userId, amount, ...more }: ChargeBalance): ModelResult => {
  const { minimum, maximum, unit, balanceLimit } = notes.policies.charge
  if (notes.isUnknown(userId)) return no({ code: 'USER_NOT_FOUND', userId })
  const times = amount / unit
  if (amount < minimum || amount > maximum || Math.floor(times) * unit !== amount) {
    return no({ code: 'CHARGE_AMOUNT_INVALID', minimum, maximum, unit })
  }
  const balance = balanceOf(notes, userId)
  if (balance + amount > balanceLimit) return no({ code: 'BALANCE_LIMIT_EXCEEDED', limit: balanceLimit, balance })
  know(notes, userId)
  const { entryId } = write(notes, userId, 'charge', amount, more)
  return { result: { userId, balance: balance + amount, entryId } }
}

export const grant = (notes: ModelState, { userId, amount, expiresAt, ...more }: GrantBonus): ModelResult => {
  const end = expiresAt === undefined || expiresAt === null ? null : new Date(expiresAt).getTime()
  if (end !== null && end <= notes.now) return no({ code: 'INVALID_REQUEST', errors: [] })
  if (notes.isUnknown(userId)) return no({ code: 'USER_NOT_FOUND', userId })
  const balance = balanceOf(notes, userId)
  if (balance + amount > most) return no({ code: 'BALANCE_LIMIT_EXCEEDED', limit: most, balance })
  if (liveLots(notes, userId).length >= mostLots) return no({ code: 'BONUS_LOTS_EXCEEDED', limit: mostLots })
  know(notes, userId)
  const lotId = notes.makeId()
  notes.lots.push({ lotId, userId, end })
  const { entryId } = write(notes, userId, 'grant', amount, { ...more, bonus: [{ lotId, amount }] })
  return { result: { userId, balance: balance + amount, entryId, lotId } }
}

export const withdraw = (notes: ModelState, { userId, amount, ...more }: WithdrawBalance): ModelResult => {
  if (!notes.users.includes(userId)) return no({ code: 'USER_NOT_FOUND', userId })
  const paid = paidMoneyOf(notes, userId)
  if (paid < amount) return no({ code: 'BALANCE_INSUFFICIENT', balance: paid, required: amount })
  const { entryId } = write(notes, userId, 'withdrawal', -amount, more)
  return { result: { userId, balance: balanceOf(notes, userId), entryId } }
}

export const adjust = (notes: ModelState, { userId, change, ...more }: AdjustBalance): ModelResult => {
  if (!notes.users.includes(userId)) return no({ code: 'USER_NOT_FOUND', userId })
  const balance = balanceOf(notes, userId)
  if (change > most - balance) return no({ code: 'BALANCE_LIMIT_EXCEEDED', limit: most, balance })
  const paid = paidMoneyOf(notes, userId)
  if (-change > paid) return no({ code: 'BALANCE_INSUFFICIENT', balance: paid, required: -change })
  const { entryId } = write(notes, userId, 'adjustment', change, more)
  return { result: { userId, balance: balance + change, entryId } }
}

/** The wallets whose first lot ended longest ago come first. */
export const sweepLots = (notes: ModelState, { limit }: { limit: number }): ModelResult => {
  const due: { userId: string; ended: number }[] = []
  for (const userId of [...notes.users].sort()) {
    const [first] = lapsedLots(notes, userId)
    if (first) due.push({ userId, ended: first.end as number })
  }
  due.sort((a, b) => a.ended - b.ended)
  const swept = due.slice(0, limit)
  for (const { userId } of swept) writeEnds(notes, userId)
  return { result: swept.length }
}
