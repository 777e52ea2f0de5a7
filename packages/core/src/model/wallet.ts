import type { NewId } from '../shared/id.js'
import { type Instant, iso, isoOrNull } from '../shared/instant.js'
import { hasEnded, type Lot, type MoneySource, moveLots, sumOf, takeFrom } from './lot.js'
import type { Metadata } from './metadata.js'
import { currencyField, type ViewContext } from './view-context.js'

/**
 * A user's prepaid balance: paid money, and bonus money in lots. `balance` is always the sum of the wallet's entries, and
 * never negative. It includes lots that have ended until their expiry is recorded.
 */
export interface Wallet {
  /** The user who owns it. */
  readonly userId: string
  /** In the currency's minor unit, 0 to 2^53 - 1. */
  readonly balance: number
  /** How many entries the wallet has: the sequence of the newest one. */
  readonly entries: number
  /** Bonus money, in spending order; null without any. */
  readonly lots: readonly Lot[] | null
  /** When it was opened. */
  readonly createdAt: Instant
}

/**
 * The kind of change of the balance.
 *
 * - `charge`: paid money came in.
 * - `grant`: bonus money came in.
 * - `payment`: an order was paid.
 * - `refund`: money of an order came back.
 * - `withdrawal`: paid money was paid out.
 * - `adjustment`: an administrator corrected the balance.
 * - `expiry`: a lot of bonus money ended.
 * - `opening`: the balance that an imported user brought along.
 */
export type EntryKind = 'charge' | 'grant' | 'payment' | 'refund' | 'withdrawal' | 'adjustment' | 'expiry' | 'opening'

/** Every {@link EntryKind}. */
export const entryKinds: readonly EntryKind[] = [
  'charge',
  'grant',
  'payment',
  'refund',
  'withdrawal',
  'adjustment',
  'expiry',
  'opening',
]

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
  /** The order that was paid or refunded; null for every other kind. */
  readonly orderId: string | null
  /** When it was made. For a lot that ended: its end. */
  readonly at: Instant
  /** The lots that it moved, each with its signed part of `amount`; null if it moved none. */
  readonly lots: readonly Lot[] | null
  /** The reference of the request; null without one. */
  readonly reference: string | null
  /** Why it was made; null without a reason. */
  readonly reason: string | null
  /** Data of the caller; null without any. */
  readonly metadata: Metadata | null
}

/** A wallet without entries. */
export const openWallet = (userId: string, now: Instant): Wallet => ({
  userId,
  balance: 0,
  entries: 0,
  lots: null,
  createdAt: now,
})

/** An entry before it has its place. Fields that are left out are null in the entry. */
export interface NewEntry {
  /** The kind of change. */
  readonly kind: EntryKind
  /** In the currency's minor unit, signed. */
  readonly amount: number
  /** The order that is paid or refunded. */
  readonly orderId?: string | null
  /** The lots that it moves, each with its signed part of `amount`. */
  readonly lots?: readonly Lot[] | null
  /** The reference of the request. */
  readonly reference?: string | undefined
  /** Why it is made. */
  readonly reason?: string | undefined
  /** Data of the caller. */
  readonly metadata?: Metadata | null
}

/** The wallet after one more entry, and that entry. Balance and lots change only through this function. */
export const addEntry = (
  wallet: Wallet,
  { kind, amount, orderId = null, lots = null, reference, reason, metadata = null }: NewEntry,
  { now, newId }: { readonly now: Instant; readonly newId: NewId },
): { readonly wallet: Wallet; readonly entry: WalletEntry } => {
  const { userId } = wallet
  const balance = wallet.balance + amount
  const sequence = wallet.entries + 1
  return {
    wallet: { ...wallet, balance, entries: sequence, lots: lots === null ? wallet.lots : moveLots(wallet.lots, lots) },
    entry: {
      entryId: newId(),
      userId,
      sequence,
      kind,
      amount,
      balance,
      orderId,
      at: now,
      lots,
      reference: reference ?? null,
      reason: reason ?? null,
      metadata,
    },
  }
}

/** The lot without what remains in it, as an entry records it. */
const negated = (lots: readonly Lot[]): readonly Lot[] => lots.map((lot) => ({ ...lot, amount: 0 - lot.amount }))

/** Takes money out of a wallet: `sources` say how much of which lot. */
export const takeOut = (
  wallet: Wallet,
  { kind, orderId = null }: Pick<NewEntry, 'kind' | 'orderId'>,
  out: { readonly amount: number; readonly lots: readonly Lot[]; readonly now: Instant; readonly newId: NewId },
) => {
  const lots = out.lots.length === 0 ? null : negated(out.lots)
  // `0 - 0` keeps an amount of 0 at 0; a negation would write -0.
  return addEntry(wallet, { kind, orderId, amount: 0 - out.amount, lots }, out)
}

/** Records the expiry of each lot that has ended, at its end. The result of a wallet without such lots is that wallet. */
export const expireLots = (
  wallet: Wallet,
  { now, newId }: { readonly now: Instant; readonly newId: NewId },
): { readonly wallet: Wallet; readonly entries: readonly WalletEntry[] } => {
  const entries: WalletEntry[] = []
  let left = wallet
  for (const lot of wallet.lots ?? []) {
    if (!hasEnded(lot, now)) continue
    const at = lot.expiresAt ?? now
    const expired = takeOut(left, { kind: 'expiry' }, { amount: lot.amount, lots: [lot], now: at, newId })
    left = expired.wallet
    entries.push(expired.entry)
  }
  return { wallet: left, entries }
}

