import type { Policies } from '../../policies/policies.js'
import {
  changeStock,
  charge,
  createCoupon,
  createProduct,
  flushViews,
  issue,
  redeliver,
  refreshRanking,
  register,
  relay,
  sweep,
  updateCoupon,
  updateProduct,
} from './keeping.js'
import { cancel, expire, type ModelResult, pay, place, refund } from './ordering.js'
import { reads } from './reading.js'
import { isWellFormed } from './shape.js'
import { type ModelReply, ModelState } from './state.js'

type ModelHandler = (notes: ModelState, input: never) => ModelResult

const deeds: Readonly<Record<string, ModelHandler>> = {
  'users.register': register,
  'balance.charge': charge,
  'products.create': createProduct,
  'products.update': updateProduct,
  'products.changeStock': changeStock,
  'coupons.create': createCoupon,
  'coupons.update': updateCoupon,
  'coupons.issue': issue,
  'orders.place': place,
  'orders.cancel': cancel,
  'orders.expire': expire,
  'orders.refund': refund,
  'payments.pay': pay,
  'outbox.redeliver': redeliver,
  sweep,
  'refresh-ranking': refreshRanking,
  'flush-views': flushViews,
  relay,
}

export interface Question {
  readonly name: string
  readonly input: object
  readonly key?: { readonly scope: string; readonly key: string } | undefined
}

/** Sorts the members of an object and omits undefined ones, so that equal requests have equal texts. */
const sameText = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )

const told = (said: ModelResult): ModelReply =>
  'refusal' in said ? { ok: false, ...said, replayed: false } : { ok: true, ...said, replayed: false }

/**
 * A model of the shop in arrays and loops: sequential, without a store. It shares no rule with core, so that a mistake in
 * core cannot hide itself.
 */
export class Oracle {
  readonly #notes: ModelState

  constructor(policies: Policies) {
    this.#notes = new ModelState(policies)
  }

  /** The shop's correct answer to this call at `now`. Lists are complete. */
  ask({ name, input, key }: Question, now: number): ModelReply {
    const notes = this.#notes
    notes.now = now
    const read = reads[name]
    if (read) return told(read(notes, input as never))
    const deed = deeds[name]
    if (!deed) throw new Error(`the oracle does not know ${name}`)
    if (!isWellFormed(name, input as Record<string, unknown>)) {
      return { ok: false, refusal: { code: 'INVALID_REQUEST', errors: [] }, replayed: false }
    }
    const request = sameText([name, input])
    for (const earlier of notes.answers) {
      if (earlier.scope !== key?.scope || earlier.key !== key.key) continue
      if (earlier.request === request) return { ...earlier.told, replayed: true }
      return { ok: false, refusal: { code: 'IDEMPOTENCY_KEY_REUSED' }, replayed: false }
    }
    const answer = told(deed(notes, input as never))
    if (key && (answer.ok || answer.refusal.code !== 'INVALID_REQUEST')) {
      notes.answers.push({ ...key, request, told: structuredClone(answer) })
    }
    return answer
  }

  /**
   * Everything that later answers can depend on, as text. Two orders of calls with equal texts are interchangeable.
   * `nameOf` returns the shop's id for an id of the oracle.
   */
  state(nameOf: (id: string) => string): string {
    const { users, products, coupons, issued, orders, entries, payments, answers, ranking } = this.#notes
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
      sorted(payments.map(({ paymentId, ...payment }) => payment)),
      sorted(answers.map(({ scope, key, request }) => [scope, key, request])),
      ranking,
    ])
    return text.replace(/z-\d{8}/g, nameOf)
  }
}
