import { foldCode } from '../model/coupon.js'
import { isStored, type ReferenceKey, reusedByEntry, reusedReference } from '../model/reference.js'
import type { Policies } from '../policies/policies.js'
import { checkedElsewhere, checkFields, idempotencyKey } from '../shared/check.js'
import type { NewId } from '../shared/id.js'
import { invariant } from '../shared/invariant.js'
import { type CallContext, jsonObject } from '../shared/json.js'
import { type InvalidField, isOutcome } from '../shared/refusal.js'
import type { Writable } from '../shared/writable.js'
import type { Keys, ReadKeys, SomeKeys } from '../store/keys.js'
import type { Changes, Loaded } from '../store/rows.js'
import type { Transactor } from '../store/store.js'
import { isStoreError } from '../store/store-error.js'
import { type Change, type Context, type Outlines, type Prefetch, put } from './command.js'
import { checkCompanions, companionRowsOf } from './companions.js'
import { DerivedEvents, withLostHistory } from './derived-events.js'
import { type CommandCall, fingerprint, type Outcome, refused, requestOf, traceparentOf } from './outcome.js'
import { WorkingSet } from './working-set.js'

/**
 * The outcome of one member of a group and whether it wrote something, or the bug that its decider threw. A replay writes
 * nothing.
 */
export type Verdict = { readonly outcome: Outcome<unknown>; readonly hasWritten: boolean } | { readonly bug: unknown }

/** A call with the outlines that it prefetched. */
export interface Member {
  readonly call: CommandCall
  readonly outlines: Outlines
}

/** Reads the outlines of several prefetches. */
export const readOutlines = async (
  transactor: Pick<Transactor, 'outlines' | 'couponsWithCodes'>,
  all: readonly Prefetch[],
): Promise<Outlines> => {
  const orderIds = [...new Set(all.flatMap(({ orders = [] }) => orders))]
  const codes = [...new Set(all.flatMap(({ couponCodes = [] }) => couponCodes.map(foldCode)))]
  const orders = orderIds.length > 0 ? await transactor.outlines(orderIds) : []
  const coupons = codes.length > 0 ? await transactor.couponsWithCodes(codes) : []
  const byId = new Map(orders.map((outline) => [outline.orderId, outline]))
  const byCode = new Map(coupons.map(({ code, couponId }) => [code, couponId]))
  return { order: (orderId) => byId.get(orderId), couponIdOf: (code) => byCode.get(foldCode(code)) }
}

export interface DecideOptions {
  readonly policies: Policies
  readonly newId: NewId
  /** The currency that answers and events name. */
  readonly currency?: string | undefined
}

const keyFields = { scope: idempotencyKey, key: idempotencyKey, request: checkedElsewhere }

const checkContext = (context: CallContext): readonly InvalidField[] => {
  const message = jsonObject(context)
  return message === undefined ? [] : [{ path: 'context', message }]
}

const nothingInvalid: readonly InvalidField[] = []

/** What is invalid of a call beside its input. */
const checkOptions = (call: CommandCall, companions: readonly string[]): readonly InvalidField[] => {
  const { idempotency, context } = call
  if (idempotency === undefined && context === undefined && call.with === undefined) return nothingInvalid
  return [
    ...(idempotency === undefined ? [] : checkFields(idempotency, keyFields, 'idempotency.')),
    ...(context === undefined ? [] : checkContext(context)),
    ...(call.with === undefined ? [] : checkCompanions(call.with, companions)),
  ]
}

/** Refuses a call that is invalid in any state of the shop. Returns undefined if it is valid. */
export const checkCall = (call: CommandCall, companions: readonly string[] = []): Outcome<never> | undefined => {
  const ofInput = call.command.check(call.input)
  const ofOptions = checkOptions(call, companions)
  if (ofInput.length + ofOptions.length === 0) return undefined
  return refused({ code: 'INVALID_REQUEST', errors: [...ofInput, ...ofOptions] })
}

/** The rows that a member needs, including the stored results of its idempotency key and of its reference. */
export const keysOf = ({ call: { command, input, idempotency }, outlines }: Member, policies: Policies): SomeKeys => {
  const keys = command.keys(input, { outlines, policies })
  const reference = command.reference?.(input)
  if (!idempotency && !reference) return keys
  const read: Writable<Partial<ReadKeys>> = { ...keys.read }
  if (idempotency) read.outcomes = [idempotency]
  if (reference && isStored(reference)) read.references = [reference]
  else if (reference) read.referencedEntries = [{ kind: reference.kind, reference: reference.reference }]
  return { lock: keys.lock, read }
}

/** The outcome of a call without regard to its idempotency key, and the changes of its acceptance. */
interface Decided {
  readonly outcome: Outcome<unknown>
  readonly changes: readonly Change[]
}

