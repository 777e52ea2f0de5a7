import { type Change, type Context, put, removeHold } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import { missingEvents } from '../../model/event.js'
import { sumOf } from '../../model/lot.js'
import { holdsStock, isOverdue, refundsOf } from '../../model/order.js'
import type { Cure } from '../../model/repair.js'
import { releaseUnpaidOrder } from '../order/release-order.js'
import type { CureEffect } from './cure-effect.js'

type CureOf<Kind extends Cure['kind']> = Extract<Cure, { readonly kind: Kind }>

/** An overdue hold of the locked product is gone already: the lock has released it. */
export const cureHold = (facts: Facts, { orderId, productId }: CureOf<'hold'>): CureEffect | undefined => {
  const hold = facts.hold(orderId, productId)
  const order = facts.order(orderId)
  if (!hold || (order && holdsStock(order, productId))) return undefined
  const product = facts.product(productId)
  const released: readonly Change[] = product
    ? [put('products', { ...product, held: Math.max(0, product.held - hold.quantity) })]
    : []
  return {
    what: 'removed a hold that belongs to no pending order',
    before: hold.quantity,
    after: null,
    changes: [removeHold(hold), ...released],
  }
}

export const cureOverdueOrder = (
  facts: Facts,
  { orderId }: CureOf<'overdue-order'>,
  context: Context,
): CureEffect | undefined => {
  const order = facts.order(orderId)
  if (!order || !isOverdue(order, context.now)) return undefined
  const { changes } = releaseUnpaidOrder(facts, order, 'expired', context)
  return { what: 'ended an overdue order', before: order.status, after: 'expired', changes }
}

export const cureRefundedAmount = (
  facts: Facts,
  { orderId, refunds }: CureOf<'refunded-amount'>,
): CureEffect | undefined => {
  const order = facts.order(orderId)
  if (order?.refunds?.length !== refunds) return undefined
  const refundedAmount = sumOf(refundsOf(order))
  if (refundedAmount === order.refundedAmount) return undefined
  return {
    what: 'added up the refunds of the order again',
    before: order.refundedAmount,
    after: refundedAmount,
    changes: [put('orders', { ...order, refundedAmount })],
  }
}

export const cureEvents = (
  facts: Facts,
  { orderId, events, present }: CureOf<'events'>,
  context: Context,
): CureEffect | undefined => {
  const order = facts.order(orderId)
  if (order?.events !== events) return undefined
  const { missing, count } = missingEvents(order, present, { ...context, traceparent: undefined })
  const counted = put('orders', { ...order, events: count })
  if (missing.length === 0)
    return { what: 'counted the events of the order again', before: events, after: count, changes: [counted] }
  return {
    what: 'wrote the missing events of the order',
    before: present,
    after: [...present, ...missing.map(({ sequence }) => sequence)].sort((a, b) => a - b),
    changes: [counted, ...missing.map((event) => put('events', event))],
  }
}
