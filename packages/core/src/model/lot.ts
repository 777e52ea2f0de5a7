import { hasPassed, type Instant } from '../shared/instant.js'

/** What names a lot of bonus money, and says in which order lots are spent. */
export interface LotTerms {
  /** The lot's id. */
  readonly lotId: string
  /** The lot is gone from this time on; null without an end. */
  readonly expiresAt: Instant | null
  /** The sequence of the entry that granted it: the smaller, the older. */
  readonly sequence: number
}

/**
 * Bonus money of one grant. In a wallet, `amount` is what remains of it, at least 1. In an entry, it is what the entry
 * moved, signed. In the currency's minor unit.
 */
export interface Lot extends LotTerms {
  /** In the currency's minor unit. */
  readonly amount: number
}

/** Money that an order was paid with: of a lot, or paid money if `lotId` is null. `amount` is at least 1. */
export type MoneySource = Lot | { readonly lotId: null; readonly amount: number }

/** The most live lots that a grant may leave in one wallet. */
export const maxLots = 50

/** The sum of lots, or of movements of lots. */
export const sumOf = (lots: readonly { readonly amount: number }[] | null): number =>
  lots === null ? 0 : lots.reduce((sum, { amount }) => sum + amount, 0)

/** Whether a lot is gone. */
export const hasEnded = ({ expiresAt }: LotTerms, now: Instant): boolean =>
  expiresAt !== null && hasPassed(expiresAt, now)

/** The order in which lots are spent: the earliest end first, then the oldest; lots without an end last. */
const inSpendingOrder = (a: LotTerms, b: LotTerms): number => {
  const [first, second] = [a.expiresAt ?? Number.POSITIVE_INFINITY, b.expiresAt ?? Number.POSITIVE_INFINITY]
  if (first !== second) return first < second ? -1 : 1
  return a.sequence - b.sequence
}

/**
 * The lots after these movements, in spending order; null if none is left. A movement of a lot that is not there opens it
 * with its terms. A lot that is there keeps its end.
 */
export const moveLots = (lots: readonly Lot[] | null, movements: readonly Lot[]): readonly Lot[] | null => {
  const moved = new Map((lots ?? []).map((lot) => [lot.lotId, lot]))
  for (const { amount, ...terms } of movements) {
    const lot = moved.get(terms.lotId)
    moved.set(terms.lotId, { ...(lot ?? terms), amount: (lot?.amount ?? 0) + amount })
  }
  const left = [...moved.values()].filter(({ amount }) => amount !== 0)
  return left.length === 0 ? null : left.sort(inSpendingOrder)
}

/** Takes `amount` from the beginning of the sources; what the sources do not cover is left out. */
export const takeFrom = (sources: readonly MoneySource[], amount: number): readonly MoneySource[] => {
  const taken: MoneySource[] = []
  let rest = amount
  for (const source of sources) {
    const part = Math.min(source.amount, rest)
    if (part > 0) taken.push({ ...source, amount: part })
    rest -= part
  }
  return taken
}

/** What is left of the sources after `amount` was taken from their beginning. */
const leftAfter = (sources: readonly MoneySource[], amount: number): readonly MoneySource[] => {
  let rest = amount
  return sources.flatMap((source) => {
    const part = Math.min(source.amount, rest)
    rest -= part
    return source.amount > part ? [{ ...source, amount: source.amount - part }] : []
  })
}

/**
 * Where a refund of `amount` goes, after `refunded` has gone back: the money that was spent last returns first. Null
 * sources mean that paid money paid for all of it.
 */
export const returnTo = (
  sources: readonly MoneySource[] | null,
  { refunded, amount }: { readonly refunded: number; readonly amount: number },
): readonly MoneySource[] =>
  sources === null
    ? takeFrom([{ lotId: null, amount }], amount)
    : takeFrom(leftAfter([...sources].reverse(), refunded), amount)

/** The lots among the sources. */
export const lotsAmong = (sources: readonly MoneySource[]): readonly Lot[] =>
  sources.filter((source): source is Lot => source.lotId !== null)
