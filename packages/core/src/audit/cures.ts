import { isInUse } from '../model/coupon.js'
import { mayBePurged } from '../model/event.js'
import { hasEnded, sumOf } from '../model/lot.js'
import { holdsStock, isOverdue, refundedAmountOf, refundsOf, usesCoupon } from '../model/order.js'
import { eventTypesOf } from '../model/order-events.js'
import type { Cure } from '../model/repair.js'
import type { Instant } from '../shared/instant.js'
import type { CouponFacts, IssuedCouponFacts, OrderFacts, ProductFacts, WalletFacts } from '../store/audit-snapshot.js'
import type { LawSubjects } from './law.js'

/** Finds the safe cure of a broken law in the facts that break it; undefined if there is none. */
type FindCure<Facts> = (facts: Facts, now: Instant) => readonly Cure[]

const countEntries: FindCure<WalletFacts> = ({ wallet, entryCount, entrySum, lastBalance, brokenLinks }) => {
  const { userId, balance, entries } = wallet
  const isSound = balance === entrySum && balance === lastBalance && brokenLinks === 0 && sumOf(wallet.lots) <= balance
  return isSound ? [{ kind: 'entries', userId, drift: entries - entryCount }] : []
}

const expireLots: FindCure<WalletFacts> = ({ wallet: { userId, lots } }, now) => [
  { kind: 'lots', userId, lots: (lots ?? []).filter((lot) => hasEnded(lot, now)).map(({ lotId }) => lotId) },
]

const addUpHolds: FindCure<ProductFacts> = ({ product: { productId, held, stock }, holdSum }) =>
  holdSum >= 0 && holdSum <= stock && held !== holdSum ? [{ kind: 'held', productId, drift: held - holdSum }] : []

const countCopies: FindCure<CouponFacts> = ({ coupon: { couponId, issued, quantity }, issuedCount, issuedEarly }) =>
  issuedEarly === 0 && issuedCount <= quantity && issued !== issuedCount
    ? [{ kind: 'issued', couponId, drift: issued - issuedCount }]
    : []

const assignCoupon: FindCure<IssuedCouponFacts> = ({ issued, orders }, now) => {
  const { couponId, userId, usedByOrderId: named } = issued
  const users = orders.filter((order) => usesCoupon(order, now))
  if (users.length > 1 || (users.length === 0 && !isInUse(issued, now))) return []
  return [{ kind: 'coupon-use', couponId, userId, named, orderId: users[0]?.orderId ?? null }]
}

const addUpRefunds: FindCure<OrderFacts> = ({ order, entries }) => {
  const refunds = refundsOf(order)
  const returned = entries.filter(({ kind }) => kind === 'refund').map(({ amount }) => amount)
  const agrees = JSON.stringify(returned) === JSON.stringify(refunds.map(({ amount }) => amount))
  return order.refunds !== null && agrees && sumOf(refunds) !== refundedAmountOf(order)
    ? [{ kind: 'refunded-amount', orderId: order.orderId, refunds: refunds.length }]
    : []
}

const writeEvents: FindCure<OrderFacts> = ({ order, events }, now) => {
  const promised = eventTypesOf(order)
  const fits = events.every(({ type, sequence }) => promised[sequence - 1] === type)
  // An event that was sent and purged counts as present, or its receiver would get it under a second id.
  const present = mayBePurged(order, now)
    ? promised.map((_, index) => index + 1)
    : events.map(({ sequence }) => sequence)
  return fits ? [{ kind: 'events', orderId: order.orderId, events: order.events, present }] : []
}

const endOrder: FindCure<OrderFacts> = ({ order, holds }, now) => {
  const { orderId } = order
  if (isOverdue(order, now)) return [{ kind: 'overdue-order', orderId }]
  return holds
    .filter(({ productId }) => !holdsStock(order, productId))
    .map(({ productId }) => ({ kind: 'hold', orderId, productId }))
}

/** The laws whose violations can have a safe cure. */
const findCures: { readonly [S in keyof LawSubjects]?: { readonly [law: string]: FindCure<LawSubjects[S]> } } = {
  wallet: { 'WALLET-LEDGER': countEntries, 'LOT-ENDS': expireLots },
  product: { 'STOCK-HELD': addUpHolds },
  coupon: { 'COUPON-LIMIT': countCopies },
  issuedCoupon: { 'COUPON-SINGLE-USE': assignCoupon },
  order: {
    'REFUND-SUM': addUpRefunds,
    'OUTBOX-COMPLETE': writeEvents,
    'ORDER-HOLDS': endOrder,
    'ORDER-ENDS': endOrder,
  },
  orphans: { 'NO-ORPHANS': ({ holds = [] }) => holds.map((hold) => ({ kind: 'hold', ...hold })) },
}

/** The safe cures of a violation: none if it can only be reported. */
export const curesOf = <S extends keyof LawSubjects>(
  subject: S,
  { law, facts, now }: { readonly law: string; readonly facts: LawSubjects[S]; readonly now: Instant },
): readonly Cure[] => findCures[subject]?.[law]?.(facts, now) ?? []
