import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { auditStore, isShopRefusal, presets, type Shop, type Store } from '../../src/index.js'
import { startOfHistory } from '../../src/testing/steps.js'
import { gatedStore } from '../../src/testing/store-wrappers.js'
import { tries } from './options.js'
import { stage } from './stage.js'

const crowd = fc.record({ asking: fc.integer({ min: 1, max: 12 }), there: fc.integer({ min: 1, max: 12 }) })

/** How many calls came through, and what the others heard. */
const count = async (calls: readonly Promise<unknown>[]): Promise<{ accepted: number; heard: ReadonlySet<string> }> => {
  const heard = new Set<string>()
  const outcomes = await Promise.allSettled(calls)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') heard.add(isShopRefusal(outcome.reason) ? outcome.reason.code : 'error')
  }
  return { accepted: outcomes.filter(({ status }) => status === 'fulfilled').length, heard }
}

describe('first come, first served', () => {
  const race = async (scheduler: fc.Scheduler, work: (shopOf: (index: number) => Shop<never>) => Promise<void>) => {
    const gate = (label: string) => scheduler.schedule(Promise.resolve(), label)
    const between = (store: Store) => gatedStore(store, gate)
    const { shops, judge } = stage({ policies: presets['hold-at-order'], shops: 2, between })
    await scheduler.waitFor(work((index) => shops[index % 2] as Shop<never>))
    expect((await auditStore(judge.store)).violations).toEqual([])
  }

  it('gives a coupon to exactly as many as it can, each once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), crowd, async (scheduler, { asking, there }) => {
        await race(scheduler, async (shopOf) => {
          const coupon = { couponId: 'c', name: 'C', discount: { kind: 'fixed', amount: 1 }, quantity: there } as const
          await shopOf(0).coupons.create({ ...coupon, validUntil: startOfHistory + 1 })
          // Everybody asks twice, each time on another server.
          const asks = Array.from({ length: 2 * asking }, (_, index) =>
            shopOf(index).coupons.issue({ userId: `u${Math.floor(index / 2)}`, couponId: 'c' }),
          )
          const { accepted, heard } = await count(asks)
          expect(accepted).toBe(Math.min(asking, there))
          expect([...heard].filter((code) => code !== 'COUPON_ALREADY_ISSUED' && code !== 'COUPON_SOLD_OUT')).toEqual(
            [],
          )
        })
      }),
      tries(60),
    )
  })

  it('sells exactly what there is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), crowd, async (scheduler, { asking, there }) => {
        await race(scheduler, async (shopOf) => {
          await shopOf(0).products.create({ productId: 'p', name: 'P', price: 0, stock: there })
          const orders = Array.from({ length: asking }, async (_, index) => {
            const products = [{ productId: 'p', quantity: 1 }]
            const { orderId } = await shopOf(index).orders.place({ userId: `u${index}`, products })
            await shopOf(index + 1).payments.pay({ userId: `u${index}`, orderId })
          })
          const { accepted, heard } = await count(orders)
          expect(accepted).toBe(Math.min(asking, there))
          expect([...heard].filter((code) => code !== 'STOCK_INSUFFICIENT')).toEqual([])
        })
      }),
      tries(60),
    )
  })
})
