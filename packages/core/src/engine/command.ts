import type { OrderOutline } from '../model/order.js'
import type { SalesChange } from '../model/ranking.js'
import type { Referenced, ReferenceKey } from '../model/reference.js'
import type { WalletEntry } from '../model/wallet.js'
import type { Policies } from '../policies/policies.js'
import type { NewId } from '../shared/id.js'
import type { Instant } from '../shared/instant.js'
import type { CallContext } from '../shared/json.js'
import type { InvalidField, Refusal, RefusalCode } from '../shared/refusal.js'
import type { CommandKeys } from '../store/keys.js'
import type { Rows, TableName } from '../store/rows.js'
import type { Facts } from './facts.js'

/** One change that a decision makes. */
export type Change =
  | { [T in TableName]: { readonly put: T; readonly row: Rows[T] } }[TableName]
  | { readonly remove: 'holds'; readonly row: Rows['holds'] }
  | { readonly sold: SalesChange }

/** Writes the row: inserts it, or replaces the one that is there. */
export const put = <T extends TableName>(table: T, row: Rows[T]): Change => ({ put: table, row }) as Change

/** Removes a hold. */
export const removeHold = (row: Rows['holds']): Change => ({ remove: 'holds', row })

/** Adds to the daily sums of a product; a negative quantity takes away. */
export const adjustDailySales = (change: SalesChange): Change => ({ sold: change })

/** A decision that accepts the command. */
export interface Accepted<Result> {
  /** Distinguishes it from a refusal. */
  readonly ok: true
  /** What the caller gets. */
  readonly result: Result
  /** What the transaction writes. */
  readonly changes: readonly Change[]
  /** What the reference of the request stands for from now on, if its result is stored. */
  readonly referenced?: Referenced | undefined
}

/** A refusal changes nothing, except that an order may fail because the balance is too low. */
export interface Refused {
  /** Distinguishes it from an acceptance. */
  readonly ok: false
  /** The code and its facts. */
  readonly refusal: Refusal
  /** The changes that are written despite the refusal: none, with one exception. */
  readonly changes: readonly Change[]
}

/** What a decider returns. */
export type Decision<Result> = Accepted<Result> | Refused

/** Accepts the command with its result and its changes. `referenced` is what a reference of the request stands for. */
export const accept = <Result>(
  result: Result,
  changes: readonly Change[],
  referenced?: Referenced,
): Accepted<Result> => ({ ok: true, result, changes, referenced })

/** Refuses the command. */
export const refuse = (refusal: Refusal, changes: readonly Change[] = []): Refused => ({ ok: false, refusal, changes })

/** Time, policies and new ids: the arguments of a decider that come from outside. */
export interface Context {
  /** The store's time, read under the locks: the same for all commands of a group. */
  readonly now: Instant
  /** The rules of the shop. */
  readonly policies: Policies
  /** Makes an id. */
  readonly newId: NewId
  /** What the caller gave as the context of the call; empty if it gave none. */
  readonly context: CallContext
  /** W3C trace context of the call: its events carry it. */
  readonly traceparent?: string | undefined
  /** The currency that answers and events name, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
}

/** The prefetched outlines: what never changes of orders and coupons. */
export interface Outlines {
  /** The outline of an order, if it exists. */
  order(orderId: string): OrderOutline | undefined
  /** The id of the coupon that has this code in any case, if there is one. */
  couponIdOf(code: string): string | undefined
}

/** Outlines of nothing. */
export const noOutlines: Outlines = { order: () => undefined, couponIdOf: () => undefined }

/** What to prefetch. */
export interface Prefetch {
  /** Ids of orders. */
  readonly orders?: readonly string[] | undefined
  /** Codes of coupons, in any case. */
  readonly couponCodes?: readonly string[] | undefined
}

/**
 * The definition of a command: its checks, its keys and its decider. Pure: no clock, no I/O, throws only on bugs. Queueing,
 * idempotency, storage and HTTP are added around it.
 */
export interface Command<Input, Result> {
  /** Stable: stored idempotency keys are compared with it. */
  readonly name: string
  /**
   * The name of a command whose guards apply to this one, too, because it decides the same with the same input.
   * @default only guards of its own name
   */
  readonly guardedAs?: string | undefined
  /**
   * The codes that it refuses with, beside those that every command has. A server lists them at the routes of the command,
   * and starts only with a text for each.
   * @default none
   */
  readonly refusals?: readonly RefusalCode[] | undefined
  /** Lists the fields that are invalid in any state of the shop. If there are any, the call is refused as INVALID_REQUEST. */
  check(input: Input): readonly InvalidField[]
  /** The permanent reference of a request, if it has one: the command then has one effect and one answer for ever. */
  reference?(input: Input): ReferenceKey | undefined
  /**
   * For references that an entry carries: the result of the request that made this entry, or undefined if that was another
   * request.
   */
  replay?(entry: WalletEntry, input: Input, context: Pick<Context, 'currency'>): Result | undefined
  /** What `keys` needs to know of orders and coupons. Read before the locks are taken. */
  prefetch?(input: Input): Prefetch | undefined
  /** The rows that it locks, and those that it reads without a lock. Reading any other row throws. */
  keys(input: Input, context: { readonly outlines: Outlines; readonly policies: Policies }): CommandKeys
  /** The rule: accepts with a result and changes, or refuses. */
  decide(facts: Facts, input: Input, context: Context): Decision<Result>
}

/** A command of any input and result. */
// biome-ignore lint/suspicious/noExplicitAny: any input and result
export type AnyCommand = Command<any, any>

/**
 * Defines a command of your own. `shop.execute` runs it with the group commit, the idempotency and the retries that the
 * shop's own commands have.
 *
 * @example
 * const giveUnits = defineCommand<{ productId: string; units: number }, number>({
 *   name: 'give-units',
 *   check: (input) => checkFields(input, { productId: id, units: integer(1, 100) }),
 *   keys: ({ productId }) => ({ lock: { products: [productId] } }),
 *   decide(facts, { productId, units }) {
 *     const product = facts.product(productId)
 *     if (!product) return refuse({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
 *     const stock = product.stock + units
 *     return accept(stock, [put('products', { ...product, stock, received: product.received + units })])
 *   },
 * })
 * const outcome = await shop.execute(giveUnits, { productId: 'mug', units: 5 })
 */
export const defineCommand = <Input, Result>(definition: Command<Input, Result>): Command<Input, Result> => definition
