import { keyText, type Rows, type TableName } from '@shop/core/store'

interface Table<Row> {
  /** The primary key: what makes a second insert of the same thing a conflict. */
  readonly key: (row: Row) => string
  /** The members of a row that SQL looks at. */
  readonly columns: string
}

export const tables: { readonly [T in TableName]: Table<Rows[T]> } = {
  fences: { key: ({ job }) => job, columns: 'job' },
  rankings: { key: ({ name }) => name, columns: 'name' },
  events: { key: ({ eventId }) => eventId, columns: 'eventId orderId sequence status at nextAttemptAt' },
  orders: { key: ({ orderId }) => orderId, columns: 'orderId userId couponId status createdAt expiresAt' },
  wallets: { key: ({ userId }) => userId, columns: 'userId' },
  entries: {
    key: ({ userId, sequence }) => `${userId} ${sequence}`,
    columns: 'userId sequence orderId amount balance',
  },
  coupons: { key: ({ couponId }) => couponId, columns: 'couponId quantity issued createdAt validFrom validUntil' },
  issuedCoupons: { key: keyText.issuedCoupon, columns: 'couponId userId issuedAt' },
  products: { key: ({ productId }) => productId, columns: 'name price listed createdAt' },
  holds: { key: keyText.hold, columns: 'orderId productId quantity expiresAt' },
  payments: { key: ({ orderId }) => orderId, columns: 'paymentId orderId' },
  outcomes: { key: keyText.outcome, columns: 'at' },
}

export const tableNames = Object.keys(tables) as readonly TableName[]

const table = (name: TableName) => {
  const columns = tables[name].columns.split(' ').map((column) => `${column} as (data->>'${column}')`)
  return `create table if not exists ${name} (key text primary key, data text not null, ${columns.join(', ')}
    ${name === 'events' ? ', lease text, leaseUntil integer not null default 0, sentAt integer' : ''});`
}

const indexes = `entries (userId, sequence); entries (orderId); orders (userId); orders (status, expiresAt); holds (orderId);
  holds (productId); payments (paymentId); issuedCoupons (userId); issuedCoupons (couponId); events (orderId); events (status)`

const index = (of: string) => `create index if not exists "${of}" on ${of};`

/** Rows as JSON under their keys; beside them what is in no row: daily sums, views, group marks. */
export const schema = `${tableNames.map(table).join('\n')}
create table if not exists sales (timeZone, day, productId, sold, primary key (timeZone, day, productId));
create table if not exists views (productId text primary key, count integer);
create table if not exists groups (groupId text primary key, committed integer, at integer);
create table if not exists settings (name text primary key, value text);
${indexes.split(/;\s+/).map(index).join('\n')}`
