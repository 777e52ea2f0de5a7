import { createShop, type ExecutorObserver, type Guard, type NewId, type Shop } from '@shop/core'
import { attempt } from '../buyers.js'
import type { RushPlan, RushSubject } from '../rush.js'
import type { RushDatabase } from './database.js'
import type { Seller } from './seller.js'

/** Long enough for every buyer to get a response, so that all runs process the same requests. */
const rushTimeoutMs = 300_000

interface Sale {
  readonly plan: RushPlan
  readonly subject: RushSubject
  readonly buyerOf: (index: number) => string
}

/** Sells by calls of these shops, in turn. */
export const shopSeller = (
  shops: readonly [Shop<never>, ...Shop<never>[]],
  { plan, subject, buyerOf }: Sale,
  close: () => Promise<void>,
): Seller => ({
  attempt: (index) => attempt(shops[index % shops.length] ?? shops[0], plan, subject, buyerOf(index)),
  close,
})

interface OwnShopOptions {
  readonly store: Parameters<typeof createShop<never>>[0]['store']
  readonly policies: Shop['policies']
  readonly newId?: NewId
  readonly guards: readonly Guard[]
  readonly observer: ExecutorObserver
}

/** A second shop on the store of the server, with one command per transaction. */
export const oneByOneSeller = (options: OwnShopOptions, sale: Sale): Seller => {
  const shop = createShop<never>({ ...options, limits: { maxGroupSize: 1, timeoutMs: rushTimeoutMs } })
  return shopSeller([shop], sale, () => shop.close())
}

/** Groups that the stock lasts for, if it is large enough: one large group would sell it all, and the race was over. */
const groupsOfStock = 20
const largestGroup = 256

/** Two shops with queues and connections of their own. They share the database, as two server processes do. */
export const openTwoServersSeller = async (
  database: RushDatabase,
  options: Omit<OwnShopOptions, 'store' | 'newId'>,
  sale: Sale,
): Promise<Seller> => {
  const stores = [await database.openStore(), await database.openStore()] as const
  const maxGroupSize = Math.min(largestGroup, Math.ceil(sale.plan.quantity / groupsOfStock))
  const open = ({ store }: (typeof stores)[number]) =>
    createShop<never>({ ...options, store, limits: { maxGroupSize, timeoutMs: rushTimeoutMs } })
  // Both are connected before the first buyer comes.
  await Promise.all(stores.map(({ store }) => store.ping()))
  const [first, second] = [open(stores[0]), open(stores[1])]
  return shopSeller([first, second], sale, async () => {
    await Promise.all([first.close(), second.close()])
    await Promise.all(stores.map((store) => store.close()))
  })
}
