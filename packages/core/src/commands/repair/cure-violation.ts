import { accept, type Context, defineCommand, type Outlines, put } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import { checkFence, type FencedInput, fenceLocks, passFence } from '../../engine/fence.js'
import type { Cure, Repair } from '../../model/repair.js'
import { checkedElsewhere, checkFields } from '../../shared/check.js'
import type { LockKeys } from '../../store/keys.js'
import { orderLocks } from '../order/release-order.js'
import { cureCouponUse, cureIssued } from './cure-coupon.js'
import type { CureEffect } from './cure-effect.js'
import { cureEvents, cureHold, cureOverdueOrder, cureRefundedAmount } from './cure-order.js'
import { cureHeld } from './cure-product.js'
import { cureEntries, cureLots } from './cure-wallet.js'

/** Input of {@link cureViolation}. */
export interface CureViolation extends FencedInput {
  /** The cure. */
  readonly cure: Cure
  /** The id of the broken law. */
  readonly law: string
  /** The kind of thing and its id. */
  readonly subject: string
}

const locksOf = (cure: Cure, outlines: Outlines): Partial<LockKeys> => {
  switch (cure.kind) {
    case 'entries':
    case 'lots':
      return { wallets: [cure.userId] }
    case 'held':
      return { products: [cure.productId] }
    case 'hold':
      return { orders: [cure.orderId], products: [cure.productId] }
    case 'issued':
      return { coupons: [cure.couponId] }
    case 'coupon-use': {
      const { couponId, userId, named, orderId } = cure
      return { orders: [named, orderId].filter((each) => each !== null), issuedCoupons: [{ couponId, userId }] }
    }
    case 'overdue-order':
    case 'refunded-amount':
    case 'events': {
      const outline = outlines.order(cure.orderId)
      return outline ? orderLocks(outline) : {}
    }
    case 'daily-sums':
      return {}
  }
}

const ordersOf = (cure: Cure): readonly string[] => {
  if (cure.kind === 'coupon-use') return [cure.named, cure.orderId].filter((each) => each !== null)
  return 'orderId' in cure ? [cure.orderId] : []
}

const effectOf = (facts: Facts, cure: Cure, context: Context): CureEffect | undefined => {
  switch (cure.kind) {
    case 'entries':
      return cureEntries(facts, cure)
    case 'lots':
      return cureLots(facts, cure)
    case 'held':
      return cureHeld(facts, cure)
    case 'hold':
      return cureHold(facts, cure)
    case 'issued':
      return cureIssued(facts, cure)
    case 'coupon-use':
      return cureCouponUse(facts, cure, context)
    case 'overdue-order':
      return cureOverdueOrder(facts, cure, context)
    case 'refunded-amount':
      return cureRefundedAmount(facts, cure)
    case 'events':
      return cureEvents(facts, cure, context)
    case 'daily-sums':
      return {
        what: 'rebuilt the daily sums from the paid orders',
        before: cure.before,
        after: cure.after,
        changes: [],
      }
  }
}

/**
 * Cures one violation under locks, and records the repair. The result is null if there is nothing to cure any more.
 * Refused: LEADERSHIP_LOST, if a later repair has started.
 */
export const cureViolation = defineCommand<CureViolation, Repair | null>({
  name: 'cure-violation',
  check: (input) =>
    checkFields(input, { cure: checkedElsewhere, law: checkedElsewhere, subject: checkedElsewhere, fence: checkFence }),
  prefetch: ({ cure }) => ({ orders: ordersOf(cure) }),
  keys: (input, { outlines }) => ({ lock: { ...fenceLocks(input), ...locksOf(input.cure, outlines) } }),
  decide(facts, input, context) {
    const fence = passFence(facts, input)
    if (!fence.ok) return fence
    const effect = effectOf(facts, input.cure, context)
    if (!effect) return accept(null, fence.changes)
    const { what, before, after, changes } = effect
    const { law, subject } = input
    const repair: Repair = { repairId: context.newId(), law, subject, what, before, after, at: context.now }
    return accept(repair, [...fence.changes, ...changes, put('repairs', repair)])
  },
})
