import type { OrderOutline } from '../model/order.js'
import type { SalesChange } from '../model/ranking.js'
import type { Policies } from '../policies/policies.js'
import type { NewId } from '../shared/id.js'
import type { Instant } from '../shared/instant.js'
import type { InvalidField, Refusal } from '../shared/refusal.js'
import type { CommandKeys } from '../store/keys.js'
import type { Rows, TableName } from '../store/rows.js'
import type { Facts } from './facts.js'

/** One change that a decision makes. */
export type Change =
  | { [T in TableName]: { readonly put: T; readonly row: Rows[T] } }[TableName]
  | { readonly remove: 'holds'; readonly row: Rows['holds'] }
  | { readonly sold: SalesChange }

/** Inserts or replaces a row. */
export const put = <T extends TableName>(table: T, row: Rows[T]): Change => ({ put: table, row }) as Change

export const removeHold = (row: Rows['holds']): Change => ({ remove: 'holds', row })

export const adjustDailySales = (change: SalesChange): Change => ({ sold: change })

export interface Accepted<Result> {
  readonly ok: true
  readonly result: Result
  readonly changes: readonly Change[]
}

/** A refusal changes nothing, except that an order may fail because the balance is too low. */
export interface Refused {
  readonly ok: false
  readonly refusal: Refusal
  readonly changes: readonly Change[]
}

export type Decision<Result> = Accepted<Result> | Refused

export const accept = <Result>(result: Result, changes: readonly Change[]): Accepted<Result> => ({
  ok: true,
  result,
  changes,
})

export const refuse = (refusal: Refusal, changes: readonly Change[] = []): Refused => ({ ok: false, refusal, changes })

/** Time, policies and new ids are arguments, so that deciders stay pure. */
export interface Context {
  readonly now: Instant
  readonly policies: Policies
  readonly newId: NewId
}

/** The immutable part of the orders that a command prefetched. */
export interface OrderOutlines {
  order(orderId: string): OrderOutline | undefined
}

/**
 * The definition of a command: its checks, its keys and its decider. Pure: no clock, no I/O, throws only on bugs. Queueing,
 * idempotency, storage and HTTP are added around it.
 */
export interface Command<Input, Result> {
  readonly name: string
  /** Lists the fields that are invalid in any state of the shop. If there are any, the call is refused as INVALID_REQUEST. */
  check(input: Input): readonly InvalidField[]
  /** Orders whose outline `keys` needs. Read before the locks are taken. */
  prefetch?(input: Input): readonly string[]
  /** The rows it locks, and what it reads without a lock. Reading any other row is a bug and throws. */
  keys(input: Input, context: { readonly outlines: OrderOutlines; readonly policies: Policies }): CommandKeys
  decide(facts: Facts, input: Input, context: Context): Decision<Result>
}

// biome-ignore lint/suspicious/noExplicitAny: any input and result
export type AnyCommand = Command<any, any>

export const defineCommand = <Input, Result>(definition: Command<Input, Result>): Command<Input, Result> => definition
