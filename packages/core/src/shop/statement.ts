import { type ProductMovement, ProductMovements } from '../model/statement.js'
import { type EntryKind, entryKinds } from '../model/wallet.js'
import type { Policies } from '../policies/policies.js'
import { type Day, endOfDay, isDay, startOfDay } from '../shared/calendar.js'
import type { Check } from '../shared/check.js'
import type { Store } from '../store/store.js'
import { checkQuery, refuse } from './reading.js'

/** Input of {@link Shop.statement}. */
export interface StatementQuery {
  /** The first day, `YYYY-MM-DD`, in policy `ranking.timeZone`. */
  readonly from: Day
  /** The last day. It is not before `from`. */
  readonly to: Day
}

/** The movements of all balances on some days. `opening` and the movements add up to `closing`. */
export interface Statement {
  /** The first day. */
  readonly from: Day
  /** The last day. */
  readonly to: Day
  /** Sum of all balances at the beginning of the first day, in the currency's minor unit. */
  readonly opening: number
  /** Sum of all balances at the end of the last day, or now if that day has not ended. */
  readonly closing: number
  /** Sum of the entries of each kind, signed. Every kind is listed. */
  readonly movements: readonly { readonly kind: EntryKind; readonly amount: number }[]
  /** Products that were sold or refunded, by id. */
  readonly products: readonly ProductMovement[]
}

const day: Check = (value) => (isDay(value) ? undefined : 'must be a date that exists, YYYY-MM-DD')

/** Reads a statement from one snapshot of the data. */
export const statementOf =
  (store: Pick<Store<never>, 'audit'>, { ranking: { timeZone } }: Policies) =>
  async (query: StatementQuery): Promise<Statement> => {
    checkQuery(query, { from: day, to: day })
    const { from, to } = query
    if (from > to) refuse({ code: 'INVALID_REQUEST', errors: [{ path: 'to', message: 'must not be before from' }] })
    const range = { from: startOfDay(from, timeZone), until: endOfDay(to, timeZone) }
    const snapshot = await store.audit()
    try {
      const { opening, movements } = await snapshot.movements(range)
      const products = new ProductMovements(range)
      for await (const order of snapshot.orderMovements(range)) products.add(order)
      const amounts = new Map(movements.map(({ kind, amount }) => [kind, amount]))
      const listed = entryKinds.map((kind) => ({ kind, amount: amounts.get(kind) ?? 0 }))
      const closing = listed.reduce((sum, { amount }) => sum + amount, opening)
      return { from, to, opening, closing, movements: listed, products: products.list() }
    } finally {
      await snapshot.close()
    }
  }
