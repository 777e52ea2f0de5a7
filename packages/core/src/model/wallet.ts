import type { NewId } from '../shared/id.js'
import { type Instant, iso } from '../shared/instant.js'

/** A user's prepaid balance. `balance` is always the sum of the wallet's entries, and never negative. */
export interface Wallet {
  readonly userId: string
  readonly balance: number
  /** How many entries the wallet has: the sequence of the newest one. */
  readonly entries: number
  readonly createdAt: Instant
}

export type EntryKind = 'charge' | 'payment' | 'refund'

/** One line of a wallet's history. Entries are only ever added, numbered 1, 2, 3 … per wallet. */
export interface WalletEntry {
  readonly entryId: string
  readonly userId: string
  readonly sequence: number
  readonly kind: EntryKind
  /** Signed: a payment is negative or 0. */
  readonly amount: number
  /** The balance after this entry. */
  readonly balance: number
  readonly orderId: string | null
  readonly at: Instant
}

/** A wallet without entries. */
export const openWallet = (userId: string, now: Instant): Wallet => ({ userId, balance: 0, entries: 0, createdAt: now })

/** The wallet after one more entry, and that entry: the only way a balance changes. */
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

export interface BalanceView {
  readonly userId: string
  readonly balance: number
}

export const balanceView = ({ userId, balance }: Wallet): BalanceView => ({ userId, balance })

export interface EntryView {
  readonly entryId: string
  readonly kind: EntryKind
  readonly amount: number
  readonly balance: number
  readonly orderId: string | null
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
