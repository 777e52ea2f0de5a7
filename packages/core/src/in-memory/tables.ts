import type { CompanionRow, Rows, TableName } from '../store/rows.js'
import { tableNames } from '../store/schema.js'

type Tables = { readonly [T in TableName]: Map<string, Rows[T]> }

/** A companion of the in-memory store. */
export interface CompanionTable {
  /**
   * The code of the constraint that a row violates, given the rows that are there; undefined for a sound row.
   * @default every row is sound
   */
  problem?(row: CompanionRow, rows: readonly CompanionRow[]): string | undefined
}

/** Everything the store holds. Rows are replaced, never changed. */
export interface Data {
  readonly tables: Tables
  /** Units sold by `timeZone day productId`. */
  readonly sales: Map<
    string,
    { readonly timeZone: string; readonly day: string; readonly productId: string; readonly sold: number }
  >
  salesZone: string | undefined
  /** The orders that an entry of kind `payment` names. */
  readonly paidOrders: Set<string>
  readonly views: Map<string, number>
  /** Committed groups, and groups that were reported as not committed. */
  readonly groups: Map<string, { readonly committed: boolean; readonly at: number }>
  /** The lease of each event that is being sent, and its end. */
  readonly leases: Map<string, { readonly lease: string; readonly until: number }>
  readonly sentAt: Map<string, number>
  readonly companions: ReadonlyMap<string, { readonly table: CompanionTable; readonly rows: CompanionRow[] }>
}

export const emptyData = (companions: Readonly<Record<string, CompanionTable>> = {}): Data => ({
  tables: Object.fromEntries(tableNames.map((name) => [name, new Map()])) as unknown as Tables,
  sales: new Map(),
  salesZone: undefined,
  paidOrders: new Set(),
  views: new Map(),
  groups: new Map(),
  leases: new Map(),
  sentAt: new Map(),
  companions: new Map(Object.entries(companions).map(([name, table]) => [name, { table, rows: [] }])),
})
