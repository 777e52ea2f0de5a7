import type { Policies } from '../../policies/policies.js'
import { Correspondence } from '../correspondence.js'
import { type Answer, hasReference, type Journal, type Recorded } from '../journal.js'
import { Oracle } from '../oracle/oracle.js'
import type { ModelReply } from '../oracle/state.js'
import { closingBranch, describeCall, readNames } from '../steps.js'
import { isKept, keyGroups } from './effects-of.js'

const comparable = (answer: Answer | ModelReply): unknown => {
  if ('kind' in answer && answer.kind === 'ok') return { ok: true, result: answer.result ?? null }
  if (!('kind' in answer) && answer.ok) return { ok: true, result: answer.result ?? null }
  if (!('refusal' in answer)) return answer
  // No document fixes the texts of invalid fields, and companions belong to the host.
  const { refusal } = answer
  const isCodeOnly = refusal.code === 'INVALID_REQUEST' || refusal.code === 'COMPANION_FAILED'
  return { ok: false, refusal: isCodeOnly ? refusal.code : refusal }
}

interface Listed {
  readonly at: string
  readonly eventId: string
  readonly subject: string
  readonly subjectId: string
  readonly sequence: number
}

/** Newest first; rows with the same time by their text, descending. */
const newestFirst = <T extends { readonly at: string }>(rows: readonly T[], text: (row: T) => string): readonly T[] =>
  [...rows].sort((a, b) => {
    if (a.at !== b.at) return a.at < b.at ? 1 : -1
    return text(a) < text(b) ? 1 : -1
  })

/**
 * A command makes several events, and a sweep ends many orders at once, in any order. Events are therefore compared by
 * subject and sequence; `isInOrder` checks separately that the shop lists them by time and id.
 */
const unswept = (answer: Answer | ModelReply): Answer | ModelReply => {
  if (!('result' in answer)) return answer
  const bySubject = ({ subject, subjectId, sequence }: Listed) =>
    `${subject} ${subjectId} ${String(sequence).padStart(9, '0')}`
  return { ...answer, result: newestFirst(answer.result as readonly Listed[], bySubject) }
}

interface Entered {
  readonly at: string
  readonly userId: string
  readonly entryId: string
}

/** A sweep writes the ends of many lots at once: entries of one time are compared by user, and then in their order. */
const byUser = (answer: Answer | ModelReply): Answer | ModelReply => {
  if (!('result' in answer)) return answer
  const rows = [...(answer.result as readonly Entered[])]
  rows.sort((a, b) => (a.userId < b.userId ? -1 : a.userId > b.userId ? 1 : 0))
  return { ...answer, result: rows.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)) }
}

/** Lists whose rows of one time several commands write at once: the id of a row, and the comparable form of a list. */
const lists: Readonly<
  Record<string, { readonly id: string; readonly comparable: (answer: Answer | ModelReply) => Answer | ModelReply }>
> = {
  'outbox.list': { id: 'eventId', comparable: unswept },
  'balance.entries': { id: 'entryId', comparable: byUser },
}

const isInOrder = (answer: Answer, id: string): boolean => {
  if (answer.kind !== 'ok') return true
  const rows = answer.result as readonly (Listed & Readonly<Record<string, string>>)[]
  return newestFirst(rows, (row) => row[id] ?? '').every((row, index) => row === rows[index])
}

/** How answers are compared. */
interface Comparison {
  readonly alone: boolean
  /** Reads that may be of an earlier moment. */
  readonly stale: ReadonlySet<string>
}

const differs = (
  oracle: Oracle,
  ids: Correspondence,
  record: Recorded,
  { alone, stale }: Comparison,
): string | undefined => {
  const { call, answer, decided, now } = record
  if (stale.has(call.name)) {
    const question = { ...call, input: ids.translate(call.input) }
    const isShown = (told: ModelReply) => ids.isEqual(comparable(answer), comparable(told))
    const text = JSON.stringify('result' in answer ? answer.result : answer)
    return oracle.mayShow(question, now, isShown)
      ? undefined
      : `${describeCall(call)}: at no moment could the shop return ${text}`
  }
  const told = oracle.ask({ ...call, input: ids.translate(call.input) }, decided?.now ?? now)
  // How many wallets a sweep finds depends on which commands have locked one since.
  if (call.name === 'sweep-lots' && !alone) return undefined
  const list = lists[call.name]
  if (list && !isInOrder(answer, list.id)) return `${describeCall(call)}: is not in the order of time and id`
  const [said, due] = list ? [list.comparable(answer), list.comparable(told)] : [answer, told]
  const difference = ids.difference(comparable(said), comparable(due))
  if (difference) return `${describeCall(call)}: ${difference}`
  if (alone && 'replayed' in answer && answer.replayed !== told.replayed) {
    return `${describeCall(call)}: the shop returned replayed ${answer.replayed}, the oracle ${told.replayed}`
  }
  return undefined
}

