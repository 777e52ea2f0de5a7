import { look } from '../../../src/conformance/laws/store/transactions.js'
import type { Outcome } from '../../../src/index.js'
import type { Execute } from '../../../src/shop/calls.js'
import { type Loaded, noKeys } from '../../../src/store.js'
import { all, altered, type BreakStore, gap, misreads, transacting, upserts } from './transact.js'

/** Has no unique key: a second request overwrites the first result, or its entry does not carry the reference. */
const withoutUniqueKey: BreakStore = all(
  upserts('references'),
  altered((changes, { references, referencedEntries }) => {
    const taken = new Set([...references, ...referencedEntries].map(({ kind, reference }) => `${kind} ${reference}`))
    const inserted = changes.entries.inserted.map((entry) =>
      taken.has(`${entry.kind} ${entry.reference}`) ? { ...entry, reference: null } : entry,
    )
    return { ...changes, entries: { ...changes.entries, inserted } }
  }),
)

/** Without a unique key, and blind to references from before this time. */
const blindTo = (since: (now: number) => number): BreakStore =>
  all(
    withoutUniqueKey,
    misreads(({ references, referencedEntries, now }) => ({
      references: references.filter(({ at }) => at >= since(now)),
      referencedEntries: referencedEntries.filter(({ at }) => at >= since(now)),
    })),
  )

/** Without a unique key, and looks references up before it locks. */
export const referencesBeforeLocks: BreakStore = (store, isOn) => {
  const broken = withoutUniqueKey(store, isOn)
  return transacting(broken, async (keys, decide, options) => {
    const { references, referencedEntries } = await look(broken, keys)
    await gap()
    const stale = (loaded: Loaded) => ({ ...loaded, references, referencedEntries })
    await broken.transact(keys, (loaded) => decide(isOn ? stale(loaded) : loaded), options)
  })
}

/** Keeps references for a while only, as idempotency keys are kept. */
export const forgottenAfter = (ms: number): BreakStore => blindTo((now) => now - ms)

/** A purge removes references, too. */
export const purgedReferences: BreakStore = (store, isOn) => {
  let purged = 0
  const blind = blindTo(() => purged)(store, isOn)
  return {
    ...blind,
    upkeep: {
      ...blind.upkeep,
      async purge(retention, limit) {
        const { now } = await store.load(noKeys)
        purged = now - retention.outcomesMs
        return blind.upkeep.purge(retention, limit)
      },
    },
  }
}

/** Answers by the text of the reference alone, whatever is asked for; or lets a refusal use a reference up. */
export const answersByReference =
  (keeps: (outcome: Outcome<unknown>) => boolean, asksFor: (input: unknown) => string) =>
  (execute: Execute): Execute => {
    const answers = new Map<string, Outcome<unknown>>()
    return (async (command, input, options) => {
      const key = command.reference?.(input)
      const name = key && `${key.kind} ${key.owner} ${key.reference} ${asksFor(input)}`
      const earlier = name === undefined ? undefined : answers.get(name)
      if (earlier) return { ...structuredClone(earlier), replayed: earlier.ok }
      const outcome = await execute(command, input, options)
      if (name !== undefined && keeps(outcome)) answers.set(name, structuredClone(outcome))
      return outcome
    }) as Execute
  }
