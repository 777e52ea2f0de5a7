import { canonicalJson } from '../../shared/canonical-json.js'
import { hasReference, type Recorded } from '../journal.js'
import { referredRequest } from '../oracle/references.js'
import { describeCall } from '../steps.js'
import { isKept, keyGroups, referenceGroups } from './effects-of.js'
import type { HistoryLaw, Run } from './run.js'

const eachKey = (
  { journal }: Run,
  find: (kept: readonly Recorded[], group: readonly Recorded[]) => string | undefined,
): readonly string[] =>
  keyGroups(journal.records).flatMap((group) => {
    const found = find(group.filter(isKept), group)
    return found === undefined ? [] : `${describeCall(group[0]?.call ?? { name: '', input: {} })} ${found}`
  })

const requestOf = ({ call: { name, input } }: Recorded): string => referredRequest(name, input)

/** What is wrong with the answers to the calls with one reference, or undefined. */
const misreferred = (group: readonly Recorded[]): string | undefined => {
  const accepted = group.filter(({ answer }) => answer.kind === 'ok')
  const answers = new Set(accepted.map(({ answer }) => canonicalJson('result' in answer && answer.result)))
  if (answers.size > 1) return `was answered with ${[...answers].join(' and ')}`
  const requests = new Set(accepted.map(requestOf))
  if (requests.size > 1) return `shares its reference with ${[...requests].join(' and ')}`
  const firsts = accepted.filter(isFirst).length
  if (firsts > 1) return `was decided ${firsts} times`
  const isDoubted = group.some(({ doubted }) => doubted)
  if (accepted.length > 0 && firsts === 0 && !isDoubted) return 'was only ever answered as a replay'
  const reused = group.find(({ answer }) => answer.kind === 'refused' && answer.refusal.code === 'REFERENCE_REUSED')
  const mayBeTaken = isDoubted || (reused && accepted.some((record) => requestOf(record) !== requestOf(reused)))
  return reused && !mayBeTaken ? 'was refused as reused, although no other request was accepted' : undefined
}

const isFirst = ({ answer }: Recorded): boolean => 'replayed' in answer && !answer.replayed

/** Laws about the answers to callers. */
export const answerLaws: readonly HistoryLaw[] = [
  {
    id: 'NO-UNEXPECTED-ERROR',
    sentence: 'Every caller gets a result or a refusal. UNAVAILABLE is returned only while a part is down.',
    kind: 'history',
    check: ({ journal, isFaulty }) =>
      journal.records
        .filter(({ answer }) => answer.kind === 'error' || (answer.kind === 'unavailable' && !isFaulty))
        .map(({ call, answer }) => `${describeCall(call)} was answered with ${answer.kind}`),
  },
  {
    id: 'IDEM-SAME-ANSWER',
    sentence: 'All calls with one idempotency key get the same answer.',
    kind: 'history',
    check: (run) =>
      eachKey(run, (kept) => {
        const answers = kept.map(({ answer }) =>
          canonicalJson('result' in answer ? answer.result : 'refusal' in answer && answer.refusal),
        )
        return new Set(answers).size > 1 ? `was answered with ${[...new Set(answers)].join(' and ')}` : undefined
      }),
  },
  {
    id: 'IDEM-ONCE',
    sentence: 'Of all calls with one idempotency key, exactly one answer is not a replay.',
    kind: 'history',
    check: (run) =>
      eachKey(run, (kept, group) => {
        const firsts = kept.filter(isFirst).length
        if (firsts > 1) return `was decided ${firsts} times`
        // A reference may have answered the first call of the key.
        const isKnown = kept.length > 0 && !group.some(({ doubted, call }) => doubted || hasReference(call))
        return isKnown && firsts === 0 ? 'was only ever answered as a replay' : undefined
      }),
  },
  {
    id: 'IDEM-MISMATCH',
    sentence: 'An idempotency key belongs to one request: another request with it is refused.',
    kind: 'history',
    check: (run) =>
      eachKey(run, (kept) => {
        const requests = new Set(kept.map(({ call }) => canonicalJson([call.name, call.input])))
        return requests.size > 1 ? `shares its key with ${[...requests].join(' and ')}` : undefined
      }),
  },
  {
    id: 'REFERENCE-SAME-ANSWER',
    sentence:
      'A reference belongs to one request for ever: it is decided once, every repetition gets the first answer, and another request is refused.',
    kind: 'history',
    check: ({ journal }) =>
      referenceGroups(journal.records).flatMap((group) => {
        const found = misreferred(group)
        return found === undefined ? [] : `${describeCall(group[0]?.call ?? { name: '', input: {} })} ${found}`
      }),
  },
]
