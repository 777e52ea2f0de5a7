import type { OrderOutline } from '../model/order.js'
import type { Policies } from '../policies/policies.js'
import { checkedElsewhere, checkFields, idempotencyKey } from '../shared/check.js'
import type { NewId } from '../shared/id.js'
import { isOutcome } from '../shared/refusal.js'
import type { Keys, SomeKeys } from '../store/keys.js'
import type { Changes, Loaded } from '../store/rows.js'
import type { Decision, OrderOutlines } from './command.js'
import { type CommandCall, fingerprint, type Outcome, traceparentOf } from './outcome.js'
import { WorkingSet } from './working-set.js'

/** The outcome of one member of a group, or the bug that its decider threw. */
export type Verdict = { readonly outcome: Outcome<unknown> } | { readonly bug: unknown }

/** A call with the outlines of the orders that it prefetched. */
export interface Member {
  readonly call: CommandCall
  readonly outlines: OrderOutlines
}

export const noOrderOutlines: OrderOutlines = { order: () => undefined }

export const orderOutlinesOf = (outlines: readonly OrderOutline[]): OrderOutlines => {
  const byId = new Map(outlines.map((outline) => [outline.orderId, outline]))
  return { order: (orderId) => byId.get(orderId) }
}

export interface DecideOptions {
  readonly policies: Policies
  readonly newId: NewId
}

const keyFields = { scope: idempotencyKey, key: idempotencyKey, request: checkedElsewhere }

/** Refuses a call whose input is invalid in any state of the shop. Returns undefined if it is valid. */
export const checkCall = ({ command, input, idempotency }: CommandCall): Outcome<never> | undefined => {
  const errors = [
    ...command.check(input),
    ...(idempotency === undefined ? [] : checkFields(idempotency, keyFields, 'idempotency.')),
  ]
  return errors.length > 0 ? { ok: false, refusal: { code: 'INVALID_REQUEST', errors }, replayed: false } : undefined
}

/** The rows that a member needs, including the stored outcome of its idempotency key. */
export const keysOf = ({ call: { command, input, idempotency }, outlines }: Member, policies: Policies): SomeKeys => {
  const keys = command.keys(input, { outlines, policies })
  return idempotency ? { ...keys, read: { ...keys.read, outcomes: [idempotency] } } : keys
}

const answer = (decision: Decision<unknown>): Outcome<unknown> =>
  decision.ok
    ? { ok: true, result: decision.result, replayed: false }
    : { ok: false, refusal: decision.refusal, replayed: false }

/** Replays the stored outcome of the idempotency key. If there is none, decides, and stores the outcome in the same transaction. */
const decideOne = (
  working: WorkingSet,
  { call, outlines }: Member,
  now: number,
  { policies, newId }: DecideOptions,
): Outcome<unknown> => {
  const { command, input, idempotency } = call
  working.showOrders(outlines)
  const earlier = idempotency && working.outcome(idempotency)
  if (earlier) {
    if (earlier.fingerprint !== fingerprint(call)) {
      return { ok: false, refusal: { code: 'IDEMPOTENCY_KEY_REUSED' }, replayed: false }
    }
    // A copy: the caller of the first request holds the original and may change it.
    return { ...(structuredClone(earlier.outcome) as Outcome<unknown>), replayed: true }
  }
  const decision = command.decide(working, input, { now, policies, newId, traceparent: traceparentOf(call) })
  const outcome = answer(decision)
  const kept = idempotency && (outcome.ok || isOutcome(outcome.refusal))
  if (!kept) working.apply(decision.changes)
  else {
    const { scope, key } = idempotency
    const stored = { scope, key, fingerprint: fingerprint(call), outcome, at: now }
    working.apply([...decision.changes, { put: 'outcomes', row: stored }])
  }
  return outcome
}

/**
 * Decides the calls in order, each on the state that the earlier ones left. A refused call changes nothing but the stored
 * outcome of its key. A call whose decider throws fails alone.
 */
export const decideGroup = (
  members: readonly Member[],
  keys: Keys,
  loaded: Loaded,
  options: DecideOptions,
): { readonly verdicts: readonly Verdict[]; readonly changes: Changes } => {
  const working = new WorkingSet(keys, loaded)
  const verdicts = members.map((member): Verdict => {
    try {
      return { outcome: decideOne(working, member, loaded.now, options) }
    } catch (bug) {
      return { bug }
    }
  })
  return { verdicts, changes: working.changes() }
}
