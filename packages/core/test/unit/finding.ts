import { ViewCounter } from '../../src/engine/view-counter.js'
import { isShopRefusal, type PolicyOverrides, type PresetName, resolvePolicies } from '../../src/index.js'
import { balanceOf } from '../../src/shop/balance.js'
import { couponsOf } from '../../src/shop/coupons.js'
import { ordersOf } from '../../src/shop/orders.js'
import { outboxOf } from '../../src/shop/outbox.js'
import { paymentsOf } from '../../src/shop/payments.js'
import { productsOf } from '../../src/shop/products.js'
import type { Reading } from '../../src/shop/reading.js'
import type { ProductReading, Reads } from '../../src/store.js'
import { defaultNow, productOf } from '../../src/testing/index.js'

/** A product as a plain read finds it. */
export const reading = (row: Partial<ProductReading> = {}): ProductReading => ({
  ...productOf(row).row,
  overdue: 0,
  ...row,
})

/** A row as a read finds it now. */
export const dated = <T>(found: T) => ({ now: defaultNow, found })

/** Reads that find the given rows only. */
export const finding = (found: Partial<Reads>, preset: PresetName = 'standard', overrides: PolicyOverrides = {}) => {
  const empty: Partial<Reads> = {
    wallet: async () => ({ now: defaultNow, found: undefined }),
    entries: async () => [],
    product: async () => ({ now: defaultNow, found: undefined }),
    couponsOf: async () => ({ now: defaultNow, found: [] }),
    orders: async () => ({ now: defaultNow, found: [] }),
    order: async () => ({ now: defaultNow, found: undefined }),
    payment: async () => ({ now: defaultNow, found: undefined }),
    ranking: async () => ({ now: defaultNow, found: { ranking: undefined, products: [] } }),
  }
  const views = new Map<string, number>()
  const counter = new ViewCounter({
    addViews: async (counted) => {
      for (const [productId, count] of counted) views.set(productId, count)
    },
  })
  const reading: Reading = {
    reads: { ...empty, ...found } as Reads,
    policies: resolvePolicies(preset, overrides),
    views: counter,
  }
  const noCommand = () => Promise.reject(new Error('only reads are called here'))
  const reads = {
    balance: balanceOf(noCommand, reading),
    products: productsOf(noCommand, reading),
    coupons: couponsOf(noCommand, reading),
    orders: ordersOf(noCommand, noCommand, reading),
    payments: paymentsOf(noCommand, reading),
    outbox: outboxOf(noCommand, reading),
  }
  const viewed = async (): Promise<Record<string, number>> => {
    await counter.flush()
    return Object.fromEntries(views)
  }
  return { reads, viewed }
}

/** The refusal of a call; otherwise its error, or undefined. */
export const refused = async (asked: Promise<unknown>) => {
  const error: unknown = await asked.then(
    () => undefined,
    (reason) => reason,
  )
  return isShopRefusal(error) ? error.refusal : error
}
