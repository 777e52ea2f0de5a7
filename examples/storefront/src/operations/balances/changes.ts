import type { useCommand } from '../../parts/use-command.js'
import { moneyOf } from '../../words/words.js'
import { endOfDay } from '../days.js'

/** The changes of a balance that an administrator can make. */
export const kinds = ['grant', 'withdraw', 'adjust', 'charge'] as const

export type Kind = (typeof kinds)[number]

/** The changes that open the balance of a user who has none. */
export const openingKinds: readonly Kind[] = ['grant', 'charge']

/** A change as it is typed. */
export interface Change {
  readonly amount: string
  /** `YYYY-MM-DD`, or empty for bonus money without an end. */
  readonly lastDay: string
  readonly direction: 'add' | 'take'
  readonly reason: string
  readonly reference: string
}

/** What the balance changes by. Undefined while no amount is typed. */
export const changeAmount = (kind: Kind, { amount, direction }: Change): number | undefined => {
  const typed = moneyOf(amount)
  if (typed === undefined) return undefined
  const isLess = kind === 'withdraw' || (kind === 'adjust' && direction === 'take')
  return isLess ? 0 - typed : typed
}

interface Wanted {
  readonly userId: string
  readonly change: Change
}

/** Sends the change. Empty fields are left out. */
export const sendChange = (send: ReturnType<typeof useCommand>, kind: Kind, { userId, change }: Wanted) => {
  const { reason, reference } = change
  const signedAmount = changeAmount(kind, change) ?? 0
  const referenced = { userId, ...(reference !== '' && { reference }) }
  const reasoned = { ...referenced, ...(reason !== '' && { reason }) }
  const amount = Math.abs(signedAmount)
  switch (kind) {
    case 'grant': {
      const expiresAt = endOfDay(change.lastDay)
      return send({ ...reasoned, amount, ...(expiresAt && { expiresAt }) }, (shop, body, headers) =>
        shop.post('/api/admin/balance/grant', { body, headers }),
      )
    }
    case 'withdraw':
      return send({ ...reasoned, amount }, (shop, body, headers) =>
        shop.post('/api/admin/balance/withdraw', { body, headers }),
      )
    case 'adjust':
      return send({ ...referenced, reason, change: signedAmount }, (shop, body, headers) =>
        shop.post('/api/admin/balance/adjust', { body, headers }),
      )
    case 'charge':
      return send({ ...referenced, amount }, (shop, body, headers) =>
        shop.post('/api/balance/charge', { body, headers }),
      )
  }
}
