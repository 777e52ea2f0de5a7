import type { Changes, Rows, TableName } from '../store/rows.js'
import { tableNames } from '../store/schema.js'

/** Rows by table. */
type RowsOf = { readonly [T in TableName]?: readonly Rows[T][] }

/** Changes of these rows only. */
export const changesOf = (
  {
    inserted = {},
    updated = {},
    removed = {},
  }: {
    readonly inserted?: RowsOf
    readonly updated?: RowsOf
    readonly removed?: RowsOf
  },
  sales: Changes['sales'] = [],
): Changes =>
  ({
    ...Object.fromEntries(
      tableNames.map((table) => [
        table,
        { inserted: inserted[table] ?? [], updated: updated[table] ?? [], removed: removed[table] ?? [] },
      ]),
    ),
    sales,
    companions: [],
  }) as unknown as Changes
