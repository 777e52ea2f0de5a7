import type { Journal, Recorded } from '../journal.js'

const notKept = new Set(['INVALID_REQUEST', 'IDEMPOTENCY_KEY_REUSED'])

/** Whether the idempotency key keeps this answer. */
export const isKept = ({ answer }: Recorded): boolean =>
  answer.kind === 'ok' || (answer.kind === 'refused' && !notKept.has(answer.refusal.code))

/** Records with the same key. */
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

/** A command that took effect once, with the answer to its caller. */
export interface Effect {
  /** The command. */
  readonly name: string
  /** Its input. */
  readonly input: Readonly<Record<string, unknown>>
  /** Its result. */
  readonly result: Readonly<Record<string, unknown>>
}

const effectOf = ({ call, answer }: Recorded): Effect => ({
  name: call.name,
  input: call.input as Effect['input'],
  result: (answer as { result: Effect['result'] }).result,
})

/** The certain and the possible effects. */
export interface Effects {
  /** Commands that were acknowledged. */
  readonly acknowledged: readonly Effect[]
  /** Commands whose outcome is unknown. */
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
