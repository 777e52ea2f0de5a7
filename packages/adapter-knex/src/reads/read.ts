import { coalesce, type ListQuery } from '@shop/core/store'
import { prepared, type Statement, toInstant } from '../database/statement.js'

/** A number of rows. knex drops a limit it does not understand; we do not. */
export const rowCount = (value: number): number => {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a number of rows: ${value}`)
  return value
}

/** One of the values that SQL is made for: whatever else a caller passes never comes near it. */
export const oneOf = <T extends string>(allowed: readonly T[], value: T | undefined): T | 'any' => {
  if (value === undefined) return 'any'
  if (!allowed.includes(value)) throw new RangeError(`not one of ${allowed.join(', ')}: ${value}`)
  return value
}

/** The values of `page`: time and id of the last row that was seen, and how many rows to show. */
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

/** The end of a list that shows the newest first: what lies behind the last row that was seen, in order. */
export const page = ({ time, id, first, isFirst }: PageOptions): string => {
  // The parameters stand in both, so that one list of values serves.
  const behind = isFirst
    ? `($${first}::bigint is null and $${first + 1}::text is null)`
    : `(${time}, ${id}) < (${toInstant(`$${first}::bigint`)}, $${first + 1}::text)`
  return `and ${behind} order by ${time} desc, ${id} desc limit $${first + 2}::bigint`
}

/** Prepares each variant of a statement when it is first needed. */
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

/** First pages and later ones are planned apart: only the later ones begin in the middle of an index. */
export type PageKey = 'first' | 'later'

export const pageKey = ({ after }: ListQuery): PageKey => (after ? 'later' : 'first')

/** What each key found, by the key in the row. */
export const finder = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): ((key: string) => Row | undefined) => {
  const found = new Map(rows.map((row) => [keyOf(row), row]))
  return (key) => found.get(key)
}

/** Reads once for all who ask the same while such a read is under way; questions with the same key are the same. */
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
