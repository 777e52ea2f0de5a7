import { WorkingSet } from '../engine/working-set.js'
import { emptyData } from '../in-memory/tables.js'
import { load } from '../in-memory/transact.js'
import { noKeys } from '../store/keys.js'
import type { Changes, Rows, TableName } from '../store/rows.js'

/** Changes of no row at all. */
export const nothingChanges: Changes = new WorkingSet(noKeys, load(emptyData(), noKeys, 0)).changes()

/** Rows by table. */
type RowsOf = { readonly [T in TableName]?: readonly Rows[T][] }

/** Changes of these rows and no other. */
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
  Object.fromEntries(
    Object.keys(nothingChanges).map((name) => {
      const table = name as TableName
      const rows = { inserted: inserted[table] ?? [], updated: updated[table] ?? [], removed: removed[table] ?? [] }
      return [name, name === 'sales' ? sales : rows]
    }),
  ) as unknown as Changes
