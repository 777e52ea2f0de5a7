import { lapsedLots, remains } from './money.js'
import type { ModelResult } from './ordering.js'
import { netsOf } from './refunding.js'
import { kinds, type ModelState } from './state.js'
import { dayIn, entryAnswer } from './views.js'

/** The entries of a user, newest first, each with the balance after it. */
export const historyOf = (notes: ModelState, userId: string): ReturnType<typeof entryAnswer>[] => {
  const rows: ReturnType<typeof entryAnswer>[] = []
  let balance = 0
  for (const entry of notes.entries) {
    if (entry.userId !== userId) continue
    balance += entry.amount
    rows.unshift(entryAnswer(entry, balance))
  }
  return rows
}

/** The entries of everybody, newest first. */
export const entriesOf = (
  notes: ModelState,
  { kind, reference }: { readonly kind?: string; readonly reference?: string },
): ModelResult => {
  const rows = notes.users.flatMap((userId) => historyOf(notes, userId).map((row) => ({ ...row, userId })))
  const wanted = rows.filter(
    (row) => (kind === undefined || row.kind === kind) && (reference === undefined || row.reference === reference),
  )
  wanted.sort((a, b) => (a.at === b.at ? (a.entryId < b.entryId ? 1 : -1) : a.at < b.at ? 1 : -1))
  return { result: wanted }
}

/** Everything that has moved a balance: the entries, and the ends of lots that no entry records yet. */
const movementsOf = (notes: ModelState): readonly { kind: string; amount: number; at: number }[] => [
  ...notes.entries,
  ...notes.users.flatMap((userId) =>
    lapsedLots(notes, userId).map((lot) => ({ kind: 'expiry', amount: -remains(notes, lot), at: lot.end as number })),
  ),
]

const isDate = (text: string): boolean => {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

export const statement = (
  notes: ModelState,
  { from, to }: { readonly from: string; readonly to: string },
): ModelResult => {
  if (!isDate(from) || !isDate(to) || to < from) return { refusal: { code: 'INVALID_REQUEST', errors: [] } }
  const { timeZone } = notes.policies.ranking
  const isIn = (at: number): boolean => from <= dayIn(at, timeZone) && dayIn(at, timeZone) <= to
  let opening = 0
  const sums = new Map<string, number>(kinds.map((kind) => [kind, 0]))
  for (const { kind, amount, at } of movementsOf(notes)) {
    if (dayIn(at, timeZone) < from) opening += amount
    else if (isIn(at)) sums.set(kind, (sums.get(kind) ?? 0) + amount)
  }
  let closing = opening
  for (const amount of sums.values()) closing += amount

  const products: { productId: string; sold: number; soldAmount: number; refunded: number; refundedAmount: number }[] =
    []
  const of = (productId: string) => {
    const known = products.find((each) => each.productId === productId)
    if (known) return known
    const fresh = { productId, sold: 0, soldAmount: 0, refunded: 0, refundedAmount: 0 }
    products.push(fresh)
    return fresh
  }
  for (const order of notes.orders) {
    const nets = netsOf(order)
    for (const [index, { productId, quantity }] of order.lines.entries()) {
      if (order.paidAt === null || !isIn(order.paidAt)) continue
      of(productId).sold += quantity
      of(productId).soldAmount += nets[index] as number
    }
    for (const { at, lines } of order.refunds) {
      for (const { productId, quantity, amount } of isIn(at) ? lines : []) {
        of(productId).refunded += quantity
        of(productId).refundedAmount += amount
      }
    }
  }
  products.sort((a, b) => (a.productId < b.productId ? -1 : 1))
  const movements = [...sums].map(([kind, amount]) => ({ kind, amount }))
  return { result: { from, to, opening, closing, movements, products } }
}