/** The wallet by the clock: without the lots that have ended, whether or not their expiry is recorded. */
export const walletAt = (wallet: Wallet, now: Instant): Wallet => {
  const { lots } = wallet
  if (lots === null || !lots.some((lot) => hasEnded(lot, now))) return wallet
  const live = lots.filter((lot) => !hasEnded(lot, now))
  return {
    ...wallet,
    balance: wallet.balance - (sumOf(lots) - sumOf(live)),
    lots: live.length === 0 ? null : live,
  }
}

/** The money that was paid in: the balance without the lots. It can be withdrawn. */
export const paidMoney = ({ balance, lots }: Wallet): number => balance - sumOf(lots)

/** What a payment of `amount` takes, in the order in which policy `wallet.spend` spends. */
export const sourcesOf = (
  wallet: Wallet,
  amount: number,
  spend: 'bonus-first' | 'paid-first',
): readonly MoneySource[] => {
  const paid: MoneySource = { lotId: null, amount: paidMoney(wallet) }
  const lots = wallet.lots ?? []
  return takeFrom(spend === 'paid-first' ? [paid, ...lots] : [...lots, paid], amount)
}

/** Bonus money of one grant that remains. */
export interface LotView {
  /** The lot's id. */
  readonly lotId: string
  /** What remains of it, in the currency's minor unit, at least 1. */
  readonly amount: number
  /** The lot is gone from this time on: ISO 8601 in UTC; null without an end. */
  readonly expiresAt: string | null
}

/** A user's balance. */
export interface BalanceView {
  /** The user's id. */
  readonly userId: string
  /** Paid money and bonus money, in the currency's minor unit, 0 to 2^53 - 1. */
  readonly balance: number
  /** The paid money, in the currency's minor unit; only where there is bonus money. */
  readonly withdrawable?: number | undefined
  /** The bonus money, in spending order; only where there is some. */
  readonly bonus?: readonly LotView[] | undefined
  /** The currency of the amounts, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
}

/** The balance of a wallet by the clock: see {@link walletAt}. */
export const balanceView = (wallet: Wallet, context: Pick<ViewContext, 'currency'>): BalanceView => {
  const { userId, balance, lots } = wallet
  if (lots === null) return { userId, balance, ...currencyField(context) }
  const bonus = lots.map(({ lotId, amount, expiresAt }) => ({ lotId, amount, expiresAt: isoOrNull(expiresAt) }))
  return { userId, balance, withdrawable: paidMoney(wallet), bonus, ...currencyField(context) }
}

/** A balance after a charge, a withdrawal or an adjustment. */
export interface BalanceChangeView {
  /** The user's id. */
  readonly userId: string
  /** Paid money and bonus money, in the currency's minor unit, 0 to 2^53 - 1. */
  readonly balance: number
  /** The entry of the wallet's history that records the change. */
  readonly entryId: string
  /** The currency of the amounts, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
}

/** A balance after a grant. */
export interface GrantView extends BalanceChangeView {
  /** The lot that holds the bonus money. */
  readonly lotId: string
}

/** One entry of a balance's history. */
export interface EntryView {
  /** The entry's id. */
  readonly entryId: string
  /** The kind of change. */
  readonly kind: EntryKind
  /** In the currency's minor unit, signed: a payment is negative or 0. */
  readonly amount: number
  /** The part of `amount` that was bonus money, signed; absent if it is 0. */
  readonly bonusAmount?: number | undefined
  /** The balance after this entry, in the currency's minor unit, 0 to 2^53 - 1. */
  readonly balance: number
  /** The order that was paid or refunded; null for every other kind. */
  readonly orderId: string | null
  /** When it was made: ISO 8601 in UTC. For a lot that ended: its end. */
  readonly at: string
  /** The reference of the request; absent without one. */
  readonly reference?: string | undefined
  /** Why it was made; absent without a reason. */
  readonly reason?: string | undefined
  /** Data of the caller; absent without any. */
  readonly metadata?: Metadata | undefined
  /** The currency of the amounts, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
}

/** An entry of any user's history. */
export interface UserEntryView extends EntryView {
  /** The user whose history it is in. */
  readonly userId: string
}

export const entryView = (entry: WalletEntry, context: Pick<ViewContext, 'currency'>): EntryView => {
  const { entryId, kind, amount, balance, orderId, at, lots, reference, reason, metadata } = entry
  const bonusAmount = sumOf(lots)
  return {
    entryId,
    kind,
    amount,
    ...(bonusAmount !== 0 && { bonusAmount }),
    balance,
    orderId,
    at: iso(at),
    ...(reference !== null && { reference }),
    ...(reason !== null && { reason }),
    ...(metadata !== null && { metadata }),
    ...currencyField(context),
  }
}

export const userEntryView = (entry: WalletEntry, context: Pick<ViewContext, 'currency'>): UserEntryView => ({
  ...entryView(entry, context),
  userId: entry.userId,
})