/** The replay of an earlier request with this reference, the refusal of another one, or undefined if there is none. */
const replayOf = (
  working: WorkingSet,
  key: ReferenceKey,
  call: CommandCall,
  context: Context,
): Outcome<unknown> | undefined => {
  if (isStored(key)) {
    const earlier = working.reference(key)
    if (!earlier) return undefined
    return earlier.fingerprint === requestOf(call)
      ? { ok: true, result: structuredClone(earlier.result), replayed: true }
      : refused(reusedReference(earlier))
  }
  const entry = working.referencedEntry({ kind: key.kind, reference: key.reference })
  if (!entry) return undefined
  const result = call.command.replay?.(entry, call.input, context)
  return result === undefined ? refused(reusedByEntry(key.reference, entry)) : { ok: true, result, replayed: true }
}

/**
 * Replays the result of the call's reference. If there is none, decides, and records the reference in the same transaction. A
 * refusal does not use the reference up.
 */
const decideReferenced = (working: WorkingSet, call: CommandCall, context: Context): Decided => {
  const { command, input } = call
  const key = command.reference?.(input)
  const replay = key && replayOf(working, key, call, context)
  if (replay) return { outcome: replay, changes: [] }
  const decision = command.decide(working, input, context)
  if (!decision.ok) return { outcome: refused(decision.refusal), changes: decision.changes }
  const { result, changes, referenced } = decision
  const outcome = { ok: true, result, replayed: false } as const
  if (!key || !isStored(key)) return { outcome, changes }
  invariant(referenced, `${command.name} has a reference but does not tell what it stands for`)
  const { kind, owner, reference } = key
  const { userId, subjectId, entry } = referenced
  // Field by field: V8 keeps objects made by several spreads, and all they hold, until the whole heap is collected.
  const row = {
    kind,
    owner,
    reference,
    fingerprint: requestOf(call),
    result,
    userId,
    subjectId,
    entry,
    at: context.now,
  }
  return { outcome, changes: [...changes, put('references', row)] }
}

const noContext: CallContext = {}

/** Replays the stored outcome of the idempotency key. If there is none, decides, and stores the outcome in the same transaction. */
const decideOne = (
  working: WorkingSet,
  { call, outlines }: Member,
  now: number,
  { policies, newId, currency, events }: DecideOptions & { readonly events: DerivedEvents | undefined },
): Verdict => {
  const { idempotency } = call
  working.showOrders(outlines)
  const earlier = idempotency && working.outcome(idempotency)
  if (earlier) {
    if (earlier.fingerprint !== fingerprint(call)) {
      return { outcome: refused({ code: 'IDEMPOTENCY_KEY_REUSED' }), hasWritten: false }
    }
    // A copy: the caller of the first request holds the original and may change it.
    const copy = structuredClone(earlier.outcome) as Outcome<unknown>
    return { outcome: { ...copy, replayed: true }, hasWritten: false }
  }
  const traceparent = traceparentOf(call)
  const context = { now, policies, newId, currency, context: call.context ?? noContext, traceparent }
  const { outcome, changes: decided } = decideReferenced(working, call, context)
  const changes = events ? events.with(working, decided, traceparent) : decided
  const isNew = outcome.ok && !outcome.replayed
  const rows = call.with !== undefined && isNew ? companionRowsOf(call.with, outcome.result as never) : undefined
  const kept = idempotency && (outcome.ok || isOutcome(outcome.refusal))
  if (!kept) working.apply(changes)
  else {
    const { scope, key } = idempotency
    const stored = { scope, key, fingerprint: fingerprint(call), outcome, at: now }
    working.apply([...changes, put('outcomes', stored)])
  }
  if (rows) working.accompany(rows)
  return { outcome, hasWritten: Boolean(kept) || changes.length > 0 || rows !== undefined }
}

/**
 * Decides the calls in order, each on the state that the earlier ones left. A refused call changes nothing but the stored
 * outcome of its key. A call whose decider throws fails alone.
 * @throws StoreError if facts are missing that only another group can load
 */
export const decideGroup = (
  members: readonly Member[],
  keys: Keys,
  loaded: Loaded,
  options: DecideOptions,
): { readonly verdicts: readonly Verdict[]; readonly changes: Changes } => {
  const working = new WorkingSet(keys, loaded, options.newId)
  const events = DerivedEvents.under(options, loaded.now)
  if (events) working.apply(events.ofExpiredLots(working.changes()))
  const context = { ...options, events }
  const verdicts = members.map((member): Verdict => {
    try {
      return decideOne(working, member, loaded.now, context)
    } catch (bug) {
      if (isStoreError(bug)) throw bug
      return { bug }
    }
  })
  const changes = working.changes()
  const told = changes.historyLosses.inserted.length > 0 ? withLostHistory(changes, options, loaded.now) : changes
  return { verdicts, changes: events ? events.ofProducts(told, loaded) : told }
}
