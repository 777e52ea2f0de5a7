import type {
  Changes,
  Coupon,
  Hold,
  IssuedCoupon,
  Loaded,
  Order,
  OutboxEvent,
  Payment,
  Product,
  Rows,
  SalesChange,
  TableName,
  Wallet,
  WalletEntry,
} from '@shop/core/store'

/** The current time of the tests. */
export const noon = Date.UTC(2026, 4, 17, 12)

export const walletOf = (userId: string, balance = 0, entries = 0): Wallet => ({
  userId,
  balance,
  entries,
  createdAt: noon,
})

export const entryOf = (userId: string, sequence: number, more: Partial<WalletEntry> = {}): WalletEntry => ({
  entryId: `${userId}-entry-${sequence}`,
  userId,
  sequence,
  kind: 'charge',
  amount: 100,
  balance: 100 * sequence,
  orderId: null,
  at: noon,
  ...more,
})

export const productOf = (productId: string, more: Partial<Product> = {}): Product => ({
  productId,
  name: `Product ${productId}`,
  price: 1_000,
  listed: true,
  received: 10,
  stock: 10,
  held: 0,
  createdAt: noon,
  ...more,
})

export const holdOf = (orderId: string, productId: string, more: Partial<Hold> = {}): Hold => ({
  orderId,
  productId,
  quantity: 1,
  expiresAt: noon + 60_000,
  ...more,
})

export const couponOf = (couponId: string, more: Partial<Coupon> = {}): Coupon => ({
  couponId,
  name: `Coupon ${couponId}`,
  discount: { kind: 'fixed', amount: 500 },
  validFrom: noon - 1_000,
  validUntil: noon + 3_600_000,
  minimumOrderAmount: null,
  quantity: 10,
  issued: 0,
  createdAt: noon,
  ...more,
})

export const issuedOf = (couponId: string, userId: string, more: Partial<IssuedCoupon> = {}): IssuedCoupon => ({
  couponId,
  userId,
  issuedAt: noon,
  usedByOrderId: null,
  usedUntil: null,
  ...more,
})

export const orderOf = (orderId: string, more: Partial<Order> = {}): Order => ({
  orderId,
  userId: 'ann',
  status: 'pending',
  lines: [{ productId: 'tea', name: 'Tea', unitPrice: 1_000, quantity: 2, amount: 2_000 }],
  droppedLines: [],
  couponId: null,
  totalAmount: 2_000,
  discountAmount: 0,
  finalAmount: 2_000,
  stockTakenAt: 'order',
  couponConsumedAt: 'order',
  createdAt: noon,
  expiresAt: noon + 900_000,
  paidAt: null,
  paymentId: null,
  events: 0,
  ...more,
})

export const paidOrderOf = (orderId: string, more: Partial<Order> = {}): Order =>
  orderOf(orderId, {
    status: 'paid',
    expiresAt: null,
    paidAt: noon,
    paymentId: `${orderId}-payment`,
    events: 1,
    ...more,
  })

export const paymentOf = (orderId: string, more: Partial<Payment> = {}): Payment => ({
  paymentId: `${orderId}-payment`,
  orderId,
  userId: 'ann',
  amount: 2_000,
  balance: 0,
  paidAt: noon,
  ...more,
})

export const eventOf = (orderId: string, sequence = 1, more: Partial<OutboxEvent> = {}): OutboxEvent => ({
  eventId: `${orderId}-event-${sequence}`,
  type: 'order.paid',
  orderId,
  sequence,
  data: { orderId, sequence, nested: { 'ü%"\\': ['한국어', null] } } as unknown as OutboxEvent['data'],
  at: noon,
  status: 'pending',
  attempts: 0,
  nextAttemptAt: noon,
  lastError: null,
  ...more,
})

type ChangedRows = { readonly [T in TableName]?: readonly Rows[T][] }

const tables: readonly TableName[] = [
  'fences',
  'rankings',
  'events',
  'orders',
  'wallets',
  'entries',
  'coupons',
  'issuedCoupons',
  'products',
  'holds',
  'payments',
  'outcomes',
]

export interface SomeChanges {
  readonly inserted?: ChangedRows
  readonly updated?: ChangedRows
  readonly removed?: ChangedRows
  readonly sales?: readonly SalesChange[]
}

/** Changes from those of some tables; the others have none. */
export const changing = ({ inserted = {}, updated = {}, removed = {}, sales = [] }: SomeChanges): Changes =>
  ({
    ...Object.fromEntries(
      tables.map((table) => [
        table,
        { inserted: inserted[table] ?? [], updated: updated[table] ?? [], removed: removed[table] ?? [] },
      ]),
    ),
    sales,
  }) as Changes

export const nothing: Changes = changing({})

/** The rows that a store loaded, without the time and empty lists. */
export const foundIn = ({ now: _, ...lists }: Loaded): Partial<Loaded> =>
  Object.fromEntries(Object.entries(lists).filter(([, rows]) => rows.length > 0))
