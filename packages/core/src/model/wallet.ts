import type { NewId } from '../shared/id.js'
import { type Instant, iso } from '../shared/instant.js'

/** A user's prepaid balance. `balance` is always the sum of the wallet's entries, and never negative. */
export interface Wallet {
  /** The user who owns it. */
  readonly userId: string
  /** In the currency's minor unit, 0 to 2^53 - 1. */
  readonly balance: number
  /** How many entries the wallet has: the sequence of the newest one. */
  readonly entries: number
  /** When it was opened. */
  readonly createdAt: Instant
}

/** The kind of change of the balance. */
export type EntryKind = 'charge' | 'payment' | 'refund'

/** One line of a wallet's history. Entries are append-only, numbered 1, 2, 3 … per wallet. */
export interface WalletEntry {
  /** The entry's id. */
  readonly entryId: string
  /** The user who owns the wallet. */
  readonly userId: string
  /** The place in the wallet's history, counted from 1. */
  readonly sequence: number
  /** The kind of change. */
  readonly kind: EntryKind
  /** In the currency's minor unit, signed: a payment is negative or 0. */
  readonly amount: number
  /** The balance after this entry, in the currency's minor unit. */
  readonly balance: number
  /** The order that was paid or refunded; null for a charge. */
  readonly orderId: string | null
  /** When it was made. */
  readonly at: Instant
}

/** A wallet without entries. */
export const openWallet = (userId: string, now: Instant): Wallet => ({ userId, balance: 0, entries: 0, createdAt: now })

/** The wallet after one more entry, and that entry. A balance changes only through this function. */
export const addEntry = (
  wallet: Wallet,
  entry: { readonly kind: EntryKind; readonly amount: number; readonly orderId: string | null },
  { now, newId }: { readonly now: Instant; readonly newId: NewId },
): { readonly wallet: Wallet; readonly entry: WalletEntry } => {
  const balance = wallet.balance + entry.amount
  const sequence = wallet.entries + 1
  return {
    wallet: { ...wallet, balance, entries: sequence },
    entry: { entryId: newId(), userId: wallet.userId, sequence, ...entry, balance, at: now },
  }
}

/** A user's balance. */
export interface BalanceView {
  /** The user's id. */
  readonly userId: string
  /** In the currency's minor unit, 0 to 2^53 - 1. */
  readonly balance: number
}

export const balanceView = ({ userId, balance }: Wallet): BalanceView => ({ userId, balance })

/** One entry of a balance's history. */
export interface EntryView {
  /** The entry's id. */
  readonly entryId: string
  /** The kind of change. */
  readonly kind: EntryKind
  /** In the currency's minor unit, signed: a payment is negative or 0. */
  readonly amount: number
  /** The balance after this entry, in the currency's minor unit, 0 to 2^53 - 1. */
  readonly balance: number
  /** The order that was paid or refunded; null for a charge. */
  readonly orderId: string | null
  /** When it was made: ISO 8601 in UTC. */
  readonly at: string
}

export const entryView = ({ entryId, kind, amount, balance, orderId, at }: WalletEntry): EntryView => ({
  entryId,
  kind,
  amount,
  balance,
  orderId,
  at: iso(at),
})
