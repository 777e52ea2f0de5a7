import type { Raw } from '../database/session.js'
import { fromInstant, toInstant } from '../database/statement.js'

/** How values of a column travel to Postgres and back. */
interface Codec {
  /** The type of the array parameter in which they travel. */
  readonly array: string
  /** The expression that reads a column, where that is not the column itself. */
  readonly select?: (column: string) => string
  /** The expression that stores an element of the array, where that is not the element itself. */
  readonly store?: (element: string) => string
  readonly write: (value: unknown) => string
  readonly read: (text: string) => unknown
}

/** An integer that JavaScript holds exactly; the tables' constraints see to it. */
export const toNumber = (text: string): number => {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${text} is not an exact integer`)
  return number
}

const quote = (text: string): string => `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`

const same = (text: string): string => text

/** A JSON null is a value like any other. */
const writeJson = (value: unknown): string => quote(JSON.stringify(value ?? null))

const codecs = {
  text: { array: 'text[]', write: (value) => quote(value as string), read: same },
  number: { array: 'bigint[]', write: String, read: toNumber },
  boolean: { array: 'boolean[]', write: String, read: (text) => text === 't' || text === 'true' },
  instant: { array: 'bigint[]', select: fromInstant, store: toInstant, write: String, read: toNumber },
  day: { array: 'date[]', select: (column) => `to_char(${column}, 'YYYY-MM-DD')`, write: String, read: same },
  json: { array: 'json[]', write: writeJson, read: JSON.parse },
  jsonb: { array: 'jsonb[]', write: writeJson, read: JSON.parse },
} as const satisfies Record<string, Codec>

export type Kind = keyof typeof codecs

export const codec = (kind: Kind): Codec => codecs[kind]

export interface Column {
  readonly name: string
  readonly kind: Kind
}

const column =
  (kind: Kind) =>
  (name: string): Column => ({ name, kind })

export const text = column('text')
export const number = column('number')
export const boolean = column('boolean')
/** A timestamp with the precision of a millisecond. */
export const instant = column('instant')
export const day = column('day')
/** Comes back letter by letter as it was written. */
export const json = column('json')
/** Can be looked into by SQL. */
export const jsonb = column('jsonb')

/** An array as Postgres reads it, for a parameter of the column's array type. */
export const arrayOf = <Row>(kind: Kind, rows: readonly Row[], pick: (row: Row) => unknown): string => {
  const { write } = codec(kind)
  let text = '{'
  for (const row of rows) {
    const value = pick(row)
    if (text.length > 1) text += ','
    text += (value === null || value === undefined) && write !== writeJson ? 'NULL' : write(value)
  }
  return `${text}}`
}

export const ids = (values: readonly string[]): string => arrayOf('text', values, same)

export const readRaw = (kind: Kind, raw: Raw | undefined): unknown =>
  raw === null || raw === undefined ? null : codec(kind).read(raw)
