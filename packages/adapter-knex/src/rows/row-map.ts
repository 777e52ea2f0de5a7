import type { TableSchema } from '@shop/core/store'
import type { Raw } from '../database/session.js'
import { type Column, codec, type Kind, type OptionalKind } from './column.js'

type Field<Row> = keyof Row & string

/** What core declares of a table. */
type Declared<Row> = Pick<TableSchema<Row>, 'key' | 'mutable' | 'hot' | 'sparse'>

interface RowMapSpec<Row> {
  readonly columns: { readonly [F in Field<Row>]-?: Column<null extends Row[F] ? OptionalKind : Kind> }
  /** Columns that follow from a field. */
  readonly derived?: readonly {
    readonly column: Column
    readonly from: Field<Row>
    readonly value: (row: Row) => unknown
  }[]
  /** Fields that are only read from their column: a derived one fills it. */
  readonly computed?: readonly Field<Row>[]
  /** More that an update does. */
  readonly onUpdate?: string
  /** The field of the key that few rows have in common, and that an index begins with. @default the first one */
  readonly finder?: Field<Row>
}

/** A column, and how its value comes out of a row. */
export interface Stored<Row> extends Column {
  readonly field: Field<Row>
  readonly value: (row: Row) => unknown
}

/** How rows of core lie in a table: the only place that knows its columns. */
export class RowMap<Row> {
  readonly key: readonly Stored<Row>[]
  /** The column of the key that finds rows: few have the same value. */
  readonly finder: Stored<Row>
  /** Columns that an insert fills. */
  readonly stored: readonly Stored<Row>[]
  /** Columns that an update sets. */
  readonly changing: readonly Stored<Row>[]
  /** Those that are enough where only hot fields have changed; none where the table has no such. */
  readonly hot: readonly Stored<Row>[]
  readonly onUpdate: string | undefined
  readonly #expressions: readonly ((alias: string) => string)[]
  readonly #fields: readonly Field<Row>[]
  readonly #reads: readonly ((text: string) => unknown)[]
  /** A row of nulls. Its copies have room for every field; objects that grow field by field are slower. */
  readonly #nulls: Readonly<Record<string, unknown>>
  readonly #sparse: readonly Field<Row>[]
  readonly #insertColumns = new Map<string, readonly Stored<Row>[]>()
  /** Fields in which two versions of a row are alike if only hot fields have changed. */
  readonly #cold: readonly Field<Row>[]

  constructor(
    { key, mutable, hot = [], sparse = [] }: Declared<Row>,
    { columns, derived = [], computed = [], onUpdate, finder = key[0] }: RowMapSpec<Row>,
  ) {
    this.#fields = Object.keys(columns) as Field<Row>[]
    this.#nulls = Object.fromEntries(this.#fields.map((field) => [field, null]))
    this.#reads = this.#fields.map((field) => codec(columns[field].kind).read)
    this.#expressions = this.#fields.map((field) => {
      const { name, kind } = columns[field]
      const { select } = codec(kind)
      return (alias) => select?.(`${alias}.${name}`) ?? `${alias}.${name}`
    })
    this.stored = [
      ...this.#fields
        .filter((field) => !computed.includes(field))
        .map((field) => ({ ...columns[field], field, value: (row: Row): unknown => row[field] })),
      ...derived.map(({ column, from, value }) => ({ ...column, field: from, value })),
    ]
    this.#sparse = sparse
    this.key = this.stored.filter(({ field }) => key.includes(field))
    this.finder = this.key.find(({ field }) => field === finder) as Stored<Row>
    this.changing = this.stored.filter(({ field }) => mutable.includes(field))
    this.hot = this.stored.filter(({ field }) => hot.includes(field))
    this.#cold = hot.length === 0 ? [] : mutable.filter((field) => !hot.includes(field))
    this.onUpdate = onUpdate
  }

  /** How many columns `list` has. */
  get width(): number {
    return this.#fields.length
  }

  /** The select list that `read` understands. */
  list(alias: string): string {
    return this.#expressions.map((expression) => expression(alias)).join(', ')
  }

  /** A row as one JSON array that `fromJson` understands. */
  json(alias: string): string {
    return `json_build_array(${this.list(alias)})`
  }

  /** The row whose columns begin at `offset`. */
  read(raw: readonly Raw[], offset = 0): Row {
    const row = { ...this.#nulls }
    for (let index = 0; index < this.#fields.length; index += 1) {
      const text = raw[offset + index]
      const read = this.#reads[index] as (text: string) => unknown
      if (text !== null && text !== undefined) row[this.#fields[index] as string] = read(text)
    }
    return row as Row
  }

  /** The same, where an outer join may have found nothing. */
  readFound(raw: readonly Raw[], offset = 0): Row | undefined {
    return raw[offset] === null ? undefined : this.read(raw, offset)
  }

  fromJson(values: readonly unknown[]): Row {
    const row = { ...this.#nulls }
    for (let index = 0; index < this.#fields.length; index += 1) row[this.#fields[index] as string] = values[index]
    return row as Row
  }

  /** Whether only hot fields differ between two versions of a row. */
  differsOnlyInHot(before: Row, after: Row): boolean {
    return this.hot.length > 0 && this.#cold.every((field) => before[field] === after[field])
  }

  /**
   * The columns that an insert of these rows needs: sparse fields that are null in all rows are left out. `shape` is one text
   * for each choice of columns.
   */
  insertColumns(rows: readonly Row[]): { readonly shape: string; readonly columns: readonly Stored<Row>[] } {
    let shape = ''
    for (const field of this.#sparse) shape += rows.every((row) => row[field] === null) ? '0' : '1'
    let columns = this.#insertColumns.get(shape)
    if (!columns) {
      const left = this.#sparse.filter((_, index) => shape[index] === '0')
      columns = this.stored.filter(({ field }) => !left.includes(field))
      this.#insertColumns.set(shape, columns)
    }
    return { shape, columns }
  }
}

export const rowMap = <Row>(declared: Declared<Row>, spec: RowMapSpec<Row>): RowMap<Row> => new RowMap(declared, spec)
