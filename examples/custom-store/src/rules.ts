/**
 * Rules of core as conditions in SQL, named after the functions that they mirror. Every `?` is now; the kit compares
 * what the reads answer with an independent model.
 */

export const hasPassed = (deadline: string): string => `${deadline} <= ?`

export const isOverdue = `status = 'pending' and ${hasPassed('expiresAt')}`

export const statusAt = `case when ${isOverdue} then 'expired' else status end`

/** An order without a deadline never is overdue. */
export const isOpen = `status = 'pending' and (${hasPassed('expiresAt')}) is not true`

export const isDrop = `listed and coalesce(opensAt, closesAt) is not null and (${hasPassed('closesAt')}) is not true`

/** Lots are in spending order, so the first of a wallet ends first. */
export const firstLotEnd = `data->>'$.lots[0].expiresAt'`

export const isClaimable = `validFrom <= ? and not ${hasPassed('validUntil')} and issued < quantity`
