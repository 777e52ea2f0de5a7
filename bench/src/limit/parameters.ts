/** One statement of a batch. */
export interface Write {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Ids or numbers as an array of Postgres. Neither needs quotes. */
export const array = <Row>(rows: readonly Row[], pick: (row: Row) => string | number): string =>
  `{${rows.map(pick).join(',')}}`

/** JSON of all rows as one text, which `string_to_array(…, chr(30))` divides. No JSON text has this character. */
export const documents = <Row>(rows: readonly Row[], pick: (row: Row) => unknown): string =>
  rows.map((row) => JSON.stringify(pick(row))).join('\u001e')
