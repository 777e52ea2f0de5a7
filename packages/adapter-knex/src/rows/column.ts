import { fromInstant, toInstant } from '../database/statement.js'

/** How the values of a column travel to Postgres, all in one parameter, and back, one by one. */
interface Codec {
  readonly type: string
  /** The parameter as rows. */
  readonly rows: (parameter: string) => string
  readonly encode: <Row>(rows: readonly Row[], pick: (row: Row) => unknown) => string
  readonly read: (text: string) => unknown
  /** The expression that reads a column, where that is not the column itself. */
  readonly select?: (column: string) => string
  /** The expression that stores what has travelled, where that is not the value itself. */
  readonly store?: (value: string) => string
}

/** An integer that JavaScript holds exactly; the tables' constraints see to it. */
const toNumber = (text: string): number => {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${text} is not an exact integer`)
  return number
}

const quote = (value: unknown): string => {
  const text = String(value)
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`
}

const same = (text: string): string => text

const array = (type: string, write: (value: unknown) => string): Pick<Codec, 'type' | 'rows' | 'encode'> => ({
  type: `${type}[]`,
  rows: (parameter) => `unnest(${parameter}::${type}[])`,
  encode(rows, pick) {
    let text = '{'
    for (const row of rows) {
      const value = pick(row)
      if (text.length > 1) text += ','
      text += value === null || value === undefined ? 'NULL' : write(value)
    }
    return `${text}}`
  },
})

/** One document for all rows, which needs no escaping. A JSON null is a value like any other. */
const document = (type: 'json' | 'jsonb'): Codec => ({
  type,
  rows: (parameter) => `${type}_array_elements(${parameter}::${type})`,
  encode: (rows, pick) => JSON.stringify(rows.map((row) => pick(row) ?? null)),
  read: JSON.parse,
})

const codecs = {
  text: { ...array('text', quote), read: same },
  number: { ...array('bigint', String), read: toNumber },
  boolean: { ...array('boolean', String), read: (text) => text === 't' },
  instant: { ...array('bigint', String), read: toNumber, select: fromInstant, store: toInstant },
  day: { ...array('date', String), read: same, select: (column) => `to_char(${column}, 'YYYY-MM-DD')` },
  json: document('json'),
  jsonb: document('jsonb'),
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

/** One value of each row, as the parameter that `rowsFrom` reads. */
export const encode = <Row>(kind: Kind, rows: readonly Row[], pick: (row: Row) => unknown): string =>
  codec(kind).encode(rows, pick)

export const ids = (values: readonly string[]): string => encode('text', values, same)

/** Parameters as a table with these columns; the first of them is `$first`. */
export const rowsFrom = (columns: readonly Column[], alias: string, first = 1): string => {
  const parameters = columns.map(({ kind }, index) => codec(kind).rows(`$${first + index}`))
  return `rows from (${parameters.join(', ')}) as ${alias}(${columns.map(({ name }) => name).join(', ')})`
}
