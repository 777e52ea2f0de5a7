import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, resolvePolicies, type Shop } from '../../src/index.js'
import type {
  AuditSnapshot,
  CouponFacts,
  HistoryLoss,
  IssuedCouponFacts,
  OrderFacts,
  OrphanFacts,
  ProductFacts,
  PurchaseFacts,
  ReferenceFacts,
  WalletFacts,
} from '../../src/store.js'
import { manualClock } from '../../src/testing/manual-clock.js'

export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

/** Breaks what a snapshot shows. */
export type Break = (shown: Shown) => void

/** The contents of a snapshot in arrays that a test may change. */
export interface Shown {
  now: number
  wallets: Mutable<WalletFacts>[]
  products: Mutable<ProductFacts>[]
  coupons: Mutable<CouponFacts>[]
  issuedCoupons: Mutable<IssuedCouponFacts>[]
  orders: Mutable<OrderFacts>[]
  purchases: Mutable<PurchaseFacts>[]
  references: Mutable<ReferenceFacts>[]
  historyLosses: Mutable<HistoryLoss>[]
  orphans: Mutable<OrphanFacts>[]
}

const all = async <T>(rows: AsyncIterable<T>): Promise<Mutable<T>[]> => {
  const found: Mutable<T>[] = []
  for await (const row of rows) found.push(structuredClone(row) as Mutable<T>)
  return found
}

export const snapshotOf = (shown: Shown): AuditSnapshot => {
  async function* each<T>(rows: readonly Mutable<T>[]) {
    yield* rows as readonly T[]
  }
  return {
    now: shown.now,
    wallets: () => each<WalletFacts>(shown.wallets),
    products: () => each<ProductFacts>(shown.products),
    coupons: () => each<CouponFacts>(shown.coupons),
    issuedCoupons: () => each<IssuedCouponFacts>(shown.issuedCoupons),
    orders: () => each<OrderFacts>(shown.orders),
    purchases: () => each<PurchaseFacts>(shown.purchases),
    references: () => each<ReferenceFacts>(shown.references),
    historyLosses: () => each<HistoryLoss>(shown.historyLosses),
    orphans: async () => shown.orphans,
    movements: async () => ({ opening: 0, movements: [] }),
    orderMovements: () => each([]),
    close: async () => {},
  }
}

export const start = Date.UTC(2026, 0, 1)

/**
 * A user with paid money and bonus money in two lots, who has paid an order with both lots and had one of three units
 * refunded. The charge, the order and the refund have references.
 */
const bonusUser = async (shop: Shop): Promise<void> => {
  const userId = 'b'
  await shop.balance.charge({ userId, amount: 10_000, reference: 'charge-1' })
  await shop.balance.grant({ userId, amount: 150, expiresAt: start + 30 * 86_400_000 })
  await shop.balance.grant({ userId, amount: 120, reference: 'grant-1' })
  const { orderId } = await shop.orders.place({
    userId,
    products: [{ productId: 'p', quantity: 3 }],
    reference: 'order-1',
  })
  await shop.payments.pay({ userId, orderId })
  await shop.orders.refund({ orderId, lines: [{ productId: 'p', quantity: 1 }], reference: 'refund-1' })
}

/** A user with two units of a product whose limit is two: one is paid, the other is in an open order. */
const limitedUser = async (shop: Shop): Promise<void> => {
  const userId = 'l'
  await shop.products.create({ productId: 'limited', name: 'L', price: 0, stock: 9, purchaseLimit: 2 })
  const products = [{ productId: 'limited', quantity: 1 }]
  const { orderId } = await shop.orders.place({ userId, products })
  await shop.payments.pay({ userId, orderId })
  await shop.orders.place({ userId, products })
}

/** A shop with an order in every status, with coupons in use and not in use, with bonus money and a purchase limit. */
export const sampleShop = async (): Promise<Shown> => {
  const clock = manualClock(start)
  const store = inMemoryStore({ clock })
  const shop = createShop({ store })
  const failing = createShop({ store, policies: resolvePolicies('hold-at-order') })
  await shop.products.create({ productId: 'p', name: 'P', price: 100, stock: 10 })
  await shop.products.create({ productId: 'q', name: 'Q', price: 50, stock: 10 })
  await shop.balance.charge({ userId: 'u', amount: 10_000 })
  for (const couponId of ['paid', 'pending', 'free']) {
    const discount = { kind: 'fixed', amount: 10 } as const
    await shop.coupons.create({ couponId, name: 'C', discount, quantity: 2, validUntil: start + 86_400_000 })
    await shop.coupons.issue({ userId: 'u', couponId })
  }
  const place = async (couponId?: string, userId = 'u') => {
    const products = [
      { productId: 'p', quantity: 1 },
      { productId: 'q', quantity: 2 },
    ]
    return (await shop.orders.place({ userId, products, couponId })).orderId
  }
  await place()
  clock.move(15 * 60_000)
  await shop.upkeep.expireOrders()
  await shop.payments.pay({ userId: 'u', orderId: await place('paid') })
  const refunded = await place()
  await shop.payments.pay({ userId: 'u', orderId: refunded })
  await shop.orders.refund({ orderId: refunded })
  await shop.orders.cancel({ orderId: await place('free') })
  const unpaid = await place(undefined, 'poor')
  await failing.payments.pay({ userId: 'poor', orderId: unpaid }).catch(() => {})
  await place('pending')
  await bonusUser(shop)
  await limitedUser(shop)
  const snapshot = await store.audit()
  return {
    now: snapshot.now,
    wallets: await all(snapshot.wallets()),
    products: await all(snapshot.products()),
    coupons: await all(snapshot.coupons()),
    issuedCoupons: await all(snapshot.issuedCoupons()),
    orders: await all(snapshot.orders()),
    purchases: await all(snapshot.purchases()),
    references: await all(snapshot.references()),
    historyLosses: await all(snapshot.historyLosses()),
    orphans: structuredClone(await snapshot.orphans()) as Mutable<OrphanFacts>[],
  }
}

export const first = <T>(rows: readonly T[]): T => {
  const [row] = rows
  if (row === undefined) throw new Error('the sample shop has none')
  return row
}

export const last = <T>(rows: readonly T[]): T => first(rows.slice(-1))

export const inStatus = ({ orders }: Shown, status: string) =>
  first(orders.filter(({ order }) => order.status === status))
/** The wallet with bonus money. */
export const bonusWallet = ({ wallets }: Shown) => first(wallets.filter(({ wallet }) => wallet.lots !== null))
/** The order that is refunded in part. */
export const partlyRefunded = ({ orders }: Shown) =>
  first(orders.filter(({ order }) => order.status === 'paid' && order.refunds !== null))
export const copyOf = ({ issuedCoupons }: Shown, couponId: string) =>
  first(issuedCoupons.filter(({ issued }) => issued.couponId === couponId))
