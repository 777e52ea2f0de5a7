import type { Sent } from './questions.js'

/** A part of the migration that takes locks. */
export interface Phase {
  readonly what: string
  readonly began: number
  readonly ended: number
}

/** Statements that are a phase of their own. */
const alone: readonly (readonly [RegExp, (name: string) => string])[] = [
  [/^create +(?:unique +)?index concurrently (\S+)/, (name) => `build the index ${name}`],
  [/^drop index concurrently if exists \S+\.(\S+)/, (name) => `drop the index ${name}`],
  [/^(do) \$\$ declare untold/, () => 'compare the old table of payments, and drop it'],
]

/** Statements that begin a phase, which ends with the transaction. */
const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^lock table \S+\.payments in/, '0012_payments: put the view in place of the table'],
  [/^create table \S+\.recent_sales/, '0014_recent_sales: add a table and a view'],
]

const nameOf = (text: string): string | undefined => {
  for (const [pattern, show] of alone) {
    const [, name] = pattern.exec(text) ?? []
    if (name !== undefined) return show(name)
  }
  return undefined
}

/** An index is dropped before it is built, in case an earlier attempt was interrupted. */
const isRemainder = (what: string, all: readonly Phase[]): boolean =>
  what.startsWith('drop') && all.some((each) => each.what === what.replace('drop', 'build'))

/** What a migration did, from the statements that it sent. A phase that takes several attempts begins with the first. */
export const phasesOf = (statements: readonly Sent[]): readonly Phase[] => {
  const inOrder = [...statements].sort((a, b) => a.began - b.began)
  const phases = inOrder.flatMap(({ text, hasFailed, began, ended }, index): readonly Phase[] => {
    const what = hasFailed ? undefined : nameOf(text)
    if (what) return [{ what, began, ended }]
    const beginning = beginnings.find(([pattern]) => pattern.test(text))
    if (!beginning) return []
    const end = inOrder.slice(index).find((each) => /^commit\b/i.test(each.text))
    return [{ what: beginning[1], began, ended: end?.ended ?? ended }]
  })
  return phases.filter(
    ({ what }, index) => !isRemainder(what, phases) && phases.findIndex((each) => each.what === what) === index,
  )
}
