import { put } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import type { Cure } from '../../model/repair.js'
import type { CureEffect } from './cure-effect.js'

type CureOf<Kind extends Cure['kind']> = Extract<Cure, { readonly kind: Kind }>

export const cureEntries = (facts: Facts, { userId, drift }: CureOf<'entries'>): CureEffect | undefined => {
  const wallet = facts.wallet(userId)
  if (!wallet) return undefined
  const entries = wallet.entries - drift
  return {
    what: 'counted the entries of the wallet again',
    before: wallet.entries,
    after: entries,
    changes: [put('wallets', { ...wallet, entries })],
  }
}

/** The lock of the wallet has expired its lots already. */
export const cureLots = (facts: Facts, { userId, lots }: CureOf<'lots'>): CureEffect | undefined => {
  const wallet = facts.wallet(userId)
  if (!wallet) return undefined
  const left = (wallet.lots ?? []).map(({ lotId }) => lotId)
  return { what: 'recorded the expiry of lots that have ended', before: lots, after: left, changes: [] }
}
