import { look } from '../../../src/conformance/laws/store/transactions.js'
import { type Changes, type Keys, type Order, type Purchase, refundsOf, type Store } from '../../../src/store.js'
import { type BreakStore, gap, transacting } from './transact.js'

/** The units of a product that a broken shop counts in an order. */
export type CountUnits = (
  order: Order,
  units: { readonly ordered: number; readonly refunded: number; readonly now: number },
) => number

const refundedOf = (order: Order, productId: string): number =>
  refundsOf(order)
    .flatMap(({ lines }) => lines.filter((line) => line.productId === productId))
    .reduce((sum, { quantity }) => sum + quantity, 0)

const countIn = (
  orders: readonly Order[],
  { productIds, now }: { readonly productIds: readonly string[]; readonly now: number },
  unitsOf: CountUnits,
): readonly Purchase[] => {
  const counts = new Map<string, Purchase>()
  for (const order of orders) {
    for (const { productId, quantity: ordered } of order.lines) {
      if (!productIds.includes(productId)) continue
      const { userId } = order
      const key = `${userId} ${productId}`
      const before = counts.get(key)?.quantity ?? 0
      const units = unitsOf(order, { ordered, refunded: refundedOf(order, productId), now })
      counts.set(key, { userId, productId, quantity: before + units })
    }
  }
  return [...counts.values()]
}

const ordersOf = async (store: Store, userIds: readonly string[]): Promise<readonly Order[]> => {
  const found = await Promise.all(userIds.map((userId) => store.reads.orders({ userId, limit: 1_000 })))
  return found.flatMap((read) => read.found)
}

/** Counts what users have bought in another way. */
export const countsPurchases =
  (unitsOf: CountUnits): BreakStore =>
  (store, isOn) =>
    transacting(store, async (keys, decide, options) => {
      const orders = isOn ? await ordersOf(store, keys.read.buyers) : []
      await store.transact(
        keys,
        (loaded) => {
          const scope = { productIds: keys.lock.products, now: loaded.now }
          return decide(isOn ? { ...loaded, purchases: countIn(orders, scope, unitsOf) } : loaded)
        },
        options,
      )
    })

/** Reads some counts before it locks. */
export const countsBeforeLocks =
  (name: 'purchases' | 'openOrders'): BreakStore =>
  (store, isOn) =>
    transacting(store, async (keys, decide, options) => {
      const stale = await look(store, keys)
      await gap()
      await store.transact(keys, (loaded) => decide(isOn ? { ...loaded, [name]: stale[name] } : loaded), options)
    })

/** Counts only the orders that were placed through this store. */
export const countsItsOwn = (store: Store): Store => {
  const own: Order[] = []
  return transacting(store, (keys: Keys, decide, options) =>
    store.transact(
      keys,
      (loaded): Changes => {
        const scope = { productIds: keys.lock.products, now: loaded.now }
        const purchases = countIn(own, scope, (_, { ordered }) => ordered)
        const changes = decide({ ...loaded, purchases })
        own.push(...changes.orders.inserted)
        return changes
      },
      options,
    ),
  )
}

/** Finds codes only as they are written. */
export const codesByCase: BreakStore = (store, isOn) =>
  isOn
    ? {
        ...store,
        async couponsWithCodes(codes) {
          const found = await store.couponsWithCodes(codes)
          const exact = await Promise.all(
            found.map(async (each) => ((await store.reads.coupon(each.couponId))?.code === each.code ? [each] : [])),
          )
          return exact.flat()
        },
      }
    : store
