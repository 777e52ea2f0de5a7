import { canonicalJson } from '../../shared/canonical-json.js'
import type { Journal, Recorded } from '../journal.js'
import { describeCall } from '../steps.js'

const notKept = new Set(['INVALID_REQUEST', 'IDEMPOTENCY_KEY_REUSED'])

/** Is the answer one that its key keeps? */
export const isKept = ({ answer }: Recorded): boolean =>
  answer.kind === 'ok' || (answer.kind === 'refused' && !notKept.has(answer.refusal.code))

/** The records that share a key. */
export const keyGroups = (records: readonly Recorded[]): readonly (readonly Recorded[])[] => {
  const groups = new Map<string, Recorded[]>()
  for (const record of records) {
    const { key } = record.call
    if (!key) continue
    const name = `${key.scope} ${key.key}`
    groups.set(name, [...(groups.get(name) ?? []), record])
  }
  return [...groups.values()]
}

/** A command that took effect, once, with what its caller was told. */
export interface Effect {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  readonly result: Readonly<Record<string, unknown>>
}

const effectOf = ({ call, answer }: Recorded): Effect => ({
  name: call.name,
  input: call.input as Effect['input'],
  result: (answer as { result: Effect['result'] }).result,
})

/** What must have happened, and what may have. */
export interface Effects {
  readonly acknowledged: readonly Effect[]
  /** Nobody can know whether these took effect. */
  readonly doubtful: readonly Recorded[]
}

export const effectsOf = ({ records }: Journal): Effects => {
  const acknowledged: Effect[] = []
  const doubtful: Recorded[] = []
  for (const record of records) {
    if (record.call.key) continue
    if (record.answer.kind === 'ok') acknowledged.push(effectOf(record))
    if (record.answer.kind === 'unavailable' && record.answer.ambiguous) doubtful.push(record)
  }
  for (const group of keyGroups(records)) {
    const accepted = group.find(({ answer }) => answer.kind === 'ok')
    if (accepted) acknowledged.push(effectOf(accepted))
    else if (!group.some(isKept)) doubtful.push(...group.filter(({ doubted }) => doubted))
  }
  return { acknowledged, doubtful }
}

/** Nobody hears of a failure that is no outage; and of those who share a key, all hear the same, one of them first. */
export const checkAnswers = ({ records }: Journal, mayBeAway: boolean): readonly string[] => {
  const problems: string[] = []
  for (const { call, answer } of records) {
    const isUnexpected = answer.kind === 'error' || (answer.kind === 'unavailable' && !mayBeAway)
    if (isUnexpected) problems.push(`NO-UNEXPECTED-ERROR: ${describeCall(call)} was answered with ${answer.kind}`)
  }
  for (const group of keyGroups(records)) {
    const kept = group.filter(isKept)
    const texts = new Set(
      kept.map(({ answer }) =>
        canonicalJson('result' in answer ? answer.result : 'refusal' in answer && answer.refusal),
      ),
    )
    const name = describeCall(group[0]?.call ?? { name: '', input: {} })
    if (texts.size > 1) problems.push(`IDEM-SAME-ANSWER: ${name} was answered with ${[...texts].join(' and ')}`)
    const firsts = kept.filter(({ answer }) => 'replayed' in answer && !answer.replayed)
    if (firsts.length > 1) problems.push(`IDEM-ONCE: ${name} was decided ${firsts.length} times`)
    if (kept.length > 0 && firsts.length === 0 && !group.some(({ doubted }) => doubted)) {
      problems.push(`IDEM-FLAG: ${name} was only ever answered as a replay`)
    }
    const requests = new Set(kept.map(({ call }) => canonicalJson([call.name, call.input])))
    if (requests.size > 1) problems.push(`IDEM-MISMATCH: one key answered for ${[...requests].join(' and ')}`)
  }
  return problems
}
