import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultScripts, histories } from '../../src/conformance/arbitraries.js'
import { hasReference } from '../../src/conformance/journal.js'
import type { Run } from '../../src/conformance/laws/run.js'
import { runHistory } from '../../src/conformance/run-history.js'
import type { History } from '../../src/conformance/steps.js'
import { type Fault, faults, faultyStore, followScript } from '../../src/conformance/store-wrappers.js'
import { eventTypes, orderStatuses, type QuoteView, type RefusalCode, type Store } from '../../src/index.js'
import { sellingOf, sellingToReach } from './selling.js'
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
  'PRODUCT_NOT_ON_SALE',
  'PURCHASE_LIMIT_EXCEEDED',
  'TOO_MANY_PENDING_ORDERS',
  'ORDER_ALREADY_EXISTS',
  'COUPON_NOT_APPLICABLE',
  'COMPANION_FAILED',
]

/** What happened to the money of a history. */
const moneyOf = ({ journal, sight }: Run): readonly string[] => {
  const heard: string[] = []
  for (const { call, answer } of journal.records) {
    if (answer.kind !== 'ok') continue
    if (call.name === 'orders.quote') {
      const { coupon, sufficient } = answer.result as QuoteView
      heard.push(`quoted ${coupon ? `with a coupon that ${coupon.applies ? 'applies' : 'does not'}` : 'plainly'}`)
      heard.push(`quoted ${sufficient ? 'enough' : 'too little'}`)
    }
    if (hasReference(call) && answer.replayed) {
      heard.push(call.key ? 'a reference replayed with a key' : `${call.name} replayed without a key`)
    }
  }
  for (const { entries } of Object.values(sight.wallets)) {
    for (const [index, { kind, amount, bonusAmount = 0 }] of entries.entries()) {
      heard.push(kind)
      const isMixed = bonusAmount !== 0 && bonusAmount !== amount
      if (isMixed) heard.push(`${kind} of both kinds of money`)
      if (kind === 'expiry' && entries[index + 1]?.kind === 'refund') heard.push('a refund that is forfeited')
    }
  }
  const copies = Object.values(sight.owned).flat()
  for (const { refunds = [], status, orderId, userId, couponId } of sight.orders) {
    if (refunds.length > 1 && status === 'refunded') heard.push('refunded in parts')
    if (refunds.length > 0 && status === 'paid') heard.push('refunded in part')
    if (refunds.some(({ restocked }) => !restocked)) heard.push('written off')
    const copy = copies.find((each) => each.userId === userId && each.couponId === couponId)
    if (status === 'paid' && copy && copy.usedByOrderId !== orderId) heard.push('a discount that is withdrawn')
  }
  return heard
}

/** Adds what one history reaches. */
const hear = async (history: History, heard: Set<string>): Promise<void> => {
  const run = await runHistory(history, stage(history))
  const { journal, sight } = run
  for (const each of [...moneyOf(run), ...sellingOf(run)]) heard.add(each)
  for (const { call, answer } of journal.records) {
    if (answer.kind === 'ok') heard.add(`${call.name} ok`)
    if (answer.kind === 'refused') heard.add(answer.refusal.code)
    if ('replayed' in answer && answer.replayed) heard.add(`replayed ${answer.kind}`)
  }
  for (const { status, couponId, droppedLines } of sight.orders) {
    heard.add(status).add(`${status} ${couponId === null ? 'without' : 'with'} a coupon`)
    if (droppedLines.length > 0) heard.add('dropped lines')
  }
  for (const { type, status } of sight.events) heard.add(type).add(`event ${status}`)
}

const statuses = orderStatuses.filter((status) => status !== 'pending')
const wanted = [
  ...codes,
  ...sellingToReach,
  ...statuses,
  ...statuses.map((status) => `${status} with a coupon`),
  ...eventTypes,
  'event sent',
  'event dead',
  'dropped lines',
  'replayed ok',
  'replayed refused',
  'orders.update ok',
  'orders.cancel ok',
  'orders.expire ok',
  'orders.refund ok',
  'balance.grant ok',
  'balance.withdraw ok',
  'balance.adjust ok',
  'statement ok',
  'balance.entries ok',
  'quoted plainly',
  'quoted with a coupon that applies',
  'quoted with a coupon that does not',
  'quoted enough',
  'quoted too little',
  ...['balance.charge', 'balance.grant', 'balance.withdraw', 'orders.place', 'orders.refund'].map(
    (name) => `${name} replayed without a key`,
  ),
  'a reference replayed with a key',
  'expiry',
  'payment of both kinds of money',
  'refund of both kinds of money',
  'a refund that is forfeited',
  'refunded in part',
  'refunded in parts',
  'written off',
  'a discount that is withdrawn',
  'payments.pay ok',
  'outbox.redeliver ok',
  'coupons.update ok',
  'products.update ok',
  'products.changeStock ok',
]

/** Histories are played until everything is reached, at most this many batches of 50. */
const maxBatches = 40

describe('random histories', () => {
  it('reach each refusal, status, command and freed unit, and both kinds of replay', {
    timeout: 240_000,
  }, async () => {
    const heard = new Set<string>()
    const missing = () => wanted.filter((each) => !heard.has(each))
    for (let batch = 0; batch < maxBatches && missing().length > 0; batch += 1) {
      const drawn = fc.sample(histories({ steps: 50 }), { seed: 20_260_131 + batch, numRuns: 50 })
      for (const history of drawn) await hear(history, heard)
    }
    expect(missing()).toEqual([])
  })
  it('reach every fault many times', { timeout: 120_000 }, async () => {
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
