import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultScripts, histories } from '../../src/conformance/arbitraries.js'
import { runHistory } from '../../src/conformance/run-history.js'
import { type Fault, faults, faultyStore, followScript } from '../../src/conformance/store-wrappers.js'
import { orderStatuses, type RefusalCode, type Store } from '../../src/index.js'
import { stage } from './stage.js'

/** Every refusal that a history can return; the others belong to scheduled jobs, or need more than 50 lots. */
const codes: readonly RefusalCode[] = [
  'INVALID_REQUEST',
  'IDEMPOTENCY_KEY_REUSED',
  'REFERENCE_REUSED',
  'USER_NOT_FOUND',
  'USER_ALREADY_EXISTS',
  'EVENT_NOT_FOUND',
  'EVENT_NOT_DEAD',
  'CHARGE_AMOUNT_INVALID',
  'BALANCE_LIMIT_EXCEEDED',
  'ORDER_NOT_FOUND',
  'PAYMENT_NOT_FOUND',
  'ORDER_NOT_PENDING',
  'ORDER_NOT_PAID',
  'REFUND_EXCEEDS_ORDER',
  'PRODUCT_NOT_FOUND',
  'PRODUCT_ALREADY_EXISTS',
  'COUPON_ALREADY_EXISTS',
  'STOCK_INSUFFICIENT',
  'COUPON_NOT_FOUND',
  'COUPON_ALREADY_ISSUED',
  'COUPON_NOT_OWNED',
  'COUPON_ALREADY_USED',
  'COUPON_NOT_YET_VALID',
  'COUPON_EXPIRED',
  'COUPON_SOLD_OUT',
  'COUPON_MINIMUM_NOT_MET',
  'BALANCE_INSUFFICIENT',
  'PRODUCT_SOLD_OUT',
]

describe('random histories', () => {
  it('reach each refusal, status and command, and both kinds of replay', {
    timeout: 60_000,
  }, async () => {
    const heard = new Set<string>()
    for (const history of fc.sample(histories({ steps: 40 }), { seed: 20_260_131, numRuns: 250 })) {
      const { journal, sight } = await runHistory(history, stage(history))
      for (const { call, answer } of journal.records) {
        if (answer.kind === 'ok') heard.add(`${call.name} ok`)
        if (answer.kind === 'refused') heard.add(answer.refusal.code)
        if ('replayed' in answer && answer.replayed) heard.add(`replayed ${answer.kind}`)
      }
      for (const { status, couponId, droppedLines } of sight.orders) {
        heard.add(status).add(`${status} ${couponId === null ? 'without' : 'with'} a coupon`)
        if (droppedLines.length > 0) heard.add('dropped lines')
      }
    }
    const statuses = orderStatuses.filter((status) => status !== 'pending')
    const wanted = [
      ...codes,
      ...statuses,
      ...statuses.map((status) => `${status} with a coupon`),
      'dropped lines',
      'replayed ok',
      'replayed refused',
      'orders.cancel ok',
      'orders.expire ok',
      'orders.refund ok',
      'payments.pay ok',
      'outbox.redeliver ok',
      'coupons.update ok',
      'products.update ok',
      'products.changeStock ok',
    ]
    expect(wanted.filter((each) => !heard.has(each))).toEqual([])
  })
  it('reach every fault many times', { timeout: 60_000 }, async () => {
    const struck = new Map<Fault, number>()
    const scripts = fc.sample(faultScripts(), { seed: 7, numRuns: 40 })
    for (const [index, history] of fc
      .sample(histories({ branches: 3, steps: 10 }), { seed: 7, numRuns: 40 })
      .entries()) {
      const plan = followScript(scripts[index] ?? { transactions: [], away: [] }, () => Promise.resolve())
      const next = () => {
        const fault = plan.next()
        if (fault) struck.set(fault, (struck.get(fault) ?? 0) + 1)
        return fault
      }
      const between = (store: Store) => faultyStore(store, { ...plan, next })
      await runHistory(history, stage({ ...history, between, keyAll: true, isFaulty: true, heal: plan.heal }))
    }
    expect([...struck.keys()].sort()).toEqual([...faults].sort())
    expect(Math.min(...struck.values())).toBeGreaterThan(5)
  })
})
