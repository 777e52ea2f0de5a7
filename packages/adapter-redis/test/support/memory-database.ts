import { randomUUID } from 'node:crypto'
import type { DatabaseIdentity } from '@shop/adapter-redis'
import {
  type CommandMiddleware,
  createShop,
  type Day,
  type Policies,
  resolvePolicies,
  type Shop,
  type Store,
} from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { dayOf } from '@shop/core/store'
import { type ManualClock, manualClock } from '@shop/core/testing'

export const start = Date.UTC(2026, 4, 4, 3)

/** An in-memory database with the reads that the Redis parts need. It counts its calls. */
export interface MemoryDatabase {
  readonly clock: ManualClock
  readonly store: Store
  readonly policies: Policies
  readonly counts: { transacted: number; commands: number; reads: number; products: number }
  /** A shop on it: one server. */
  shop(middleware?: readonly CommandMiddleware[]): Shop
  /** Changes when the database is restored. */
  id: string
  database(): Promise<DatabaseIdentity>
  issuedUsers(query: { couponId: string; after?: string | undefined; limit: number }): Promise<readonly string[]>
  dailySums(day: Day, timeZone: string): Promise<ReadonlyMap<string, number>>
  rankables(
    productIds: readonly string[],
  ): Promise<{ productId: string; name: string; price: number; views: number; createdAt: number }[]>
}

export const memoryDatabase = ({
  policies = resolvePolicies(),
  delay = async () => {},
  clock = manualClock(start),
}: {
  readonly policies?: Policies
  /** Delays every transaction. */
  readonly delay?: () => Promise<void>
  readonly clock?: ManualClock
} = {}): MemoryDatabase => {
  const plain = inMemoryStore({ clock })
  const views = new Map<string, number>()
  const counts = { transacted: 0, commands: 0, reads: 0, products: 0 }
  const store: Store = {
    ...plain,
    async transact(keys, decide, options) {
      await delay()
      counts.transacted += 1
      counts.commands += keys.lock.issuedCoupons.length
      await plain.transact(keys, decide, options)
    },
    reads: {
      ...plain.reads,
      async coupon(couponId) {
        counts.reads += 1
        return plain.reads.coupon(couponId)
      },
      async wallet(userId) {
        counts.reads += 1
        return plain.reads.wallet(userId)
      },
      async products(query) {
        counts.products += 1
        return plain.reads.products(query)
      },
    },
    upkeep: {
      ...plain.upkeep,
      async addViews(added) {
        await plain.upkeep.addViews(added)
        for (const [productId, count] of added) views.set(productId, (views.get(productId) ?? 0) + count)
      },
    },
  }
  const self: MemoryDatabase = {
    clock,
    store,
    policies,
    counts,
    id: randomUUID(),
    shop: (middleware = []) => createShop({ store, policies, middleware }),
    database: async () => ({ id: self.id, now: clock.now() }),
    async issuedUsers({ couponId, after = '', limit }) {
      counts.reads += 1
      const snapshot = await plain.audit()
      const users: string[] = []
      for await (const { issued } of snapshot.issuedCoupons()) {
        if (issued.couponId === couponId && issued.userId > after) users.push(issued.userId)
      }
      await snapshot.close()
      return users.sort().slice(0, limit)
    },
    async dailySums(day, timeZone) {
      const sums = new Map<string, number>()
      const { found } = await plain.reads.orders({ limit: 1_000_000, status: 'paid' })
      for (const { paidAt, lines } of found) {
        if (paidAt === null || dayOf(paidAt, timeZone) !== day) continue
        for (const { productId, quantity } of lines) sums.set(productId, (sums.get(productId) ?? 0) + quantity)
      }
      return sums
    },
    async rankables(productIds) {
      const products = await Promise.all(productIds.map((productId) => plain.reads.product(productId)))
      return products.flatMap(({ found: product }) =>
        product?.listed
          ? [
              {
                productId: product.productId,
                name: product.name,
                price: product.price,
                views: views.get(product.productId) ?? 0,
                createdAt: product.createdAt,
              },
            ]
          : [],
      )
    },
  }
  return self
}
