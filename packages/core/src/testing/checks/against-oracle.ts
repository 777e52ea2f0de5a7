import type { Policies } from '../../policies/policies.js'
import { Correspondence } from '../correspondence.js'
import type { Answer, Journal, Recorded } from '../journal.js'
import { Oracle } from '../oracle/oracle.js'
import type { Told } from '../oracle/state.js'
import { describeCall, readNames } from '../steps.js'
import { isKept, keyGroups } from './effects.js'

const comparable = (answer: Answer | Told): unknown => {
  if ('kind' in answer && answer.kind === 'ok') return { ok: true, result: answer.result ?? null }
  if (!('kind' in answer) && answer.ok) return { ok: true, result: answer.result ?? null }
  if (!('refusal' in answer)) return answer
  // What is wrong with a request is said in words that no document fixes.
  const { refusal } = answer
  return { ok: false, refusal: refusal.code === 'INVALID_REQUEST' ? refusal.code : refusal }
}

const differs = (oracle: Oracle, ids: Correspondence, record: Recorded, alone: boolean): string | undefined => {
  const { call, answer, decided, now } = record
  const told = oracle.ask({ ...call, input: ids.translate(call.input) }, decided?.now ?? now)
  const difference = ids.difference(comparable(answer), comparable(told))
  if (difference) return `${describeCall(call)}: ${difference}`
  if (alone && 'replayed' in answer && answer.replayed !== told.replayed) {
    return `${describeCall(call)}: the shop says replayed ${answer.replayed}, the oracle ${told.replayed}`
  }
  return undefined
}

/** Everything one person asked, reads included, in that order: the oracle must give every answer. */
export const compareAlone = ({ records }: Journal, policies: Policies): readonly string[] => {
  const oracle = new Oracle(policies)
  const ids = new Correspondence()
  for (const record of records) {
    const difference = differs(oracle, ids, record, true)
    if (difference) return [difference]
  }
  return []
}

/** Upkeep that is made of commands, or of none. */
const upkeep: ReadonlySet<string> = new Set(['relay', 'flush-views', 'sweep'])

/** Where each command stands in the one order in which all of them could have been done; nothing where nobody can know. */
const inOneOrder = (records: readonly Recorded[]): readonly Recorded[] | undefined => {
  const place = new Map<Recorded, number>()
  for (const record of records) {
    const { answer, decided, answered, call } = record
    if (answer.kind === 'error' || (answer.kind === 'unavailable' && answer.ambiguous)) return undefined
    if (answer.kind === 'unavailable' || upkeep.has(call.name) || readNames.has(call.name)) continue
    place.set(record, decided?.tick ?? answered)
  }
  for (const group of keyGroups(records)) {
    const kept = group.filter(isKept)
    const firsts = kept.filter(({ answer }) => 'replayed' in answer && !answer.replayed)
    // Where nobody was told that he was the first, he is the one whose commit was in doubt.
    const deciders = firsts.length > 0 ? firsts : kept.filter(({ doubted, decided }) => doubted && decided)
    if (kept.length > 0 && deciders.length !== 1) return undefined
    for (const record of group) {
      const { answer, answered } = record
      const isReused = answer.kind === 'refused' && answer.refusal.code === 'IDEMPOTENCY_KEY_REUSED'
      if (isReused || (isKept(record) && record !== deciders[0])) place.set(record, answered)
    }
  }
  return [...place].sort(([, a], [, b]) => a - b).map(([record]) => record)
}

/**
 * Commands of several people at once: the oracle, asked one by one in the order in which they were decided, must give
 * every answer. That order keeps real time, because a command is decided between its call and its answer. Reads are
 * left out; and where nobody can know whether a command took effect, nothing is compared.
 */
export const compareTogether = ({ records }: Journal, policies: Policies): readonly string[] => {
  const oracle = new Oracle(policies)
  const ids = new Correspondence()
  for (const record of inOneOrder(records) ?? []) {
    const difference = differs(oracle, ids, record, false)
    if (difference) return [`in the order of the decisions, ${difference}`]
  }
  return []
}
