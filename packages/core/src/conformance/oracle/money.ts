import type { EntryNote, LotNote, ModelState, SourceNote } from './state.js'

type Fields = Omit<EntryNote, 'entryId' | 'userId' | 'kind' | 'amount' | 'orderId' | 'at' | 'bonus'> &
  Partial<Pick<EntryNote, 'orderId' | 'at' | 'bonus'>>

export const write = (
  notes: ModelState,
  userId: string,
  kind: EntryNote['kind'],
  amount: number,
  { orderId = null, at = notes.now, bonus = [], ...rest }: Fields = {},
): EntryNote => {
  const entry = { entryId: notes.makeId(), userId, kind, amount, orderId, at, bonus, ...rest }
  notes.entries.push(entry)
  return entry
}

/** What the entries have left in a lot, whether or not it has ended. */
export const remains = (notes: ModelState, { lotId }: LotNote): number => {
  let left = 0
  for (const { bonus } of notes.entries) for (const part of bonus) if (part.lotId === lotId) left += part.amount
  return left
}

const isOver = (notes: ModelState, end: number | null): boolean => end !== null && notes.now >= end

/** The lots of a user with money in them, by their ends and then by their age; those without an end last. */
const filledLots = (notes: ModelState, userId: string): readonly LotNote[] => {
  const filled = notes.lots.filter((lot) => lot.userId === userId && remains(notes, lot) > 0)
  const ending = filled.filter(({ end }) => end !== null)
  // A stable sort keeps the older lot first.
  ending.sort((a, b) => (a.end as number) - (b.end as number))
  return [...ending, ...filled.filter(({ end }) => end === null)]
}

export const liveLots = (notes: ModelState, userId: string): readonly LotNote[] =>
  filledLots(notes, userId).filter(({ end }) => !isOver(notes, end))

/** Lots that have ended although no entry says so yet. */
export const lapsedLots = (notes: ModelState, userId: string): readonly LotNote[] =>
  filledLots(notes, userId).filter(({ end }) => isOver(notes, end))

/** The sum of the entries, less the lots that have ended since. */
export const balanceOf = (notes: ModelState, userId: string): number => {
  let balance = 0
  for (const entry of notes.entries) if (entry.userId === userId) balance += entry.amount
  for (const lot of lapsedLots(notes, userId)) balance -= remains(notes, lot)
  return balance
}

/** What the user has paid in and not spent. */
export const paidMoneyOf = (notes: ModelState, userId: string): number => {
  let paid = 0
  for (const entry of notes.entries) {
    if (entry.userId !== userId) continue
    paid += entry.amount
    for (const { amount } of entry.bonus) paid -= amount
  }
  return paid
}

/** Whatever locks a wallet first writes the end of each lot that has ended. */
export const writeEnds = (notes: ModelState, userId: string): void => {
  for (const lot of lapsedLots(notes, userId)) {
    const left = remains(notes, lot)
    const { lotId, end } = lot
    write(notes, userId, 'expiry', -left, { at: end as number, bonus: [{ lotId, amount: -left }] })
  }
}

/** What pays `amount`, in the order of the policy. */
export const spend = (notes: ModelState, userId: string, amount: number): readonly SourceNote[] => {
  const bonus = liveLots(notes, userId).map((lot) => ({ lotId: lot.lotId, end: lot.end, has: remains(notes, lot) }))
  const paid = { lotId: null, end: null, has: paidMoneyOf(notes, userId) }
  const purses = notes.policies.wallet.spend === 'paid-first' ? [paid, ...bonus] : [...bonus, paid]
  const spent: SourceNote[] = []
  let due = amount
  for (const { lotId, end, has } of purses) {
    const part = Math.min(has, due)
    if (part === 0) continue
    spent.push({ lotId, end, amount: part })
    due -= part
  }
  return spent
}

/**
 * What a refund from `from` to `to` of the paid amount gives to which source. Money that was spent last comes back first:
 * the refund is a stretch of the payment, measured from its end.
 */
export const stretchOf = (sources: readonly SourceNote[], from: number, to: number): readonly SourceNote[] => {
  const back: SourceNote[] = []
  let begins = 0
  for (const source of [...sources].reverse()) {
    const ends = begins + source.amount
    const amount = Math.min(to, ends) - Math.max(from, begins)
    if (amount > 0) back.push({ ...source, amount })
    begins = ends
  }
  return back
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * Puts refunded bonus money back into its lots. A lot with money in it keeps its end. Another one gets the end with which
 * it was spent, or if that has passed the days that the policy gives. Returns the lots that stay ended.
 */
const refill = (notes: ModelState, back: readonly SourceNote[]): readonly SourceNote[] => {
  const days = notes.policies.wallet.refundedBonusDays
  return back.filter((part) => {
    const lot = notes.lots.find(({ lotId }) => lotId === part.lotId)
    if (!lot || remains(notes, lot) > 0) return false
    const isForfeited = isOver(notes, part.end) && days === 0
    lot.end = isOver(notes, part.end) && days > 0 ? notes.now + days * dayMs : part.end
    return isForfeited
  })
}

/** Pays a stretch of an order's payment back, and takes out what is forfeited. Returns the part that was bonus money. */
export const payBack = (
  notes: ModelState,
  userId: string,
  back: readonly SourceNote[],
  { amount, ...fields }: Fields & { readonly amount: number },
): number => {
  const forfeited = refill(notes, back)
  const bonus = back.flatMap(({ lotId, amount: part }) => (lotId === null ? [] : [{ lotId, amount: part }]))
  write(notes, userId, 'refund', amount, { ...fields, bonus })
  for (const { lotId, amount: part } of forfeited) {
    write(notes, userId, 'expiry', -part, { bonus: [{ lotId: lotId as string, amount: -part }] })
  }
  return bonus.reduce((sum, part) => sum + part.amount, 0)
}
