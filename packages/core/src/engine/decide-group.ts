import type { Policies } from '../policies/policies.js'
import type { NewId } from '../shared/id.js'
import { isOutcome } from '../shared/refusal.js'
import type { Keys, SomeKeys } from '../store/keys.js'
import type { Changes, Loaded } from '../store/rows.js'
import type { Decision, OrderOutlines } from './command.js'
import { type CommandCall, fingerprint, type Outcome } from './outcome.js'
import { WorkingSet } from './working-set.js'

/** How one member of a group came out: an answer, or the bug that its decider threw. */
export type Verdict = { readonly outcome: Outcome<unknown> } | { readonly bug: unknown }

/** A call with what its first look found. */
export interface Member {
  readonly call: CommandCall
  readonly outlines: OrderOutlines
}

export interface DecideOptions {
  readonly policies: Policies
  readonly newId: NewId
}

/** The rows that a member needs, the outcome of its key among them. */
export const keysOf = ({ call: { command, input, idempotency }, outlines }: Member, policies: Policies): SomeKeys => {
  const keys = command.keys(input, { outlines, policies })
  return idempotency ? { ...keys, read: { ...keys.read, outcomes: [idempotency] } } : keys
}

const answer = (decision: Decision<unknown>): Outcome<unknown> =>
  decision.ok
    ? { ok: true, result: decision.result, replayed: false }
    : { ok: false, refusal: decision.refusal, replayed: false }

/** Looks the key up before deciding, and lays the outcome beside it afterwards, in the same transaction. */
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
    // A copy, because whoever was answered first holds the original and may change it.
    return { ...(structuredClone(earlier.outcome) as Outcome<unknown>), replayed: true }
  }
  const decision = command.decide(working, input, { now, policies, newId })
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
 * Decides one call after the other, each on the state that those before it left. A refused call leaves nothing
 * but the outcome of its key; one whose decider throws fails alone.
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
