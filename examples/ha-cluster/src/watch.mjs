/** How many troubles are kept in full. */
const mostSamples = 5

/** Counts of one stretch of time. */
const emptyCounts = () => ({ answers: 0, writes: 0, again: 0, faults: 0, troubles: {}, samples: [], windowMs: 0 })

const nameOf = ({ status, body }) => (status === 0 ? 'no answer' : `${status} ${body.code ?? ''}`.trim())

/**
 * Watches the load. A window is the longest time without a successful write.
 * A trouble is every response that the caller repeats: 5xx, a lost connection, a key in progress.
 * A fault is a response 500, which no outage excuses.
 */
export const watchLoad = (clock = () => performance.now()) => {
  let lastWrite = clock()
  let counts = emptyCounts()
  const totals = emptyCounts()
  let began = clock()

  /** The time without a write that began before this stretch counts from its start. */
  const noteGap = (now) => {
    counts.windowMs = Math.max(counts.windowMs, now - Math.max(lastWrite, began))
  }
  return {
    onAnswer({ status }, { method }) {
      for (const each of [counts, totals]) each.answers += 1
      if (method !== 'POST' || status >= 300) return
      const now = clock()
      noteGap(now)
      lastWrite = now
      for (const each of [counts, totals]) each.writes += 1
    },
    onTrouble(answer, { method, path }) {
      for (const each of [counts, totals]) {
        each.again += 1
        if (answer.status === 500) each.faults += 1
        const name = nameOf(answer)
        each.troubles[name] = (each.troubles[name] ?? 0) + 1
        const sample = `${method} ${path}: ${name} ${answer.body.detail ?? ''}`.trim()
        if (each.samples.length < mostSamples) each.samples.push(sample)
      }
    },
    begin() {
      began = clock()
      counts = emptyCounts()
    },
    /** The counts since `begin`. */
    end() {
      const now = clock()
      noteGap(now)
      const ended = { ...counts, ms: now - began }
      counts = emptyCounts()
      return ended
    },
    sinceWrite: () => clock() - lastWrite,
    totals,
  }
}
