import { keyText } from '../store/keys.js'
import type { Rows, TableName } from '../store/rows.js'

type Tables = { readonly [T in TableName]: Map<string, Rows[T]> }

export const rowKey: { readonly [T in TableName]: (row: Rows[T]) => string } = {
  fences: ({ job }) => job,
  rankings: ({ name }) => name,
  events: ({ eventId }) => eventId,
  orders: ({ orderId }) => orderId,
  wallets: ({ userId }) => userId,
  entries: ({ userId, sequence }) => `${userId} ${sequence}`,
  coupons: ({ couponId }) => couponId,
  issuedCoupons: keyText.issuedCoupon,
  products: ({ productId }) => productId,
  holds: keyText.hold,
  payments: ({ orderId }) => orderId,
  outcomes: keyText.outcome,
}

export const tableNames = Object.keys(rowKey) as readonly TableName[]

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
  /** Groups that committed, and those that were said not to have. */
  readonly groups: Map<string, { readonly committed: boolean; readonly at: number }>
  /** Who is sending an event, until when. */
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
