import type { Rows, TableName } from '../store/rows.js'
import { tableNames } from '../store/schema.js'

type Tables = { readonly [T in TableName]: Map<string, Rows[T]> }

/** Everything the store holds. Rows are replaced, never changed. */
export interface Data {
  readonly tables: Tables
  /** Units sold by `timeZone day productId`. */
  readonly sales: Map<
    string,
    { readonly timeZone: string; readonly day: string; readonly productId: string; readonly sold: number }
  >
  salesZone: string | undefined
  readonly views: Map<string, number>
  /** Committed groups, and groups that were reported as not committed. */
  readonly groups: Map<string, { readonly committed: boolean; readonly at: number }>
  /** The lease of each event that is being sent, and its end. */
  readonly leases: Map<string, { readonly lease: string; readonly until: number }>
  readonly sentAt: Map<string, number>
}

export const emptyData = (): Data => ({
  tables: Object.fromEntries(tableNames.map((name) => [name, new Map()])) as unknown as Tables,
  sales: new Map(),
  salesZone: undefined,
  views: new Map(),
  groups: new Map(),
  leases: new Map(),
  sentAt: new Map(),
})
