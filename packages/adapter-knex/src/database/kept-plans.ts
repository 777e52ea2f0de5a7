/** How long a connection keeps its plans, in milliseconds. A plan for an almost empty table does not suit it once it has grown. */
const keptMs = 1_000

const discardedAt = new WeakMap<object, number>()

/** Whether the plans of a connection may be older than that. The caller must then discard them. */
export const havePlansAged = (connection: object): boolean => {
  const now = performance.now()
  const discarded = discardedAt.get(connection)
  if (discarded !== undefined && now - discarded < keptMs) return false
  discardedAt.set(connection, now)
  return true
}
