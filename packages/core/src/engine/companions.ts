import { type Check, checkFields } from '../shared/check.js'
import type { InvalidField } from '../shared/refusal.js'
import type { CompanionRow, CompanionRows } from '../store/rows.js'

/** A row, several, or none. */
type OneOrMore = CompanionRow | readonly CompanionRow[] | undefined

/**
 * Rows of the host's that commit in the transaction of a command: for each companion of the store one row, several, or a
 * function that makes them from the command's result. They are written exactly if the command is accepted: not if it is
 * refused, and not again if it is replayed.
 */
export type Companions<Result> = Readonly<Record<string, OneOrMore | ((result: Result) => OneOrMore)>>

/** Not a promise, a map, or a date, which would become a row without values. */
const isRow = (value: unknown): value is CompanionRow =>
  typeof value === 'object' &&
  value !== null &&
  !(Symbol.iterator in value || Symbol.toPrimitive in value) &&
  typeof (value as { readonly then?: unknown }).then !== 'function'

const isOneOrMore = (value: unknown): value is OneOrMore =>
  value === undefined || (Array.isArray(value) ? value.every(isRow) : isRow(value))

const rows: Check = (value) =>
  typeof value === 'function' || isOneOrMore(value) ? undefined : 'must be a row, rows, or a function that makes them'

const unknownCompanion = (known: readonly string[]): string =>
  known.length === 0
    ? 'is not a companion: the store has none, see its option companions'
    : `is not a companion of the store, which has ${known.join(', ')}`

/** Lists what is wrong with the companions of a call, as far as it shows before the command is decided. */
export const checkCompanions = (companions: unknown, known: readonly string[]): readonly InvalidField[] => {
  const names = typeof companions === 'object' && companions !== null ? Object.keys(companions) : []
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) return unknown.map((name) => ({ path: `with.${name}`, message: unknownCompanion(known) }))
  return checkFields(companions, Object.fromEntries(known.map((name) => [name, rows])), 'with.')
}

/** The rows that an accepted command brings. @throws TypeError if a function made something else than rows */
export const companionRowsOf = <Result>(companions: Companions<Result>, result: Result): readonly CompanionRows[] =>
  Object.entries(companions).flatMap(([companion, given]) => {
    const made = typeof given === 'function' ? given(result) : given
    if (!isOneOrMore(made)) throw new TypeError(`with.${companion} made something else than a row or rows`)
    const list = made === undefined ? [] : Array.isArray(made) ? made : [made]
    return list.length === 0 ? [] : [{ companion, rows: list }]
  })

/** The rows of several commands as one list for each companion, in the order of the commands. */
export const mergeCompanions = (all: readonly CompanionRows[]): readonly CompanionRows[] => {
  if (all.length < 2) return all
  const merged = new Map<string, CompanionRow[]>()
  for (const { companion, rows } of all) {
    const list = merged.get(companion)
    if (list) list.push(...rows)
    else merged.set(companion, [...rows])
  }
  return [...merged].map(([companion, rows]) => ({ companion, rows }))
}
