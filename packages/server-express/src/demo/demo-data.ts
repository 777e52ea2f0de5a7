import { isShopRefusal, type Policies, type RefusalCode, type Shop } from '@shop/core'
import { demoBalance, demoCoupons, demoProducts, demoUsers } from './catalogue.js'

/** The amount that can be charged, nearest below `wanted`; nothing where none can. */
export const chargeable = (
  wanted: number,
  { minimum, maximum, unit, balanceLimit }: Policies['charge'],
): number | undefined => {
  const amount = Math.floor(Math.min(Math.max(wanted, minimum), maximum, balanceLimit) / unit) * unit
  return amount >= minimum ? amount : undefined
}

const allow = async (code: RefusalCode, call: Promise<unknown>): Promise<void> => {
  try {
    await call
  } catch (error) {
    if (!isShopRefusal(error) || error.refusal.code !== code) throw error
  }
}

/** Half of the limit at most, so that there is room for more. */
const beginBalance = async (shop: Shop<never>, userId: string): Promise<void> => {
  const { charge } = shop.policies
  const amount = chargeable(Math.min(demoBalance, Math.floor(charge.balanceLimit / 2)), charge)
  await allow('USER_ALREADY_EXISTS', shop.users.register({ userId }))
  const { items } = await shop.balance.history({ userId, limit: 1 })
  if (amount === undefined || items.length > 0) return
  // The key keeps two servers that start at once from charging twice.
  await shop.balance.charge({ userId, amount }, { idempotency: { scope: 'demo', key: `balance-of-${userId}` } })
}

/**
 * Products, coupons and users to try the shop with, made once: what is there already stays as it is, and so does a
 * balance that was ever charged. May be cut off anywhere, and run by several servers at once.
 */
export const ensureDemoData = async (shop: Shop<never>): Promise<void> => {
  await Promise.all([
    ...demoProducts.map((product) => allow('PRODUCT_ALREADY_EXISTS', shop.products.create(product))),
    ...demoCoupons.map((coupon) => allow('COUPON_ALREADY_EXISTS', shop.coupons.create(coupon))),
    ...demoUsers.map((userId) => beginBalance(shop, userId)),
  ])
}
