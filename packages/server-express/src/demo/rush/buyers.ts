import { isShopUnavailable, isStoreError, type Outcome, type Shop } from '@shop/core'
import {
  chargeBalance,
  createCoupon,
  createProduct,
  issueCoupon,
  payOrder,
  placeOrder,
  registerUser,
  requiresRegistration,
  updateCoupon,
  updateProduct,
} from '@shop/core/commands'
import { chargeable } from '../demo-data.js'
import type { BuyerOutcome } from './meter.js'
import type { RushPlan, RushSubject, ShopMode, ShopSubject } from './rush.js'

type AnyShop = Shop<never>

/** Runs `work` for 0 to `count` - 1 with limited concurrency. Stops early if the signal is aborted. */
export const inParallel = async (
  count: number,
  concurrency: number,
  signal: AbortSignal,
  work: (index: number) => Promise<void>,
): Promise<void> => {
  let next = 0
  const worker = async () => {
    while (next < count && !signal.aborted) {
      const index = next
      next += 1
      await work(index)
      // An in-memory store never yields, so give other requests a turn.
      if (index % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker))
  signal.throwIfAborted()
}

const must = <Result>(outcome: Outcome<Result>): Result => {
  if (outcome.ok) return outcome.result
  throw new Error(`could not prepare the rush: ${outcome.refusal.code}`)
}

const wantedCharge = 20_000

/** The initial balance of a buyer, and the unit price. The balance covers one unit in each run on the shop. */
export interface Purse {
  readonly charged: number
  readonly price: number
}

export const purseOf = ({ policies }: AnyShop, runs: number): Purse => {
  const charged = chargeable(wantedCharge, policies.charge) ?? 0
  return { charged, price: Math.floor(charged / Math.max(1, runs)) }
}

const names: Readonly<Record<ShopMode, string>> = {
  grouped: '번개 세일 · Flash sale',
  'one-by-one': '번개 세일 (한 건씩) · Flash sale, one by one',
  http: '번개 세일 (HTTP) · Flash sale over HTTP',
  'two-servers': '번개 세일 (서버 두 대) · Flash sale on two servers',
}

/** Creates the product or the coupon of a run. */
export const prepareSubject = async (
  shop: AnyShop,
  { kind, quantity }: RushPlan,
  { mode, subjectId }: ShopSubject,
  price: number,
): Promise<void> => {
  const name = names[mode]
  if (kind === 'stock') {
    must(await shop.execute(createProduct, { productId: subjectId, name, price, stock: quantity }))
    return
  }
  const discount = { kind: 'percentage', percent: 50 } as const
  must(
    await shop.execute(createCoupon, {
      couponId: subjectId,
      name,
      discount,
      quantity,
      validUntil: Date.UTC(2099, 11, 31),
    }),
  )
}

/** Removes the product or the coupon of a run from the lists. */
export const retireSubject = async (
  shop: AnyShop,
  { kind }: RushPlan,
  { subjectId }: RushSubject,
  won: number,
): Promise<void> => {
  if (kind === 'stock') await shop.execute(updateProduct, { productId: subjectId, listed: false })
  else await shop.execute(updateCoupon, { couponId: subjectId, quantity: Math.max(1, won) })
}

/** Opens the wallet of a buyer, and charges it if the rush costs money. */
export const prepareBuyer = async (shop: AnyShop, userId: string, charged: number): Promise<void> => {
  if (charged === 0 || requiresRegistration(shop.policies)) {
    must(await shop.execute(registerUser, { userId }))
  }
  if (charged > 0) must(await shop.execute(chargeBalance, { userId, amount: charged }))
}

const claim = async (shop: AnyShop, userId: string, couponId: string): Promise<boolean> =>
  (await shop.execute(issueCoupon, { userId, couponId })).ok

const buy = async (shop: AnyShop, userId: string, productId: string): Promise<boolean> => {
  const placed = await shop.execute(placeOrder, { userId, products: [{ productId, quantity: 1 }] })
  if (!placed.ok) return false
  const { orderId, status } = placed.result
  return status === 'paid' || (await shop.execute(payOrder, { userId, orderId })).ok
}

/** One buyer's attempt, from the first request to the last response. */
export const attempt = async (
  shop: AnyShop,
  { kind }: RushPlan,
  { subjectId }: RushSubject,
  userId: string,
): Promise<BuyerOutcome> => {
  try {
    const won = kind === 'stock' ? await buy(shop, userId, subjectId) : await claim(shop, userId, subjectId)
    return won ? 'won' : 'refused'
  } catch (error) {
    if (isShopUnavailable(error) || isStoreError(error)) return 'unavailable'
    throw error
  }
}
