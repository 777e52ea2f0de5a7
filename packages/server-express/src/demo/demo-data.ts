import type { Policies, Shop } from '@shop/core'
import { demoBalance, demoCoupons, demoProducts, demoUsers } from './catalogue.js'
import { unless } from './unless.js'

/** The valid charge amount closest to `wanted`. Undefined if no amount is valid. */
export const chargeable = (
  wanted: number,
  { minimum, maximum, unit, balanceLimit }: Policies['charge'],
): number | undefined => {
  const smallest = Math.ceil(minimum / unit) * unit
  const largest = Math.min(maximum, balanceLimit)
  const amount = Math.max(smallest, Math.floor(Math.min(wanted, largest) / unit) * unit)
  return amount <= largest ? amount : undefined
}

const hasHistory = async (shop: Shop<never>, userId: string): Promise<boolean> => {
  const history = await unless('USER_NOT_FOUND', shop.balance.history({ userId, limit: 1 }))
  return (history?.items.length ?? 0) > 0
}

/** Charges at most half of the balance limit, so that further charges are possible. */
const chargeInitialBalance = async (shop: Shop<never>, userId: string): Promise<void> => {
  const { charge } = shop.policies
  const amount = chargeable(Math.min(demoBalance, Math.floor(charge.balanceLimit / 2)), charge)
  await unless('USER_ALREADY_EXISTS', shop.users.register({ userId }))
  if (amount === undefined || (await hasHistory(shop, userId))) return
  // The idempotency key prevents a double charge by two servers that start at the same time.
  await shop.balance.charge({ userId, amount }, { idempotency: { scope: 'demo', key: `balance-of-${userId}` } })
}

/**
 * Creates products, coupons and users to try the shop with. Never changes existing ones, nor a balance that was
 * ever charged. Safe to interrupt at any point, and to run on several servers at once.
 */
export const ensureDemoData = async (shop: Shop<never>): Promise<void> => {
  // The last user's balance is charged last. If it exists, the demo data is complete.
  if (await hasHistory(shop, demoUsers[demoUsers.length - 1] as string)) return
  for (const product of demoProducts) await unless('PRODUCT_ALREADY_EXISTS', shop.products.create(product))
  for (const coupon of demoCoupons) await unless('COUPON_ALREADY_EXISTS', shop.coupons.create(coupon))
  for (const userId of demoUsers) await chargeInitialBalance(shop, userId)
}
