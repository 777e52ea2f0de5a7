import type { Policies } from '../../policies/policies.js'
import type { Refusal } from '../../shared/refusal.js'
import {
  changeStock,
  createCoupon,
  createProduct,
  flushViews,
  issue,
  redeliver,
  refreshRanking,
  relay,
  repair,
  sweep,
  updateCoupon,
  updateProduct,
} from './keeping.js'
import { writeEnds } from './money.js'
import { cancel, expire, type ModelResult, pay, place, relabel } from './ordering.js'
import { reads } from './reading.js'
import { referenceOf, referredRequest, remember, sameText } from './references.js'
import { refund } from './refunding.js'
import { isWellFormed } from './shape.js'
import { type ModelReply, ModelState } from './state.js'
import { tellEntries, tellProducts } from './telling.js'
import { adjust, charge, grant, register, sweepLots, withdraw } from './wallets.js'

/** Refusals that are not outcomes of a key. */
const notKept = new Set(['INVALID_REQUEST', 'REFERENCE_REUSED'])

type ModelHandler = (notes: ModelState, input: never) => ModelResult

const deeds: Readonly<Record<string, ModelHandler>> = {
  'users.register': register,
  'balance.charge': charge,
  'balance.grant': grant,
  'balance.withdraw': withdraw,
  'balance.adjust': adjust,
  'products.create': createProduct,
  'products.update': updateProduct,
  'products.changeStock': changeStock,
  'coupons.create': createCoupon,
  'coupons.update': updateCoupon,
  'coupons.issue': issue,
  'orders.place': place,
  'orders.update': relabel,
  'orders.cancel': cancel,
  'orders.expire': expire,
  'orders.refund': refund,
  'payments.pay': pay,
  'outbox.redeliver': redeliver,
  sweep,
  'sweep-lots': sweepLots,
  repair,
  'refresh-ranking': refreshRanking,
  'flush-views': flushViews,
  relay,
}

type OfProduct = { readonly productId: string }

export interface Question {
  readonly name: string
  readonly input: object
  readonly key?: { readonly scope: string; readonly key: string } | undefined
  /** Whether the row that commits with it is not accepted. */
  readonly companionFails?: true | undefined
}

const bringsRow: ReadonlySet<string> = new Set(['orders.place', 'payments.pay', 'balance.charge', 'coupons.issue'])

/** The products that the request locks. Such a request releases overdue holds, whatever its answer. */
const productsMet = (notes: ModelState, name: string, input: Record<string, unknown>): readonly string[] => {
  const { productId, products, orderId } = input as { productId?: string; products?: OfProduct[]; orderId?: string }
  const meetsOrder = name === 'payments.pay' || (name.startsWith('orders.') && name !== 'orders.update')
  const order = meetsOrder ? notes.order(orderId ?? '') : undefined
  if (name === 'payments.pay' && order?.userId !== input['userId']) return []
  const lines = order?.lines ?? (name === 'orders.place' ? products : undefined) ?? []
  return [...(productId === undefined ? [] : [productId]), ...lines.map((line) => line.productId)]
}

/** The user whose wallet the request locks, if any. Such a request writes the ends of that user's lots, whatever its answer. */
const lockedBy = (notes: ModelState, name: string, input: Record<string, unknown>): string | undefined => {
  const { userId, orderId } = input as { userId?: string; orderId?: string }
  if (name === 'users.register' || name.startsWith('balance.')) return userId
  if (name === 'orders.place') {
    const { checkout, pendingPerUser, balanceAtOrder } = notes.policies.order
    const isLocked = checkout === 'order-and-pay' || pendingPerUser !== null || balanceAtOrder === 'required'
    return isLocked ? userId : undefined
  }
  const owner = notes.order(orderId ?? '')?.userId
  if (name === 'orders.refund') return owner
  return name === 'payments.pay' && owner === userId ? owner : undefined
}

const told = (said: ModelResult): ModelReply =>
  'refusal' in said ? { ok: false, ...said, replayed: false } : { ok: true, ...said, replayed: false }

/**
 * A model of the shop in arrays and loops: sequential, without a store. It shares no rule with core, so that a mistake in
 * core cannot hide itself.
 */
export class Oracle {
  #notes: ModelState
  /** The state before each request that was not a read; undefined if nobody needs it. */
  readonly #earlier: ModelState[] | undefined

  constructor(policies: Policies, { remembers = false }: { readonly remembers?: boolean } = {}) {
    this.#notes = new ModelState(policies)
    this.#earlier = remembers ? [] : undefined
  }

