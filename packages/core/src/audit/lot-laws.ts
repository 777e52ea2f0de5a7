import { hasEnded, type Lot, moveLots, sumOf, takeFrom } from '../model/lot.js'
import type { Instant } from '../shared/instant.js'
import type { WalletFacts } from '../store/audit-snapshot.js'
import { type AnyLaw, equal, type Finding, holds } from './law.js'

/** An overdue order and a lot that has ended are swept at most this long after their deadline. */
export const sweepDeadlineMs = 10 * 60_000

type BonusEntry = WalletFacts['bonusHistory'][number]

/** Kinds of entries that move nothing but bonus money. */
const isBonusOnly = ({ kind }: BonusEntry): boolean => kind === 'grant' || kind === 'expiry'

/** What is wrong with an entry that meets these lots, or undefined. */
const brokenChain = (entry: BonusEntry, before: ReadonlyMap<string, Lot>, granted: ReadonlySet<string>) => {
  const { kind, amount, lots } = entry
  const moved = sumOf(lots)
  const fits = isBonusOnly(entry) ? moved === amount : Math.abs(moved) <= Math.abs(amount)
  if (!fits) return { expected: `lots within ${amount}`, actual: [kind, moved] }
  for (const lot of lots ?? []) {
    const remains = (before.get(lot.lotId)?.amount ?? 0) + lot.amount
    const isKnown = kind === 'grant' ? !granted.has(lot.lotId) : granted.has(lot.lotId)
    const ends = kind === 'expiry' ? remains === 0 : remains >= 0
    if (!isKnown || !ends)
      return { expected: 'granted once, spent and expired once', actual: [kind, lot.lotId, remains] }
  }
  return undefined
}

const byId = (lots: readonly Lot[] | null): ReadonlyMap<string, Lot> =>
  new Map((lots ?? []).map((lot) => [lot.lotId, lot]))

/** Follows the lots of a wallet through its entries. Returns what `judge` finds first, or the lots that remain. */
const follow = (
  history: readonly BonusEntry[],
  judge: (entry: BonusEntry, lots: readonly Lot[] | null) => Finding | undefined,
): { readonly finding: Finding | undefined; readonly lots: readonly Lot[] | null } => {
  let lots: readonly Lot[] | null = null
  for (const entry of history) {
    const finding = judge(entry, lots)
    if (finding) return { finding, lots }
    lots = moveLots(lots, entry.lots ?? [])
  }
  return { finding: undefined, lots }
}

const lotChain = ({ wallet, bonusHistory }: WalletFacts): Finding | undefined => {
  const granted = new Set<string>()
  const { finding, lots } = follow(bonusHistory, (entry, before) => {
    const broken = brokenChain(entry, byId(before), granted)
    if (entry.kind === 'grant') for (const { lotId } of entry.lots ?? []) granted.add(lotId)
    return broken
  })
  const remaining = (all: readonly Lot[] | null) =>
    (all ?? []).map(({ lotId, amount, expiresAt, sequence }) => [lotId, amount, expiresAt, sequence])
  return finding ?? equal(remaining(wallet.lots), remaining(lots))
}

/** Why a payment did not spend these lots as it must, or undefined. */
const brokenSpending = (entry: BonusEntry, lots: readonly Lot[] | null): Finding | undefined => {
  if (entry.kind !== 'payment' || entry.lots === null) return undefined
  const spent = entry.lots.map(({ lotId, amount }) => [lotId, -amount])
  const bonus = -sumOf(entry.lots)
  const expected = takeFrom(lots ?? [], bonus).map(({ lotId, amount }) => [lotId, amount])
  const paid = -entry.amount - bonus
  const paidBefore = entry.balance - entry.amount - sumOf(lots)
  const isWhole = bonus === sumOf(lots) || paid === paidBefore || paid === 0
  return (
    equal(spent, expected) ??
    holds(!entry.lots.some((lot) => hasEnded(lot, entry.at)), 'lots that live', spent) ??
    holds(isWhole, 'one kind of money used up before the other', { bonus, paid })
  )
}

const hasOverdueLot = ({ wallet }: WalletFacts, now: Instant): boolean =>
  (wallet.lots ?? []).some((lot) => hasEnded(lot, now - sweepDeadlineMs))

/** The laws of bonus money. */
export const lotLaws: readonly AnyLaw[] = [
  {
    id: 'LOT-CHAIN',
    sentence: 'What was granted of a lot is what was spent less what came back, what expired, and what remains.',
    kind: 'always',
    subject: 'wallet',
    check: lotChain,
  },
  {
    id: 'SPEND-ORDER',
    sentence:
      'A payment spends the lots that live, the earliest end first, then the oldest. It takes both kinds of money only if it uses one of them up.',
    kind: 'always',
    subject: 'wallet',
    check: ({ bonusHistory }) => follow(bonusHistory, brokenSpending).finding,
  },
  {
    id: 'LOT-ENDS',
    sentence: `At most ${sweepDeadlineMs / 60_000} minutes after its end, the expiry of a lot is recorded.`,
    kind: 'eventually',
    subject: 'wallet',
    check: (facts, now) => holds(!hasOverdueLot(facts, now), 'expired', facts.wallet.lots),
  },
]
