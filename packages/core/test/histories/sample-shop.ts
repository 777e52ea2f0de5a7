import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, resolvePolicies } from '../../src/index.js'
import type {
  AuditSnapshot,
  CouponFacts,
  IssuedCouponFacts,
  OrderFacts,
  OrphanFacts,
  ProductFacts,
  WalletFacts,
} from '../../src/store.js'
import { manualClock } from '../../src/testing/manual-clock.js'

export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

/** The contents of a snapshot in arrays that a test may change. */
export interface Shown {
  now: number
  wallets: Mutable<WalletFacts>[]
  products: Mutable<ProductFacts>[]
  coupons: Mutable<CouponFacts>[]
  issuedCoupons: Mutable<IssuedCouponFacts>[]
  orders: Mutable<OrderFacts>[]
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
    orphans: async () => shown.orphans,
    close: async () => {},
  }
}

export const start = Date.UTC(2026, 0, 1)

/** A shop with an order in every status, and with coupons in use and not in use. */
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
  const snapshot = await store.audit()
  return {
    now: snapshot.now,
    wallets: await all(snapshot.wallets()),
    products: await all(snapshot.products()),
    coupons: await all(snapshot.coupons()),
    issuedCoupons: await all(snapshot.issuedCoupons()),
    orders: await all(snapshot.orders()),
    orphans: [...(await snapshot.orphans())],
  }
}

export const first = <T>(rows: readonly T[]): T => {
  const [row] = rows
  if (row === undefined) throw new Error('the sample shop has none')
  return row
}

export const inStatus = ({ orders }: Shown, status: string) =>
  first(orders.filter(({ order }) => order.status === status))
export const copyOf = ({ issuedCoupons }: Shown, couponId: string) =>
  first(issuedCoupons.filter(({ issued }) => issued.couponId === couponId))
