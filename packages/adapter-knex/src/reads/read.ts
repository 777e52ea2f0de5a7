import { coalesce, type ListQuery } from '@shop/core/store'
import { prepared, type Statement, toInstant } from '../database/statement.js'

/** A number of rows. Throws a RangeError for other values, which knex would ignore. */
export const rowCount = (value: number): number => {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a number of rows: ${value}`)
  return value
}

/** One of the values that may become part of SQL. Throws a RangeError for others. */
export const oneOf = <T extends string>(allowed: readonly T[], value: T | undefined): T | 'any' => {
  if (value === undefined) return 'any'
  if (!allowed.includes(value)) throw new RangeError(`not one of ${allowed.join(', ')}: ${value}`)
  return value
}

/** The values of `page`: time and id of the last row of the previous page, and how many rows to return. */
export const pageValues = ({ after, limit }: ListQuery): readonly unknown[] => [
  after?.at ?? null,
  after?.id ?? null,
  rowCount(limit),
]

interface PageOptions {
  readonly time: string
  readonly id: string
  /** The first of the three parameters. */
  readonly first: number
  readonly isFirst: boolean
}

/** The end of a query that lists the newest rows first: the rows after the last one of the previous page. */
export const page = ({ time, id, first, isFirst }: PageOptions): string => {
  // Both variants use the parameters, so that they take the same values.
  const after = isFirst
    ? `($${first}::bigint is null and $${first + 1}::text is null)`
    : `(${time}, ${id}) < (${toInstant(`$${first}::bigint`)}, $${first + 1}::text)`
  return `and ${after} order by ${time} desc, ${id} desc limit $${first + 2}::bigint`
}

/** Prepares each variant of a statement on first use. */
export const variants = <Key extends string>(text: (key: Key) => string): ((key: Key) => Statement) => {
  const statements = new Map<Key, Statement>()
  return (key) => {
    let statement = statements.get(key)
    if (!statement) {
      statement = prepared(text(key))
      statements.set(key, statement)
    }
    return statement
  }
}

/** First pages and later ones have separate plans: only the later ones start in the middle of an index. */
export type PageKey = 'first' | 'later'

export const pageKey = ({ after }: ListQuery): PageKey => (after ? 'later' : 'first')

/** Finds rows by their keys. */
export const finder = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): ((key: string) => Row | undefined) => {
  const found = new Map(rows.map((row) => [keyOf(row), row]))
  return (key) => found.get(key)
}

/** Lets concurrent callers with the same key share one read. */
export const readAlike = <Question, Found>(
  keyOf: (question: Question) => string,
  read: (question: Question) => Promise<Found>,
): ((question: Question) => Promise<Found>) => {
  const readers = new Map<string, { readonly ask: () => Promise<Found>; asking: number }>()
  const readerOf = (key: string, question: Question) => {
    const together = coalesce<undefined, Found>(async () => {
      const found = await read(question)
      return () => found
    })
    const reader = { ask: () => together(undefined), asking: 0 }
    readers.set(key, reader)
    return reader
  }
  return async (question) => {
    const key = keyOf(question)
    const reader = readers.get(key) ?? readerOf(key, question)
    reader.asking += 1
    try {
      return await reader.ask()
    } finally {
      reader.asking -= 1
      if (reader.asking === 0) readers.delete(key)
    }
  }
}
