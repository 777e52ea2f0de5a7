import { StoreError } from '@shop/core/store'
import { fromInstant, toInstant } from '../database/statement.js'

/** How the values of a column travel to Postgres, all in one parameter, and back, one by one. */
interface Codec {
  readonly type: string
  /** The parameter as rows. */
  readonly rows: (parameter: string) => string
  /** How many values the parameter holds, and the first of them. */
  readonly count: (parameter: string) => string
  readonly first: (parameter: string) => string
  readonly encode: <Row>(rows: readonly Row[], pick: (row: Row) => unknown) => string
  /** What is the same, by `===`, for values that travel as the same one. */
  readonly identity: (value: unknown) => unknown
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

const plainText = /^(?!null$)[\w.:-]+$/i

/** An element of an array of texts; what means nothing to the reader of arrays, as ids do, needs no quotes. */
const element = (value: unknown): string => {
  const text = String(value)
  return plainText.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}

const same = (text: string): string => text

const array = (
  type: string,
  write: (value: unknown) => string,
  ofNull = 'NULL',
): Omit<Codec, 'read' | 'select' | 'store'> => ({
  type: `${type}[]`,
  rows: (parameter) => `unnest(${parameter}::${type}[])`,
  count: (parameter) => `cardinality(${parameter}::${type}[])`,
  first: (parameter) => `(${parameter}::${type}[])[1]`,
  identity: (value) => value ?? null,
  encode(rows, pick) {
    const texts = rows.map((row) => {
      const value = pick(row)
      return value === null || value === undefined ? ofNull : write(value)
    })
    return `{${texts.join(',')}}`
  },
})

/** A null among integers: less than any that JavaScript holds exactly. */
const noNumber = '-9007199254740992'

/** Whether an array may say NULL is a setting of the database, so a null travels as a value that no other has. */
const orNull = {
  text: array('text', (value) => element(`=${value}`), '""'),
  number: array('bigint', String, noNumber),
}
const textOrNull = (value: string): string => `substr(nullif(${value}, ''), 2)`
const numberOrNull = (value: string): string => `nullif(${value}, ${noNumber})`

/** No JSON text holds it: there, control characters are escaped. */
const separator = '\u001e'

/** A result or a refusal of the host's may be no JSON: then only its own command of the group fails. */
const write = (value: unknown): string => {
  try {
    return JSON.stringify(value ?? null)
  } catch (cause) {
    throw new StoreError('rejected', `what is stored must be JSON: ${String(cause)}`, { cause })
  }
}

/**
 * One text for all rows, without any escaping; it becomes JSON row by row. A JSON null is a value like any other, unless the
 * column is optional: then it is SQL's null.
 */
const documents = (type: 'json' | 'jsonb', isOptional = false): Codec => {
  const texts = (parameter: string) => `string_to_array(${parameter}::text, chr(30)${isOptional ? `, 'null'` : ''})`
  return {
    type,
    rows: (parameter) => `unnest(${texts(parameter)})`,
    count: (parameter) => `cardinality(${texts(parameter)})`,
    first: (parameter) => (isOptional ? `nullif(${parameter}::text, 'null')` : `${parameter}::text`),
    identity: write,
    encode: (rows, pick) => rows.map((row) => write(pick(row))).join(separator),
    read: JSON.parse,
    store: (value) => `${value}::${type}`,
  }
}

const codecs = {
  text: { ...array('text', element), read: same },
  number: { ...array('bigint', String), read: toNumber },
  boolean: { ...array('boolean', String), read: (text) => text === 't' },
  instant: { ...array('bigint', String), read: toNumber, select: fromInstant, store: toInstant },
  subject: {
    ...array('text', element),
    read: same,
    select: (column) => `case when strpos(${column}, ' ') = 0 then 'order' else split_part(${column}, ' ', 1) end`,
  },
  subjectId: {
    ...array('text', element),
    read: same,
    select: (column) => `substr(${column}, strpos(${column}, ' ') + 1)`,
  },
  optionalText: { ...orNull.text, read: same, store: textOrNull },
  optionalNumber: { ...orNull.number, read: toNumber, store: numberOrNull },
  optionalInstant: {
    ...orNull.number,
    read: toNumber,
    select: fromInstant,
    store: (value) => toInstant(numberOrNull(value)),
  },
  day: { ...array('date', String), read: same, select: (column) => `to_char(${column}, 'YYYY-MM-DD')` },
  json: documents('json'),
  jsonb: documents('jsonb'),
  optionalJson: documents('json', true),
  optionalJsonb: documents('jsonb', true),
} as const satisfies Record<string, Codec>

export type Kind = keyof typeof codecs

export const codec = (kind: Kind): Codec => codecs[kind]

export interface Column<K extends Kind = Kind> {
  readonly name: string
  readonly kind: K
}

/** What may hold a null: JSON has one of its own. */
export type OptionalKind =
  | 'optionalText'
  | 'optionalNumber'
  | 'optionalInstant'
  | 'optionalJson'
  | 'optionalJsonb'
  | 'json'
  | 'jsonb'

const column =
  <K extends Kind>(kind: K) =>
  (name: string): Column<K> => ({ name, kind })

export const text = column('text')
export const number = column('number')
/** The kind and the id of an event's subject, both read from the text that {@link subjectText} makes. */
export const subject = column('subject')
export const subjectId = column('subjectId')
export const boolean = column('boolean')
/** A timestamp with the precision of a millisecond. */
export const instant = column('instant')
export const optionalText = column('optionalText')
export const optionalNumber = column('optionalNumber')
export const optionalInstant = column('optionalInstant')
export const day = column('day')
/** Comes back letter by letter as it was written. */
export const json = column('json')
/** Can be looked into by SQL. */
export const jsonb = column('jsonb')
export const optionalJson = column('optionalJson')
export const optionalJsonb = column('optionalJsonb')

/** The id of an order as it is; any other id after its kind and a space, which no id contains. */
export const subjectText = (event: { readonly subject: string; readonly subjectId: string }): string =>
  event.subject === 'order' ? event.subjectId : `${event.subject} ${event.subjectId}`

/** One value of each row, as the parameter that `rowsFrom` reads. */
export const encode = <Row>(kind: Kind, rows: readonly Row[], pick: (row: Row) => unknown): string =>
  codec(kind).encode(rows, pick)

/** The expression that stores what has travelled. */
export const stored = (kind: Kind, value: string): string => codec(kind).store?.(value) ?? value

export const ids = (values: readonly string[]): string => encode('text', values, same)

/** Parameters as a table with these columns, of as many rows as the longest has; the first of them is `$first`. */
export const rowsFrom = (columns: readonly Column[], alias: string, first = 1): string => {
  const parameters = columns.map(({ kind }, index) => codec(kind).rows(`$${first + index}`))
  return `rows from (${parameters.join(', ')}) as ${alias}(${columns.map(({ name }) => name).join(', ')})`
}

/** How rows travel as parameters. */
export interface ColumnEncoding {
  readonly encode: typeof encode
  readonly from: typeof rowsFrom
}

/** Every column has a value for each row. */
export const perRow: ColumnEncoding = { encode, from: rowsFrom }

/**
 * A column has a single value where all rows have the same one: most of what a group writes is alike in all its rows – times,
 * statuses, what is null – and is then neither sent nor unpacked for each. Which columns do is found out while
 * planning: it costs some 2 µs for each column, and pays for itself from some dozens of rows on.
 */
export const constant: ColumnEncoding = {
  encode(kind, rows, pick) {
    const { identity } = codec(kind)
    const first = rows.slice(0, 1)
    const [only] = first.map((row) => identity(pick(row)))
    const isShared = rows.every((row) => identity(pick(row)) === only)
    return encode(kind, isShared ? first : rows, pick)
  },
  from(columns, alias, first = 1) {
    const values = columns.map(({ name, kind }, index) => {
      const parameter = `$${first + index}`
      const { count, first: single } = codec(kind)
      return `case when ${count(parameter)} = 1 then ${single(parameter)} else each.${name} end as ${name}`
    })
    return `(select ${values.join(', ')} from ${rowsFrom(columns, 'each', first)}) as ${alias}`
  },
}
