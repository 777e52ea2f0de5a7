import { isInUse } from '../model/coupon.js'
import { mayBePurged } from '../model/event.js'
import { sumOf } from '../model/lot.js'
import { isOverdue, refundsOf, usesCoupon } from '../model/order.js'
import { eventTypesOf } from '../model/order-events.js'
import { isStored } from '../model/reference.js'
import { hasPassed, iso } from '../shared/instant.js'
import { maxMoney } from '../shared/limits.js'
import { type AnyLaw, equal, holds } from './law.js'
import { lotLaws, sweepDeadlineMs } from './lot-laws.js'
import { purchaseLaws } from './purchase-laws.js'
import { refundLaws } from './refund-laws.js'

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** Every law that the stored data obeys. Tests, the conformance kit and the audit of live data check the same list. */
export const laws: readonly AnyLaw[] = [
  {
    id: 'WALLET-LEDGER',
    sentence:
      'A balance is the sum of its entries, equals the balance after the newest entry, and is paid money plus lots.',
    kind: 'always',
    subject: 'wallet',
    check: ({ wallet, entrySum, lastBalance, entryCount }) =>
      equal([wallet.balance, wallet.balance, wallet.entries], [entrySum, lastBalance, entryCount]) ??
      holds(sumOf(wallet.lots) <= wallet.balance, `lots of at most ${wallet.balance}`, sumOf(wallet.lots)),
  },
  {
    id: 'WALLET-CHAIN',
    sentence: 'Every entry continues the one before it: its number grows by one, its balance by its amount.',
    kind: 'always',
    subject: 'wallet',
    check: ({ brokenLinks }) => equal(brokenLinks, 0),
  },
  {
    id: 'WALLET-RANGE',
    sentence: 'A balance was never negative and was always an exact integer.',
    kind: 'always',
    subject: 'wallet',
    check: ({ wallet, lowestBalance }) =>
      holds(lowestBalance >= 0 && wallet.balance >= 0 && wallet.balance <= maxMoney, `0 to ${maxMoney}`, [
        wallet.balance,
        lowestBalance,
      ]),
  },
  {
    id: 'STOCK-CONSERVATION',
    sentence: 'Received units are the units on the shelf plus those in paid orders that are not refunded.',
    kind: 'always',
    subject: 'product',
    check: ({ product, paidSum }) => equal(product.stock + paidSum, product.received),
  },
  {
    id: 'STOCK-HELD',
    sentence: 'The held units of a product are the sum of its holds, and never more than its stock.',
    kind: 'always',
    subject: 'product',
    check: ({ product, holdSum }) =>
      equal(product.held, holdSum) ??
      holds(product.held >= 0 && product.held <= product.stock, `0 to ${product.stock}`, product.held),
  },
  {
    id: 'SALES-MATCH',
    sentence: 'The daily sums of a product add up to the units in paid orders that are not refunded.',
    kind: 'always',
    subject: 'product',
    check: ({ paidSum, dailySum }) => equal(dailySum, paidSum),
  },
  {
    id: 'COUPON-LIMIT',
    sentence:
      'A coupon counts exactly its issued copies: never more than its quantity, and none from before its start.',
    kind: 'always',
    subject: 'coupon',
    check: ({ coupon, issuedCount, issuedEarly }) =>
      equal([coupon.issued, issuedEarly], [issuedCount, 0]) ??
      holds(coupon.issued >= 0 && coupon.issued <= coupon.quantity, `0 to ${coupon.quantity}`, coupon.issued),
  },
  {
    id: 'COUPON-SINGLE-USE',
    sentence:
      'If an issued coupon is in use, exactly one order holds it or has paid with it and kept its discount; otherwise no order does.',
    kind: 'always',
    subject: 'issuedCoupon',
    check: ({ issued, orders }, now) => {
      const users = orders.filter((order) => usesCoupon(order, now)).map(({ orderId }) => orderId)
      return equal(users, isInUse(issued, now) ? [issued.usedByOrderId] : [])
    },
  },
  {
    id: 'ORDER-TOTAL',
    sentence:
      'An order has lines of distinct products; its total is their sum, its final amount the total less the discount.',
    kind: 'always',
    subject: 'order',
    check: ({ order: { lines, totalAmount, discountAmount: discount, finalAmount } }) =>
      equal(
        [lines.length > 0, new Set(lines.map(({ productId }) => productId)).size, totalAmount, finalAmount],
        [true, lines.length, sum(lines.map(({ quantity, unitPrice }) => quantity * unitPrice)), totalAmount - discount],
      ) ?? holds(discount >= 0 && discount <= totalAmount, `0 to ${totalAmount}`, discount),
  },
  {
    id: 'ORDER-PAID-ONCE',
    sentence:
      'A paid order has one payment: one entry that took its final amount at its time of payment. It has one entry of each refund. Other orders have none.',
    kind: 'always',
    subject: 'order',
    check: ({ order, entries }) => {
      const { finalAmount, userId } = order
      const paid = order.status === 'paid' || order.status === 'refunded'
      const payment = { kind: 'payment', amount: 0 - finalAmount, userId, at: order.paidAt }
      const refunds = refundsOf(order).map(({ amount }) => ({ kind: 'refund', amount, userId }))
      return equal(
        entries.map(({ kind, amount, userId: owner, at }) => ({
          kind,
          amount,
          userId: owner,
          ...(kind === 'payment' && { at }),
        })),
        paid ? [payment, ...refunds] : [],
      )
    },
  },
  {
    id: 'ORDER-HOLDS',
    sentence:
      'A pending order that took its stock when it was placed holds exactly its lines until its deadline. No other order has a live hold.',
    kind: 'always',
    subject: 'order',
    check: ({ order, holds: rows }, now) => {
      const live = rows
        .filter(({ expiresAt }) => !hasPassed(expiresAt, now))
        .map(({ productId, quantity }) => `${productId} ${quantity}`)
      const due = order.status === 'pending' && order.stockTakenAt === 'order' && !isOverdue(order, now)
      return equal(
        live.sort(),
        due ? order.lines.map(({ productId, quantity }) => `${productId} ${quantity}`).sort() : [],
      )
    },
  },
  {
    id: 'ORDER-DEADLINE',
    sentence:
      'Exactly the pending and the expired orders have a deadline. Exactly the paid and the refunded orders have a time of payment.',
    kind: 'always',
    subject: 'order',
    check: ({ order: { status, expiresAt, paidAt, paymentId } }) => {
      const paid = status === 'paid' || status === 'refunded'
      return equal(
        [expiresAt !== null, paidAt !== null, paymentId !== null],
        [status === 'pending' || status === 'expired', paid, paid],
      )
    },
  },
  {
    id: 'OUTBOX-COMPLETE',
    sentence: 'Every change of an order that requires an event has exactly one, numbered from 1.',
    kind: 'always',
    subject: 'order',
    check: ({ order, events }, now) => {
      const promised = eventTypesOf(order).map((type, index) => ({ type, sequence: index + 1 }))
      const present = events.map(({ type, sequence }) => ({ type, sequence }))
      const expected = mayBePurged(order, now)
        ? promised.filter(({ sequence }) => present.some((event) => event.sequence === sequence))
        : promised
      return equal(order.events, promised.length) ?? equal(present, expected)
    },
  },
  ...lotLaws,
  ...refundLaws,
  ...purchaseLaws,
  {
    id: 'REFERENCE-ONCE',
    sentence:
      'A reference stands for exactly one entry or order, which carries it. Those of orders and refunds are stored.',
    kind: 'always',
    subject: 'reference',
    check({ key, stored, carriers }) {
      if (!isStored(key)) return equal([carriers.length, stored === undefined], [1, true])
      const isRefund = key.kind === 'refund'
      return equal(
        carriers.map(({ userId, id, entry }) => [userId, isRefund ? null : id, entry]),
        stored ? [[stored.userId, isRefund ? null : stored.subjectId, stored.entry]] : [],
      )
    },
  },
  {
    id: 'HISTORY-KEPT',
    sentence: 'Every acknowledged command is still there, or its loss was found and an administrator acknowledged it.',
    kind: 'always',
    subject: 'historyLoss',
    check: ({ commands, firstAt, lastAt, acknowledgedAt }) =>
      holds(acknowledgedAt !== null, 'an acknowledged loss', { commands, from: iso(firstAt), to: iso(lastAt) }),
  },
  {
    id: 'NO-ORPHANS',
    sentence: 'Every row that another row refers to exists.',
    kind: 'always',
    subject: 'orphans',
    check: ({ count }) => equal(count, 0),
  },
  {
    id: 'ORDER-ENDS',
    sentence: `At most ${sweepDeadlineMs / 60_000} minutes after its deadline, an unpaid order is stored as expired and its holds are removed.`,
    kind: 'eventually',
    subject: 'order',
    check: ({ order, holds: rows }, now) =>
      holds(
        !(order.status === 'pending' && (order.expiresAt ?? now) < now - sweepDeadlineMs) &&
          !(order.status !== 'pending' && rows.length > 0),
        'ended',
        { status: order.status, holds: rows.length },
      ),
  },
]
