import type { Raw } from '../database/session.js'
import { type Column, codec, type Kind, readRaw } from './column.js'

interface TableSpec<Row> {
  /** The fields that tell rows apart. They come first among the columns. */
  readonly key: readonly (keyof Row & string)[]
  readonly columns: { readonly [F in keyof Row & string]-?: Column }
  /** The fields that may change once a row is there. */
  readonly mutable?: readonly (keyof Row & string)[]
  /** A column that follows from the row. */
  readonly derived?: {
    readonly column: Column
    readonly from: keyof Row & string
    readonly value: (row: Row) => unknown
  }
  /** More that an update does. */
  readonly onUpdate?: string
}

interface Stored<Row> extends Column {
  readonly value: (row: Row) => unknown
}

/** How rows of core lie in a table: the one place that knows the columns of it. */
export class RowMap<Row> {
  readonly key: readonly Column[]
  /** Columns that an insert fills. */
  readonly stored: readonly Stored<Row>[]
  /** Columns that an update sets. */
  readonly changing: readonly Stored<Row>[]
  readonly onUpdate: string | undefined
  readonly #fields: readonly { readonly field: keyof Row & string; readonly column: Column }[]

  constructor({ key, columns, mutable = [], derived, onUpdate }: TableSpec<Row>) {
    const fields = Object.entries(columns) as [keyof Row & string, Column][]
    this.#fields = fields.map(([field, column]) => ({ field, column }))
    const own = fields.map(([field, column]) => ({ ...column, field, value: (row: Row): unknown => row[field] }))
    const extra = derived ? [{ ...derived.column, field: derived.from, value: derived.value }] : []
    this.key = key.map((field) => columns[field])
    this.stored = [...own, ...extra]
    this.changing = this.stored.filter((_, index) =>
      mutable.includes([...own, ...extra][index]?.field as keyof Row & string),
    )
    this.onUpdate = onUpdate
  }

  /** How many columns `list` has. */
  get width(): number {
    return this.#fields.length
  }

  /** The select list that `read` understands. */
  list(alias: string): string {
    return this.#expressions(alias).join(', ')
  }

  /** A row as one JSON array that `fromJson` understands. */
  json(alias: string): string {
    return `json_build_array(${this.#expressions(alias).join(', ')})`
  }

  #expressions(alias: string): string[] {
    return this.#fields.map(
      ({ column: { name, kind } }) => codec(kind).select?.(`${alias}.${name}`) ?? `${alias}.${name}`,
    )
  }

  /** The row whose columns begin at `offset`. */
  read(raw: readonly Raw[], offset = 0): Row {
    const row: Record<string, unknown> = {}
    for (const [index, { field, column }] of this.#fields.entries())
      row[field] = readRaw(column.kind, raw[offset + index])
    return row as Row
  }

  /** The same, where an outer join may have found nothing. */
  readFound(raw: readonly Raw[], offset = 0): Row | undefined {
    return raw[offset] === null ? undefined : this.read(raw, offset)
  }

  fromJson(values: readonly unknown[]): Row {
    return Object.fromEntries(this.#fields.map(({ field }, index) => [field, values[index]])) as Row
  }
}

export const rowMap = <Row>(spec: TableSpec<Row>): RowMap<Row> => new RowMap(spec)

/** `unnest` of array parameters, as a table whose columns have these names; `$1` is the first of them unless said otherwise. */
export const unnest = (
  columns: readonly { readonly name: string; readonly kind: Kind }[],
  alias: string,
  first = 1,
): string => {
  const parameters = columns.map(({ kind }, index) => `$${first + index}::${codec(kind).array}`)
  return `unnest(${parameters.join(', ')}) as ${alias}(${columns.map(({ name }) => name).join(', ')})`
}
