import type { TableName } from '@shop/core/commands'
import { tableNames } from '@shop/core/store'
import { firstLotEnd } from './rules.js'

/** The members of a row that SQL looks at. */
const columns: { readonly [T in TableName]: string } = {
  fences: 'job',
  rankings: 'name',
  events: 'eventId subject subjectId sequence status at nextAttemptAt',
  orders: 'orderId userId couponId status createdAt expiresAt paymentId reference',
  wallets: 'userId',
  entries: 'userId sequence entryId kind amount balance orderId at lots reference',
  coupons: 'couponId quantity issued createdAt validFrom validUntil code',
  issuedCoupons: 'couponId userId issuedAt',
  products: 'name price listed createdAt opensAt closesAt',
  holds: 'orderId productId quantity expiresAt',
  outcomes: 'at',
  references: 'kind owner reference',
  repairs: 'repairId',
  historyLosses: 'lossId detectedAt acknowledgedAt',
}

const table = (name: TableName) => {
  const generated = columns[name].split(' ').map((column) => `${column} as (data->>'${column}')`)
  return `create table if not exists "${name}" (key text primary key, data text not null, ${generated.join(', ')}
    ${name === 'events' ? ', lease text, leaseUntil integer not null default 0, sentAt integer' : ''});`
}

const indexes = `entries (userId, sequence); entries (orderId); entries (at, entryId); orders (userId);
  orders (status, expiresAt); orders (reference); wallets (${firstLotEnd}); holds (orderId); holds (productId); orders (paymentId); issuedCoupons (userId); issuedCoupons (couponId); events (subjectId); events (status)`

const index = (of: string) => `create index if not exists "${of}" on ${of};`

/** Rows as JSON under their keys; beside them what is in no row: daily sums, views, group marks. */
export const createTables = `${tableNames.map(table).join('\n')}
create table if not exists sales (timeZone, day, productId, sold, primary key (timeZone, day, productId));
create table if not exists views (productId text primary key, count integer);
create table if not exists groups (groupId text primary key, committed integer, at integer);
create table if not exists settings (name text primary key, value text);
${indexes.split(/;\s+/).map(index).join('\n')}
create unique index if not exists "entries by reference" on entries (reference, kind) where reference is not null;
create unique index if not exists "payments by order" on entries (orderId) where kind = 'payment';
create unique index if not exists "coupons by code" on coupons (lower(code)) where code is not null;`
