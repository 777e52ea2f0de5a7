import { sameText } from './references.js'
import type { EntryNote, ModelState, OrderNote, ProductNote } from './state.js'
import { adminProductAnswer, entryAnswer, issuedAnswer, orderAnswer } from './views.js'

interface Numbered {
  readonly type: string
  readonly subject: string
  readonly subjectId: string
  readonly sequence: number
}

const tell = (notes: ModelState, { type, subject, subjectId, sequence }: Numbered, data: object): void => {
  notes.events.push({
    eventId: notes.makeId(),
    subject,
    subjectId,
    sequence,
    type,
    data: { ...data, sequence },
    at: notes.now,
    status: 'pending',
    attempts: 0,
    nextAttemptAt: notes.now,
    lastError: null,
  })
}

const isWanted = (notes: ModelState, type: string): boolean =>
  notes.policies.events.some((wanted: string) => wanted === type)

/** How many events there are of a subject. */
const toldOf = (notes: ModelState, subject: string, subjectId: string): number =>
  notes.events.filter((event) => event.subject === subject && event.subjectId === subjectId).length

/** Counts on what is told already: only users' events have gaps. */
const tellNext = (notes: ModelState, type: string, subject: string, subjectId: string, data: object): void => {
  if (!isWanted(notes, type)) return
  tell(notes, { type, subject, subjectId, sequence: toldOf(notes, subject, subjectId) + 1 }, data)
}

export const tellOrder = (notes: ModelState, order: OrderNote, type: string): void =>
  tellNext(notes, type, 'order', order.orderId, orderAnswer(notes, order))

const typeOf: Readonly<Partial<Record<EntryNote['kind'], string>>> = {
  charge: 'wallet.charged',
  grant: 'wallet.granted',
  withdrawal: 'wallet.withdrawn',
  adjustment: 'wallet.adjusted',
  expiry: 'wallet.expired',
}

/** The entries from this place on. */
export const tellEntries = (notes: ModelState, from: number): void => {
  for (const [index, entry] of notes.entries.entries()) {
    const type = typeOf[entry.kind]
    const { userId } = entry
    if (index < from || type === undefined || !isWanted(notes, type)) continue
    const own = notes.entries.slice(0, index + 1).filter((each) => each.userId === userId)
    const balance = own.reduce((sum, { amount }) => sum + amount, 0)
    const told = { type, subject: 'user', subjectId: userId, sequence: own.length }
    tell(notes, told, { ...entryAnswer(entry, balance), userId })
  }
}

export const tellCopy = (notes: ModelState, copy: ModelState['issued'][number]): void => {
  const coupon = notes.coupon(copy.couponId)
  if (coupon) tellNext(notes, 'coupon.issued', 'coupon', copy.couponId, issuedAnswer(notes, coupon, copy))
}

const termsOf = ({ name, price, listed, opensAt, closesAt, sale, limit, metadata }: ProductNote): string =>
  sameText([name, price, listed, opensAt, closesAt, sale, limit, metadata])

/** Tells what has happened to products since a call last met them: holds end by the clock, but nobody tells it at once. */
export const tellProducts = (notes: ModelState, productIds: readonly string[]): void => {
  for (const productId of new Set(productIds)) {
    const product = notes.product(productId)
    if (!product) continue
    const now = { stock: notes.stockOf(product), terms: termsOf(product) }
    const last = notes.met.get(productId)
    notes.met.set(productId, now)
    if (now.terms !== last?.terms)
      tellNext(notes, 'product.changed', 'product', productId, adminProductAnswer(notes, product))
    if (!last || now.stock === last.stock) continue
    const data = { productId, stock: now.stock }
    tellNext(notes, 'stock.changed', 'product', productId, data)
    if (now.stock === 0) tellNext(notes, 'stock.sold-out', 'product', productId, data)
    if (last.stock === 0) tellNext(notes, 'stock.back', 'product', productId, data)
  }
}
