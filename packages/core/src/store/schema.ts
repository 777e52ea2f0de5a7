import { sumOf } from '../model/lot.js'
import type { Instant } from '../shared/instant.js'
import type { LockName, ReadName } from './keys.js'
import type { Changes, Loaded, Rows, TableName } from './rows.js'

/** The name of a field of a row. */
type Field<Row> = keyof Row & string

/**
 * How `transact` reaches the rows of a table.
 *
 * - `locked`: under the keys of `Keys.lock`, locked until the commit.
 * - `read`: under the keys of `Keys.read`, without a lock.
 * - `with-parent`: together with the locked rows that they belong to.
 * - `never`: it only inserts them.
 */
export type TableAccess = 'locked' | 'read' | 'with-parent' | 'never'

/** What every store must know of a table. */
export interface TableSchema<Row, Key extends Field<Row> = Field<Row>, Access extends TableAccess = TableAccess> {
  /** The primary key: inserting a second row with it is a conflict. */
  readonly key: readonly Key[]
  /** How `transact` reaches its rows. */
  readonly access: Access
  /** The fields that an update may change. None in an append-only table. */
  readonly mutable: readonly Field<Row>[]
  /** Mutable fields that change often. An update that changes no other field writes only these. */
  readonly hot?: readonly Field<Row>[]
  /** Fields that are null in most rows. An insert of rows that have none of them leaves them out. */
  readonly sparse?: readonly Field<Row>[]
  /** Rows may be removed. */
  readonly removable?: true
  /** Names the values that break the row's constraint; undefined for a sound row. */
  readonly constraint?: (row: Row) => string | undefined
}

/** How `transact` accesses the rows of a table, by the names of the key lists. */
type AccessOf<T extends TableName> = T extends LockName
  ? 'locked'
  : T extends ReadName
    ? 'read'
    : 'with-parent' | 'never'

/** The declaration, from which the schema is derived. */
const declared = {
  fences: { key: ['job'], access: 'locked', mutable: ['token'] },
  rankings: { key: ['name'], access: 'locked', mutable: ['products', 'from', 'to', 'asOf'] },
  historyLosses: { key: ['lossId'], access: 'locked', mutable: ['acknowledgedAt', 'note'] },
  events: {
    key: ['eventId'],
    access: 'locked',
    mutable: ['status', 'attempts', 'nextAttemptAt', 'lastError'],
    sparse: ['lastError', 'traceparent'],
  },
  orders: {
    key: ['orderId'],
    access: 'locked',
    mutable: [
      'status',
      'expiresAt',
      'paidAt',
      'paymentId',
      'events',
      'sources',
      'refundedAmount',
      'refunds',
      'discountWithdrawnBy',
      'metadata',
    ],
    hot: ['status', 'expiresAt', 'paidAt', 'paymentId', 'events'],
    sparse: [
      'reference',
      'sources',
      'refundedAmount',
      'refunds',
      'discountWithdrawnBy',
      'discountedProductIds',
      'metadata',
      'eventTypes',
    ],
    constraint: ({ totalAmount, discountAmount, finalAmount }) =>
      0 <= discountAmount && discountAmount <= totalAmount && finalAmount === totalAmount - discountAmount
        ? undefined
        : `total ${totalAmount}, discount ${discountAmount} and final amount ${finalAmount}`,
  },
  wallets: {
    key: ['userId'],
    access: 'locked',
    mutable: ['balance', 'entries', 'lots'],
    hot: ['balance', 'entries'],
    sparse: ['lots'],
    constraint: ({ balance, lots }) => {
      if (balance < 0 || !Number.isSafeInteger(balance)) return `balance ${balance}`
      if (lots === null) return undefined
      if (lots.some(({ amount }) => amount < 1)) return 'a lot of less than 1'
      return sumOf(lots) > balance ? `lots of ${sumOf(lots)} in a balance of ${balance}` : undefined
    },
  },
  // No two entries of a kind carry the same reference. No two entries of kind `payment` name the same order.
  entries: {
    key: ['userId', 'sequence'],
    access: 'never',
    mutable: [],
    sparse: ['lots', 'reference', 'reason', 'metadata'],
  },
  // No two coupons have codes that are equal when folded.
  coupons: {
    key: ['couponId'],
    access: 'locked',
    mutable: ['validUntil', 'quantity', 'issued', 'metadata', 'events'],
    hot: ['issued'],
    sparse: ['productIds', 'code', 'metadata', 'events'],
    constraint: ({ issued, quantity }) =>
      0 <= issued && issued <= quantity ? undefined : `${issued} of ${quantity} issued`,
  },
  issuedCoupons: { key: ['couponId', 'userId'], access: 'locked', mutable: ['usedByOrderId', 'usedUntil'] },
  products: {
    key: ['productId'],
    access: 'locked',
    mutable: [
      'name',
      'price',
      'listed',
      'received',
      'stock',
      'held',
      'opensAt',
      'closesAt',
      'sale',
      'purchaseLimit',
      'metadata',
      'events',
    ],
    hot: ['received', 'stock', 'held'],
    sparse: ['opensAt', 'closesAt', 'sale', 'purchaseLimit', 'metadata', 'events'],
    constraint: ({ received, stock, held, purchaseLimit }) => {
      if (purchaseLimit !== null && purchaseLimit < 1) return `a purchase limit of ${purchaseLimit}`
      return 0 <= held && held <= stock && stock <= received
        ? undefined
        : `stock ${stock}, ${held} of it held, ${received} received`
    },
  },
  holds: {
    key: ['orderId', 'productId'],
    access: 'with-parent',
    mutable: ['quantity', 'expiresAt'],
    removable: true,
    constraint: ({ quantity }) => (quantity > 0 ? undefined : `quantity ${quantity}`),
  },
  outcomes: { key: ['scope', 'key'], access: 'read', mutable: [] },
  references: { key: ['reference', 'kind', 'owner'], access: 'read', mutable: [] },
  repairs: { key: ['repairId'], access: 'never', mutable: [] },
} as const satisfies { readonly [T in TableName]: TableSchema<Rows[T], Field<Rows[T]>, AccessOf<T>> }

