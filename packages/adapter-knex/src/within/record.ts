import type { PostgresText } from './connection.js'

/** A statement whose first expression writes cannot be wrapped, and its rows are not used. */
const writes = /^\s*with\s+\w+\s+as\s*\(\s*(insert|update|delete)\b/i
const reads = /^\s*(select|with)\b/i

/** Whether the rows of a statement are used. */
const hasRows = (text: string): boolean => reads.test(text) && !writes.test(text)

/** Each row as one text, in the format of a composite value: the text format of each field, whatever its type. */
const asRecords = (text: string): string =>
  `with shop_rows as (${text}) select shop_rows::text as record from shop_rows`

/** Where a quoted field ends. Quotes and backslashes inside it are doubled. */
const endOfQuoted = (record: string, from: number): number => {
  let end = record.indexOf('"', from)
  while (record[end + 1] === '"') end = record.indexOf('"', end + 2)
  return end
}

const endOfBare = (record: string, from: number): number => {
  const comma = record.indexOf(',', from)
  return comma === -1 ? record.length - 1 : comma
}

/** Reads a composite value. Throws a TypeError for other texts. */
export const parseRecord = (record: string): readonly PostgresText[] => {
  if (!record.startsWith('(') || !record.endsWith(')')) throw new TypeError(`not a record of Postgres: ${record}`)
  const fields: PostgresText[] = []
  let at = 0
  while (at < record.length - 1) {
    const from = at + 1
    if (record[from] === '"') {
      const end = endOfQuoted(record, from + 1)
      fields.push(record.slice(from + 1, end).replace(/""|\\\\/g, (pair) => pair.charAt(0)))
      at = end + 1
    } else {
      at = endOfBare(record, from)
      fields.push(record.slice(from, at) || null)
    }
  }
  return fields
}

/** Sends a statement through a builder that parses fields, and whose rows are objects. */
type SendRows = (text: string, values: readonly PostgresText[]) => Promise<unknown>

/** Rows as texts, from a builder that would parse their fields. `execute` sends what returns no rows. */
export const queryAsRecords =
  (send: SendRows, execute: (text: string, values: readonly PostgresText[]) => Promise<unknown>) =>
  async (text: string, values: readonly PostgresText[]): Promise<readonly (readonly PostgresText[])[]> => {
    if (!hasRows(text)) {
      await execute(text, values)
      return []
    }
    const rows = (await send(asRecords(text), values)) as readonly { readonly record: string }[]
    return rows.map(({ record }) => parseRecord(record))
  }
