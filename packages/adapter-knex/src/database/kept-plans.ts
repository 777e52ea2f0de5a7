/**
 * How long a connection keeps its plans, in milliseconds. A plan for an almost empty table does not suit it once it has
 * grown.
 */
const keptMs = 1_000

/**
 * Which plans a group's transaction uses. `custom`: each statement gets a new one. `kept`: those that its connection
 * keeps. `renewed`: the same, but those kept until now are discarded first.
 */
export type GroupPlans = 'custom' | 'kept' | 'renewed'

const last = new WeakMap<object, { readonly groupAt: number; readonly discardAt: number }>()

/**
 * The plans of the group that begins on the connection now. Call it once for each group. The first group after a quiet
 * second uses nothing that is kept and discards nothing: after a discard, each statement is parsed again.
 */
export const plansOfNextGroup = (connection: object): GroupPlans => {
  const now = performance.now()
  const { groupAt, discardAt } = last.get(connection) ?? { groupAt: -keptMs, discardAt: -keptMs }
  const plans = now - groupAt >= keptMs ? 'custom' : now - discardAt >= keptMs ? 'renewed' : 'kept'
  last.set(connection, { groupAt: now, discardAt: plans === 'renewed' ? now : discardAt })
  return plans
}