/** The fields of a table's primary key. */
type KeyField<T extends TableName> = Extract<(typeof declared)[T]['key'][number], Field<Rows[T]>>

/** The primary key fields of each table. */
export type RowKey<T extends TableName> = Pick<Rows[T], KeyField<T>>

/** The declaration of each table. */
export type Schema = { readonly [T in TableName]: TableSchema<Rows[T], KeyField<T>, AccessOf<T>> }

/**
 * The fourteen tables, in the order in which they are locked and written. An adapter derives these from here:
 *
 * - the primary key of each table, and with `rowKey` a text for it;
 * - `lockOrder`, and which tables `transact` loads (`access`);
 * - what an update has to write (`mutable`), and what may be removed (`removable`);
 * - the constraints that a database can hold as a second line of defence.
 *
 * The adapter adds the names and types of columns, and the data outside these rows.
 */
export const schema: Schema = declared

/** The fourteen tables, in the order of the schema. */
export const tableNames = Object.keys(schema) as readonly TableName[]

/** The tables whose rows are locked, in the one order in which every transaction locks them. */
export const lockOrder: readonly LockName[] = tableNames.filter(
  (name): name is LockName => schema[name].access === 'locked',
)

/** Tables whose rows are only ever inserted. */
export const isAppendOnly = (name: TableName): boolean => schema[name].mutable.length === 0

type KeyText = (row: Readonly<Record<string, unknown>>) => string

/** Ids and references contain no space, so a space can separate them. */
const keyTextOf = ([first, ...more]: readonly string[]): KeyText => {
  const [second, ...others] = more
  if (second === undefined) return (row) => row[first as string] as string
  const both: KeyText = (row) => `${row[first as string]} ${row[second]}`
  return others.length === 0 ? both : (row) => others.reduce((text, name) => `${text} ${row[name]}`, both(row))
}

/** One text for the primary key of a row, different for different keys of one table. */
export const rowKey = Object.fromEntries(tableNames.map((name) => [name, keyTextOf(schema[name].key)])) as unknown as {
  readonly [T in TableName]: (row: RowKey<T>) => string
}

const forEach = (names: readonly TableName[], value: unknown) => Object.fromEntries(names.map((name) => [name, value]))

const loadedTables = tableNames.filter((name) => schema[name].access !== 'never')

/** The result of loading no row. */
export const nothingLoaded = (now: Instant): Loaded =>
  ({
    now,
    ...forEach(loadedTables, []),
    referencedEntries: [],
    openings: [],
    users: [],
    purchases: [],
    openOrders: [],
    couponCodes: [],
    terms: [],
    sales: [],
  }) as unknown as Loaded

/** Changes of no row. */
export const nothingChanged: Changes = {
  ...(forEach(tableNames, { inserted: [], updated: [], removed: [] }) as unknown as Omit<
    Changes,
    'sales' | 'companions'
  >),
  sales: [],
  companions: [],
} as Changes

/** Whether these are changes of no row: the transaction of such a group writes nothing, not even its mark. */
export const isUnchanged = (changes: Changes): boolean => {
  if (changes.sales.length > 0 || changes.companions.length > 0) return false
  for (const name of tableNames) {
    const { inserted, updated, removed } = changes[name]
    if (inserted.length > 0 || updated.length > 0 || removed.length > 0) return false
  }
  return true
}