  /** The shop's correct answer to this call at `now`. Lists are complete. */
  ask(question: Question, now: number): ModelReply {
    if (!reads[question.name]) this.#earlier?.push(this.#notes.copy())
    const before = question.companionFails && bringsRow.has(question.name) ? this.#notes.copy() : undefined
    const answer = this.#answer(question, now)
    if (!before || !answer.ok || answer.replayed) return answer
    // Nothing of the command stays.
    this.#notes = before
    return { ok: false, refusal: { code: 'COMPANION_FAILED', companion: '', databaseCode: null }, replayed: false }
  }

  /**
   * Whether a read may be answered like this at `now`: from the present state, or from an earlier one, but always by the
   * present clock.
   */
  mayShow({ name, input }: Question, now: number, fits: (told: ModelReply) => boolean): boolean {
    const read = reads[name]
    return [this.#notes, ...(this.#earlier?.toReversed() ?? [])].some((notes) => {
      const seen = notes.looks.length
      notes.now = now
      const isShown = read !== undefined && fits(told(read(notes, input as never)))
      const looks = notes.looks.splice(seen)
      if (isShown) this.#notes.looks.push(...looks)
      return isShown
    })
  }

  #answer({ name, input, key }: Question, now: number): ModelReply {
    const notes = this.#notes
    notes.now = now
    const read = reads[name]
    if (read) return told(read(notes, input as never))
    const deed = deeds[name]
    if (!deed) throw new Error(`the oracle does not know ${name}`)
    if (!isWellFormed(name, input as Record<string, unknown>)) {
      return { ok: false, refusal: { code: 'INVALID_REQUEST', errors: [] }, replayed: false }
    }
    notes.ending.length = 0
    const entries = notes.entries.length
    const answer = this.#perform(deed, { name, input, key })
    tellEntries(notes, entries)
    const created = answer.ok && name === 'products.create' ? [(answer.result as OfProduct).productId] : []
    tellProducts(notes, [...productsMet(notes, name, input as Record<string, unknown>), ...created, ...notes.ending])
    return answer
  }

  #perform(deed: ModelHandler, { name, input, key }: Question): ModelReply {
    const notes = this.#notes
    const locked = lockedBy(notes, name, input as Record<string, unknown>)
    if (locked !== undefined) writeEnds(notes, locked)
    const request = sameText([name, input])
    for (const earlier of notes.answers) {
      if (earlier.scope !== key?.scope || earlier.key !== key.key) continue
      if (earlier.request === request) return { ...earlier.told, replayed: true }
      return { ok: false, refusal: { code: 'IDEMPOTENCY_KEY_REUSED' }, replayed: false }
    }
    const answer = this.#decide(deed, { name, input })
    if (key && (answer.ok || !notKept.has(answer.refusal.code))) {
      notes.answers.push({ ...key, request, told: structuredClone(answer) })
    }
    return answer
  }

  /** A reference answers for ever: its own request with the first result, any other request with a refusal. */
  #decide(deed: ModelHandler, { name, input }: Pick<Question, 'name' | 'input'>): ModelReply {
    const notes = this.#notes
    const request = referredRequest(name, input)
    const reference = referenceOf(name, input)
    const earlier = notes.references.find(
      (each) =>
        each.kind === reference?.kind && each.owner === reference.owner && each.reference === reference.reference,
    )
    if (earlier?.request === request) return { ok: true, result: structuredClone(earlier.result), replayed: true }
    if (earlier) {
      const refusal = { code: 'REFERENCE_REUSED', reference: earlier.reference, ...earlier.names } as Refusal
      return { ok: false, refusal, replayed: false }
    }
    const answer = told(deed(notes, input as never))
    if (answer.ok && reference) remember(notes, { ...reference, request, result: structuredClone(answer.result) })
    return answer
  }

  /**
   * Everything that later answers can depend on, as text. Two orders of calls with equal texts are interchangeable.
   * `nameOf` returns the shop's id for an id of the oracle.
   */
  state(nameOf: (id: string) => string): string {
    const { users, products, coupons, issued, orders, entries, lots, payments, answers, references, ranking } =
      this.#notes
    const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort()
    const text = JSON.stringify([
      [...users].sort(),
      sorted(
        products.map((product) => ({ ...product, supplies: product.supplies.reduce((sum, each) => sum + each, 0) })),
      ),
      sorted(coupons),
      sorted(issued),
      sorted(orders),
      [...users]
        .sort()
        .map((user) => entries.filter(({ userId }) => userId === user).map(({ entryId, ...entry }) => entry)),
      sorted(lots),
      sorted(references.map(({ kind, owner, reference, request }) => [kind, owner, reference, request])),
      sorted(payments.map(({ paymentId, ...payment }) => payment)),
      sorted(answers.map(({ scope, key, request }) => [scope, key, request])),
      ranking,
    ])
    return text.replace(/z-\d{8}/g, nameOf)
  }
}
