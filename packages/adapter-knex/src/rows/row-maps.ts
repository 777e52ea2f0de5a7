import {
  type Coupon,
  type CouponTerms,
  type Fence,
  foldName,
  type HistoryLoss,
  type Hold,
  type IssuedCoupon,
  type Order,
  type OutboxEvent,
  type Product,
  type Ranking,
  type Repair,
  type Rows,
  type StoredOutcome,
  type StoredReference,
  schema,
  sumOf,
  type TableName,
  type Wallet,
  type WalletEntry,
} from '@shop/core/store'
import type { tableNames } from '../database/names.js'
import {
  boolean,
  day,
  instant,
  json,
  jsonb,
  number,
  optionalInstant,
  optionalJson,
  optionalJsonb,
  optionalNumber,
  optionalText,
  subject,
  subjectId,
  subjectText,
  text,
} from './column.js'
import { type RowMap, rowMap } from './row-map.js'

export const wallets = rowMap<Wallet>(schema.wallets, {
  columns: {
    userId: text('user_id'),
    balance: number('balance'),
    entries: number('entries'),
    lots: optionalJsonb('lots'),
    createdAt: instant('created_at'),
  },
  derived: [
    { column: optionalNumber('bonus'), from: 'lots', value: ({ lots }) => lots && sumOf(lots) },
    // Lots are in spending order, so the first one ends first.
    { column: optionalInstant('next_lot_end'), from: 'lots', value: ({ lots }) => lots?.[0]?.expiresAt },
  ],
})

export const entries = rowMap<WalletEntry>(schema.entries, {
  columns: {
    userId: text('user_id'),
    sequence: number('sequence'),
    entryId: text('entry_id'),
    kind: text('kind'),
    amount: number('amount'),
    balance: number('balance'),
    orderId: optionalText('order_id'),
    at: instant('at'),
    lots: optionalJsonb('lots'),
    reference: optionalText('reference'),
    reason: optionalText('reason'),
    metadata: optionalJson('metadata'),
  },
})

export const products = rowMap<Product>(schema.products, {
  columns: {
    productId: text('product_id'),
    name: text('name'),
    price: number('price'),
    listed: boolean('listed'),
    received: number('supplied'),
    stock: number('stock'),
    held: number('held'),
    createdAt: instant('created_at'),
    opensAt: optionalInstant('opens_at'),
    closesAt: optionalInstant('closes_at'),
    sale: optionalJsonb('sale'),
    purchaseLimit: optionalNumber('purchase_limit'),
    metadata: optionalJson('metadata'),
    events: optionalNumber('events'),
  },
  derived: [{ column: text('folded_name'), from: 'name', value: ({ name }) => foldName(name) }],
})

export const holds = rowMap<Hold>(schema.holds, {
  columns: {
    orderId: text('order_id'),
    productId: text('product_id'),
    quantity: number('quantity'),
    expiresAt: instant('expires_at'),
  },
})

const terms = {
  couponId: text('coupon_id'),
  name: text('name'),
  discount: jsonb('discount'),
  validFrom: instant('valid_from'),
  validUntil: instant('valid_until'),
  minimumOrderAmount: optionalNumber('minimum_order_amount'),
  productIds: optionalJsonb('product_ids'),
  metadata: optionalJson('metadata'),
}

export const couponTerms = rowMap<CouponTerms>({ key: ['couponId'], mutable: [] }, { columns: terms })

export const coupons = rowMap<Coupon>(schema.coupons, {
  columns: {
    ...terms,
    quantity: number('quantity'),
    issued: number('issued'),
    createdAt: instant('created_at'),
    code: optionalText('code'),
    events: optionalNumber('events'),
  },
})

export const issuedCoupons = rowMap<IssuedCoupon>(schema.issuedCoupons, {
  columns: {
    couponId: text('coupon_id'),
    userId: text('user_id'),
    issuedAt: instant('issued_at'),
    usedByOrderId: optionalText('used_by_order_id'),
    usedUntil: optionalInstant('used_until'),
  },
  finder: 'userId',
})

