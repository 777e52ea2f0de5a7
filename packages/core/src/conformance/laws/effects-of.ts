import { type CallRequest, hasReference, type Journal, type Recorded } from '../journal.js'

const notKept = new Set(['INVALID_REQUEST', 'IDEMPOTENCY_KEY_REUSED', 'REFERENCE_REUSED', 'COMPANION_FAILED'])

/** Whether the idempotency key keeps this answer. */
export const isKept = ({ answer }: Recorded): boolean =>
  answer.kind === 'ok' || (answer.kind === 'refused' && !notKept.has(answer.refusal.code))

const groupsBy = (
  records: readonly Recorded[],
  nameOf: (call: CallRequest) => string | undefined,
): readonly (readonly Recorded[])[] => {
  const groups = new Map<string, Recorded[]>()
  for (const record of records) {
    const name = nameOf(record.call)
    if (name === undefined) continue
    const group = groups.get(name)
    if (group) group.push(record)
    else groups.set(name, [record])
  }
  return [...groups.values()]
}

const keyName = ({ key }: CallRequest): string | undefined => key && `${key.scope} ${key.key}`

/** Records with the same key. */
export const keyGroups = (records: readonly Recorded[]): readonly (readonly Recorded[])[] => groupsBy(records, keyName)

/** Names the effect of a call with a reference: unique by command, for orders also by user. */
const referenceName = (call: CallRequest): string | undefined => {
  if (!hasReference(call)) return undefined
  const { reference, userId } = call.input as { readonly reference?: string; readonly userId?: string }
  return `${call.name} ${call.name === 'orders.place' ? userId : ''} ${reference}`
}

/** Records with the same reference. */
export const referenceGroups = (records: readonly Recorded[]): readonly (readonly Recorded[])[] =>
  groupsBy(records, referenceName)

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

/** The calls of one effect whose outcome is unknown: a kept answer of the same key tells it. */
const doubtfulOf = (group: readonly Recorded[]): readonly Recorded[] => {
  const told = new Set(group.filter(isKept).map(({ call }) => keyName(call)))
  return group.filter(({ call, answer, doubted }) =>
    call.key ? doubted && !told.has(keyName(call)) : answer.kind === 'unavailable' && answer.ambiguous,
  )
}

export const effectsOf = ({ records }: Journal): Effects => {
  const acknowledged: Effect[] = []
  const doubtful: Recorded[] = []
  const groups = groupsBy(records, (call) => referenceName(call) ?? keyName(call))
  const single = records.filter(({ call }) => !call.key && !hasReference(call)).map((record) => [record])
  for (const group of [...groups, ...single]) {
    const accepted = group.find(({ answer }) => answer.kind === 'ok')
    if (accepted) acknowledged.push(effectOf(accepted))
    else doubtful.push(...doubtfulOf(group))
  }
  return { acknowledged, doubtful }
}
