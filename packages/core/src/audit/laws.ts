import { isInUse } from '../model/coupon.js'
import { type EventType, minSentRetentionMs } from '../model/event.js'
import { isOverdue, type Order } from '../model/order.js'
import { hasPassed, type Instant } from '../shared/instant.js'
import { maxMoney } from '../shared/limits.js'
import type {
  CouponFacts,
  IssuedCouponFacts,
  OrderFacts,
  OrphanFacts,
  ProductFacts,
  WalletFacts,
} from '../store/audit-snapshot.js'

/** The facts that a law checks, by subject. */
export interface LawSubjects {
  /** A wallet beside its entries. */
  wallet: WalletFacts
  /** A product beside its holds, orders and daily sums. */
  product: ProductFacts
  /** A coupon beside its issued copies. */
  coupon: CouponFacts
  /** A user's coupon beside the orders that use it. */
  issuedCoupon: IssuedCouponFacts
  /** An order beside its payment, entries, holds and events. */
  order: OrderFacts
  /** Rows whose parent is missing. */
  orphans: OrphanFacts
}

/** How the data breaks a law. */
export interface Finding {
  /** What the law asks for. */
  readonly expected: unknown
  /** The actual value in the data. */
  readonly actual: unknown
}

/**
 * Something that is true of every committed state (`always`), or becomes true in time (`eventually`).
 * A law of the second kind is broken only after its deadline.
 */
export interface Law<Subject extends keyof LawSubjects> {
  /** Stable, in capitals: `WALLET-LEDGER`. */
  readonly id: string
  /** The law in one sentence. */
  readonly sentence: string
  /** Whether it holds in every committed state, or only once its deadline has passed. */
  readonly kind: 'always' | 'eventually'
  /** The subject of the law. */
  readonly subject: Subject
  /** How these facts break the law at `now`, or nothing. */
  check(facts: LawSubjects[Subject], now: Instant): Finding | undefined
}

/** A law of any subject; `subject` names the facts that its check receives. */
export type AnyLaw = { [S in keyof LawSubjects]: Law<S> }[keyof LawSubjects]

const equal = (actual: unknown, expected: unknown): Finding | undefined =>
  JSON.stringify(actual) === JSON.stringify(expected) ? undefined : { expected, actual }

const holds = (condition: boolean, expected: string, actual: unknown): Finding | undefined =>
  condition ? undefined : { expected, actual }

/** An overdue order is swept at most this long after its deadline. */
export const sweepDeadlineMs = 10 * 60_000

const eventsOf: Readonly<Record<Order['status'], readonly EventType[]>> = {
  pending: [],
  paid: ['order.paid'],
  failed: ['order.failed'],
  cancelled: ['order.cancelled'],
  expired: ['order.expired'],
  refunded: ['order.paid', 'order.refunded'],
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** Every law that the stored data obeys. Tests, the conformance kit and the audit of live data check the same list. */
export const laws: readonly AnyLaw[] = [
  {
    id: 'WALLET-LEDGER',
    sentence: 'A balance is the sum of its entries, and equals the balance after the newest entry.',
    kind: 'always',
    subject: 'wallet',
    check: ({ wallet, entrySum, lastBalance, entryCount }) =>
      equal([wallet.balance, wallet.balance, wallet.entries], [entrySum, lastBalance, entryCount]),
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
    sentence: 'Received units are the units on the shelf plus those in paid orders.',
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
    sentence: 'The daily sums of a product add up to the units in paid orders.',
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
    sentence: 'If an issued coupon is in use, exactly one order holds it or has paid with it; otherwise no order does.',
    kind: 'always',
    subject: 'issuedCoupon',
    check: ({ issued, orders }, now) => {
      const users = orders
        .filter((order) =>
          order.status === 'paid'
            ? true
            : order.status === 'pending' && order.couponConsumedAt === 'order' && !isOverdue(order as Order, now),
        )
        .map(({ orderId }) => orderId)
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
      'A paid order has one payment of its final amount and one entry that took it. A refunded order has a second entry that returned it. Other orders have none.',
    kind: 'always',
    subject: 'order',
    check: ({ order, payments, entries }) => {
      const { finalAmount, userId } = order
      const paid = order.status === 'paid' || order.status === 'refunded'
      const payment = { kind: 'payment', amount: 0 - finalAmount, userId }
      const refund = { kind: 'refund', amount: finalAmount, userId }
      return equal(
        {
          payments: payments.map(({ paymentId, amount, userId: payer }) => [paymentId, amount, payer]),
          entries: entries.map(({ kind, amount, userId: owner }) => ({ kind, amount, userId: owner })),
        },
        {
          payments: paid ? [[order.paymentId, finalAmount, userId]] : [],
          entries: order.status === 'refunded' ? [payment, refund] : paid ? [payment] : [],
        },
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
      const promised = eventsOf[order.status].map((type, index) => ({ type, sequence: index + 1 }))
      const present = events.map(({ type, sequence }) => ({ type, sequence }))
      // Old sent events may have been purged; events of a younger order cannot have been.
      const mayBeGone = order.createdAt < now - minSentRetentionMs
      const expected = mayBeGone
        ? promised.filter(({ sequence }) => present.some((event) => event.sequence === sequence))
        : promised
      return equal(order.events, promised.length) ?? equal(present, expected)
    },
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