/** Compares every answer to a single caller, reads included, with the oracle. */
export const compareAlone = (
  { records }: Journal,
  policies: Policies,
  stale: ReadonlySet<string> = new Set(),
): readonly string[] => {
  const oracle = new Oracle(policies, { remembers: stale.size > 0 })
  const ids = new Correspondence()
  for (const record of records) {
    const difference = differs(oracle, ids, record, { alone: true, stale })
    if (difference) return [difference]
  }
  return []
}

/** Upkeep steps: their commands are recorded separately, or they have none. */
const upkeep: ReadonlySet<string> = new Set(['relay', 'flush-views', 'sweep', 'sweep-lots', 'repair'])

/** The commands in the order of their decisions. Undefined if that order cannot be known. */
const inOneOrder = (records: readonly Recorded[]): readonly Recorded[] | undefined => {
  const place = new Map<Recorded, number>()
  for (const record of records) {
    const { answer, decided, answered, call, branch } = record
    if (answer.kind === 'error' || (answer.kind === 'unavailable' && answer.ambiguous)) return undefined
    if (answer.kind === 'unavailable') continue
    if ((upkeep.has(call.name) || readNames.has(call.name)) && branch !== closingBranch) continue
    place.set(record, decided?.tick ?? answered)
  }
  for (const group of keyGroups(records)) {
    const kept = group.filter(isKept)
    const firsts = kept.filter(({ answer }) => 'replayed' in answer && !answer.replayed)
    // Without such an answer, the call whose commit was in doubt was the first.
    const deciders = firsts.length > 0 ? firsts : kept.filter(({ doubted, decided }) => doubted && decided)
    // A reference may have answered every call of the key.
    const isReferred = deciders.length === 0 && group.some(({ call }) => hasReference(call))
    if (kept.length > 0 && deciders.length !== 1 && !isReferred) return undefined
    for (const record of group) {
      const { answer, answered } = record
      const isReused = answer.kind === 'refused' && answer.refusal.code === 'IDEMPOTENCY_KEY_REUSED'
      if (isReused || (isKept(record) && record !== deciders[0])) place.set(record, answered)
    }
  }
  return [...place].sort(([, a], [, b]) => a - b).map(([record]) => record)
}

interface Rules extends Pick<Comparison, 'stale'> {
  readonly policies: Policies
}

/** Asks the oracle in this order. Returns the first differing answer, or the state at the end. */
const ask = (
  order: readonly Recorded[],
  { policies, stale }: Rules,
): { difference: string } | { state: () => string } => {
  const oracle = new Oracle(policies, { remembers: stale.size > 0 })
  const ids = new Correspondence()
  for (const record of order) {
    const difference = differs(oracle, ids, record, { alone: false, stale })
    if (difference) return { difference }
  }
  return { state: () => oracle.state((id) => ids.nameInShop(id)) }
}

/** The search stops after this many orders. */
const maxTries = 20_000

/** Whether an order that respects real time explains every answer. Undefined if the search stopped. */
const findOrder = (likely: readonly Recorded[], rules: Rules): boolean | undefined => {
  const deadEnds = new Set<string>()
  let tries = 0
  const search = (done: readonly Recorded[], left: readonly Recorded[]): boolean => {
    if (left.length === 0) return true
    const deadline = Math.min(...left.map(({ answered }) => answered))
    for (const next of left) {
      if (next.invoked > deadline || tries >= maxTries) continue
      tries += 1
      const order = [...done, next]
      const asked = ask(order, rules)
      if ('difference' in asked) continue
      const rest = left.filter((record) => record !== next)
      const name = `${rest.map(({ invoked }) => invoked).join(' ')} ${asked.state()}`
      if (deadEnds.has(name)) continue
      if (search(order, rest)) return true
      deadEnds.add(name)
    }
    return false
  }
  return search([], likely) || (tries >= maxTries ? undefined : false)
}

/**
 * Compares concurrent commands with the oracle: some order that respects real time must explain every answer.
 *
 * The order of the decisions is tried first, because each decision came between its call and its answer. Rows that are
 * read without a lock (the sales of a window, the terms of a coupon) may be older, so other orders are searched, too.
 * Only the final reads are compared. If the outcome of a command is unknown, nothing is compared. If the search takes
 * too long, the law counts as kept.
 */
export const compareTogether = (
  { records }: Journal,
  policies: Policies,
  stale: ReadonlySet<string> = new Set(),
): readonly string[] => {
  const likely = inOneOrder(records) ?? []
  const rules = { policies, stale }
  const asked = ask(likely, rules)
  if (!('difference' in asked) || findOrder(likely, rules) !== false) return []
  return [`no order explains the answers; in the order of the decisions, ${asked.difference}`]
}
