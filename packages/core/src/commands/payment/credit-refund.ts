import type { Context } from '../../engine/command.js'
import { hasEnded, type Lot, lotsAmong, returnTo } from '../../model/lot.js'
import { type Order, type Refund, refundedAmountOf } from '../../model/order.js'
import { addEntry, takeOut, type Wallet, type WalletEntry } from '../../model/wallet.js'
import type { Instant } from '../../shared/instant.js'

const dayMs = 86_400_000

/** What a refund does to a wallet. */
export interface Credit {
  /** The wallet after it. */
  readonly wallet: Wallet
  /** The entry of the refund. */
  readonly refund: WalletEntry
  /** The expiry of each lot whose part is forfeited. */
  readonly expiries: readonly WalletEntry[]
}

/** The parts of lots that a refund of this amount gives back: what was spent last first. */
export const returnedLots = (order: Order, amount: number): readonly Lot[] =>
  lotsAmong(returnTo(order.sources, { refunded: refundedAmountOf(order), amount }))

/** The terms under which money goes back to its lot: a live lot keeps its end, one that has ended may live again. */
const termsOf = (wallet: Wallet, lot: Lot, { now, days }: { readonly now: Instant; readonly days: number }): Lot => {
  const live = wallet.lots?.find(({ lotId }) => lotId === lot.lotId)
  if (live) return { ...live, amount: lot.amount }
  return hasEnded(lot, now) && days > 0 ? { ...lot, expiresAt: now + days * dayMs } : lot
}

/**
 * Pays a refund back to where the money of the order came from, what was spent last first. A part whose lot has ended lives
 * for policy `wallet.refundedBonusDays`; with 0 it expires at once.
 */
export const creditRefund = (found: Wallet, order: Order, refund: Refund, context: Context): Credit => {
  const { now, newId, policies } = context
  const { amount, reason, reference } = refund
  const days = policies.wallet.refundedBonusDays
  const lots = returnedLots(order, amount).map((lot) => termsOf(found, lot, { now, days }))
  const credited = addEntry(
    found,
    {
      kind: 'refund',
      amount,
      orderId: order.orderId,
      lots: lots.length === 0 ? null : lots,
      reason: reason ?? undefined,
      reference: reference ?? undefined,
    },
    context,
  )
  let { wallet } = credited
  const expiries: WalletEntry[] = []
  for (const lot of lots.filter((each) => hasEnded(each, now))) {
    const expired = takeOut(wallet, { kind: 'expiry' }, { amount: lot.amount, lots: [lot], now, newId })
    wallet = expired.wallet
    expiries.push(expired.entry)
  }
  return { wallet, refund: credited.entry, expiries }
}