export const orders = rowMap<Order>(schema.orders, {
  columns: {
    orderId: text('order_id'),
    userId: text('user_id'),
    status: text('status'),
    lines: jsonb('lines'),
    droppedLines: jsonb('dropped_lines'),
    couponId: optionalText('coupon_id'),
    totalAmount: number('total_amount'),
    discountAmount: number('discount_amount'),
    finalAmount: number('final_amount'),
    discountedProductIds: optionalJsonb('discounted_product_ids'),
    stockTakenAt: text('stock_taken_at'),
    couponConsumedAt: text('coupon_consumed_at'),
    createdAt: instant('created_at'),
    expiresAt: optionalInstant('expires_at'),
    paidAt: optionalInstant('paid_at'),
    paymentId: optionalText('payment_id'),
    events: number('events'),
    eventTypes: optionalJsonb('event_types'),
    reference: optionalText('reference'),
    sources: optionalJsonb('sources'),
    refundedAmount: optionalNumber('refunded_amount'),
    refunds: optionalJsonb('refunds'),
    discountWithdrawnBy: optionalText('discount_withdrawn_by'),
    metadata: optionalJson('metadata'),
  },
})

export const events = rowMap<OutboxEvent>(schema.events, {
  columns: {
    eventId: text('event_id'),
    type: text('type'),
    subject: subject('order_id'),
    subjectId: subjectId('order_id'),
    sequence: number('sequence'),
    data: json('data'),
    at: instant('at'),
    status: text('status'),
    attempts: number('attempts'),
    nextAttemptAt: instant('next_attempt_at'),
    lastError: optionalText('last_error'),
    traceparent: optionalText('traceparent'),
  },
  derived: [{ column: text('order_id'), from: 'subjectId', value: subjectText }],
  computed: ['subject', 'subjectId'],
  onUpdate: 'lease = null, leased_until = null',
})

export const outcomes = rowMap<StoredOutcome>(schema.outcomes, {
  columns: {
    scope: text('scope'),
    key: text('key'),
    fingerprint: text('fingerprint'),
    outcome: json('outcome'),
    at: instant('at'),
  },
})

export const references = rowMap<StoredReference>(schema.references, {
  columns: {
    reference: text('reference'),
    kind: text('kind'),
    owner: text('owner'),
    fingerprint: text('fingerprint'),
    result: json('result'),
    userId: text('user_id'),
    subjectId: text('subject_id'),
    entry: optionalNumber('entry'),
    at: instant('at'),
  },
})

const repairs = rowMap<Repair>(schema.repairs, {
  columns: {
    repairId: text('repair_id'),
    law: text('law'),
    subject: text('subject'),
    what: text('what'),
    before: json('before'),
    after: json('after'),
    at: instant('at'),
  },
})

export const historyLosses = rowMap<HistoryLoss>(schema.historyLosses, {
  columns: {
    lossId: text('loss_id'),
    detectedAt: instant('detected_at'),
    groups: number('groups'),
    commands: number('commands'),
    firstAt: instant('first_at'),
    lastAt: instant('last_at'),
    fromHistory: optionalText('from_history'),
    toHistory: text('to_history'),
    orderIds: jsonb('order_ids'),
    isPartial: boolean('is_partial'),
    acknowledgedAt: optionalInstant('acknowledged_at'),
    note: optionalText('note'),
  },
})

const fences = rowMap<Fence>(schema.fences, {
  columns: { job: text('job'), token: number('token') },
})

export const rankings = rowMap<Ranking>(schema.rankings, {
  columns: {
    name: text('name'),
    products: jsonb('products'),
    from: day('from_day'),
    to: day('to_day'),
    asOf: instant('as_of'),
  },
})

/** Every table of core. */
export const rowMaps: {
  readonly [T in TableName]: { readonly map: RowMap<Rows[T]>; readonly table: (typeof tableNames)[number] }
} = {
  fences: { map: fences, table: 'fences' },
  rankings: { map: rankings, table: 'rankings' },
  events: { map: events, table: 'events' },
  orders: { map: orders, table: 'orders' },
  wallets: { map: wallets, table: 'wallets' },
  entries: { map: entries, table: 'wallet_entries' },
  coupons: { map: coupons, table: 'coupons' },
  issuedCoupons: { map: issuedCoupons, table: 'issued_coupons' },
  products: { map: products, table: 'products' },
  holds: { map: holds, table: 'holds' },
  outcomes: { map: outcomes, table: 'outcomes' },
  references: { map: references, table: 'permanent_references' },
  repairs: { map: repairs, table: 'repairs' },
  historyLosses: { map: historyLosses, table: 'history_losses' },
}
