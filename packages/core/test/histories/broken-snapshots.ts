import { sweepDeadlineMs } from '../../src/audit/lot-laws.js'
import type { CouponFacts, OrderFacts, ProductFacts, WalletFacts } from '../../src/store.js'
import { brokenMoney } from './broken-money.js'
import { brokenPurchases } from './broken-purchases.js'
import { type Break, bonusWallet, copyOf, first, inStatus, type Mutable, partlyRefunded, start } from './sample-shop.js'

const wallet = (change: (facts: Mutable<WalletFacts>) => void): Break => {
  return ({ wallets }) => change(first(wallets))
}
const product = (change: (facts: Mutable<ProductFacts>) => void): Break => {
  return ({ products }) => change(first(products))
}
const coupon = (change: (facts: Mutable<CouponFacts>) => void): Break => {
  return ({ coupons }) => change(first(coupons))
}
const order = (status: string, change: (facts: Mutable<OrderFacts>) => void): Break => {
  return (shown) => change(inStatus(shown, status))
}

/** Every way to break each law. */
export const brokenSnapshots: Readonly<Record<string, Readonly<Record<string, Break>>>> = {
  ...brokenMoney,
  ...brokenPurchases,
  'WALLET-LEDGER': {
    'lots that exceed the balance': (shown) => {
      const { wallet: row } = bonusWallet(shown)
      first(row.lots ?? []).amount = row.balance + 1
    },
    'a charge without its entry': wallet((facts) => {
      facts.wallet.balance += 100
    }),
    'an entry that was lost': wallet((facts) => {
      facts.entrySum -= 100
    }),
    'entries that are missing from the count': wallet((facts) => {
      facts.entryCount += 1
    }),
    'a newest entry with another balance': wallet((facts) => {
      facts.lastBalance -= 1
    }),
  },
  'WALLET-CHAIN': {
    'an entry that does not follow the one before': wallet((facts) => {
      facts.brokenLinks = 1
    }),
  },
  'WALLET-RANGE': {
    'a balance below zero': wallet((facts) => {
      facts.wallet.balance = facts.entrySum = facts.lastBalance = -1
    }),
    'a balance that was below zero once': wallet((facts) => {
      facts.lowestBalance = -1
    }),
    'a balance beyond the exact integers': wallet((facts) => {
      facts.wallet.balance = facts.entrySum = facts.lastBalance = 2 ** 53
    }),
  },
  'STOCK-CONSERVATION': {
    'a unit that was sold twice': product((facts) => {
      facts.product.stock -= 1
    }),
    'a unit that was released twice': product((facts) => {
      facts.product.stock += 1
    }),
    'a paid order that took nothing': product((facts) => {
      facts.paidSum = 0
    }),
  },
  'STOCK-HELD': {
    'a hold that was released twice': product((facts) => {
      facts.product.held -= 1
    }),
    'a hold that leaked': product((facts) => {
      facts.product.held += 1
    }),
    'more held than there is': product((facts) => {
      facts.product.held = facts.holdSum = facts.product.stock + 1
    }),
    'a negative number of held units': product((facts) => {
      facts.product.held = facts.holdSum = -1
    }),
  },
  'SALES-MATCH': {
    'a sale that is not in the daily sums': product((facts) => {
      facts.dailySum -= 1
    }),
    'a refund that stayed in the daily sums': product((facts) => {
      facts.dailySum += 1
    }),
  },
  'COUPON-LIMIT': {
    'a copy that was not counted': coupon((facts) => {
      facts.issuedCount += 1
    }),
    'a copy that was counted twice': coupon((facts) => {
      facts.coupon.issued += 1
    }),
    'more copies than there are': coupon((facts) => {
      facts.coupon.issued = facts.issuedCount = facts.coupon.quantity + 1
    }),
    'a copy from before the start of the coupon': coupon((facts) => {
      facts.issuedEarly = 1
    }),
  },
  'COUPON-SINGLE-USE': {
    'a second order that uses it': (shown) => {
      const facts = copyOf(shown, 'paid')
      facts.orders.push({ ...first(facts.orders), orderId: 'another' })
    },
    'a use without an order': (shown) => {
      copyOf(shown, 'paid').orders = []
    },
    'a paid order whose coupon is free again': (shown) => {
      copyOf(shown, 'paid').issued.usedByOrderId = null
    },
    'a pending order whose coupon is free': (shown) => {
      copyOf(shown, 'pending').issued.usedByOrderId = null
    },
    'a use by an order that was cancelled': (shown) => {
      copyOf(shown, 'free').issued.usedByOrderId = inStatus(shown, 'cancelled').order.orderId
    },
    'a coupon that is still in use although its discount was withdrawn': (shown) => {
      first(copyOf(shown, 'paid').orders).discountWithdrawnBy = 'refund'
    },
    'a use that was released although its order was paid': (shown) => {
      copyOf(shown, 'paid').issued.usedUntil = shown.now
    },
  },
  'ORDER-TOTAL': {
    'no lines': order('paid', ({ order: row }) => {
      row.lines = []
      row.totalAmount = row.finalAmount = row.discountAmount = 0
    }),
    'a product on two lines': order('paid', ({ order: row }) => {
      for (const line of row.lines) Object.assign(line, { productId: 'p' })
    }),
    'a total that is not the sum of the lines': order('paid', ({ order: row }) => {
      row.totalAmount += 1
      row.finalAmount += 1
    }),
    'a final amount that is not the total less the discount': order('pending', ({ order: row }) => {
      row.finalAmount += 1
    }),
    'a discount above the total': order('pending', ({ order: row }) => {
      row.discountAmount = row.totalAmount + 1
      row.finalAmount = -1
    }),
    'a negative discount': order('pending', ({ order: row }) => {
      row.discountAmount = -1
      row.finalAmount = row.totalAmount + 1
    }),
  },
  'ORDER-PAID-ONCE': {
    'no payment': order('paid', (facts) => {
      facts.entries = []
    }),
    'a payment of another amount': order('paid', ({ entries }) => {
      first(entries).amount -= 1
    }),
    'a payment of another time': order('paid', ({ entries }) => {
      first(entries).at -= 1
    }),
    'a refund without its payment': order('refunded', ({ entries }) => {
      entries.shift()
    }),
    'an entry in another user’s wallet': order('paid', ({ entries }) => {
      first(entries).userId = 'another'
    }),
    'money that was taken twice': order('paid', ({ entries }) => {
      entries.push({ ...first(entries) })
    }),
    'a refund that returned nothing': order('refunded', ({ entries }) => {
      entries.pop()
    }),
    'a refund that returned the amount twice': order('refunded', ({ entries }) => {
      entries.push({ ...(entries[1] as (typeof entries)[number]) })
    }),
    'a refund of the amount before the discount': order('refunded', ({ entries }) => {
      entries[1] = { kind: 'refund', amount: 201, userId: 'u', at: start, lots: null }
    }),
    'a partial refund that returned nothing': (shown) => {
      partlyRefunded(shown).entries.pop()
    },
    'a cancelled order with a payment': order('cancelled', ({ entries }) => {
      entries.push({ kind: 'payment', amount: -190, userId: 'u', at: start, lots: null })
    }),
  },
  'ORDER-HOLDS': {
    'a pending order that holds nothing': order('pending', (facts) => {
      facts.holds = []
    }),
    'a pending order that holds another quantity': order('pending', ({ holds }) => {
      first(holds).quantity += 1
    }),
    'a pending order that holds only one of its lines': order('pending', ({ holds }) => {
      holds.pop()
    }),
    'a cancelled order that still has holds': order('cancelled', ({ holds }) => {
      holds.push({ productId: 'p', quantity: 1, expiresAt: start + 86_400_000 })
    }),
    'a paid order that still has holds': order('paid', ({ holds }) => {
      holds.push({ productId: 'p', quantity: 1, expiresAt: start + 86_400_000 })
    }),
    'a hold that outlives its order': order('pending', ({ order: row }) => {
      row.expiresAt = start
    }),
  },
  'ORDER-DEADLINE': {
    'a pending order without a deadline': order('pending', ({ order: row }) => {
      row.expiresAt = null
    }),
    'a paid order with a deadline': order('paid', ({ order: row }) => {
      row.expiresAt = start
    }),
    'an expired order without its deadline': order('expired', ({ order: row }) => {
      row.expiresAt = null
    }),
    'a paid order without a time of payment': order('paid', ({ order: row }) => {
      row.paidAt = null
    }),
    'a refunded order without its payment': order('refunded', ({ order: row }) => {
      row.paymentId = null
    }),
    'a failed order with a time of payment': order('failed', ({ order: row }) => {
      row.paidAt = start
    }),
  },
  'OUTBOX-COMPLETE': {
    'a payment without its event': order('paid', ({ events, order: row }) => {
      events.pop()
      row.events = 0
    }),
    'a partial refund without its event': (shown) => {
      const { events, order: row } = partlyRefunded(shown)
      events.pop()
      row.events = 1
    },
    'an event without its change': order('pending', ({ events, order: row }) => {
      events.push({ type: 'order.paid', sequence: 1 })
      row.events = 1
    }),
    'an event of another kind': order('cancelled', ({ events }) => {
      first(events).type = 'order.expired'
    }),
    'an event twice': order('failed', ({ events }) => {
      events.push({ ...first(events) })
    }),
    'a skipped sequence number': order('refunded', ({ events }) => {
      ;(events[1] as (typeof events)[number]).sequence = 3
    }),
    'events in another order': order('refunded', ({ events }) => {
      events.reverse()
    }),
    'a missing event before one that exists': order('refunded', ({ events }) => {
      events.pop()
    }),
    'events that the order did not count': order('refunded', ({ order: row }) => {
      row.events = 1
    }),
  },
  'HISTORY-KEPT': {
    'a loss that nobody has acknowledged': ({ historyLosses }) => {
      historyLosses.push({
        lossId: 'group-1',
        detectedAt: start,
        groups: 1,
        commands: 2,
        firstAt: start,
        lastAt: start,
        fromHistory: '1',
        toHistory: '2',
        orderIds: [],
        isPartial: false,
        acknowledgedAt: null,
        note: null,
      })
    },
  },
  'NO-ORPHANS': {
    'rows whose parent is missing': ({ orphans }) => {
      first(orphans).count = 1
    },
  },
  'ORDER-ENDS': {
    'an overdue order that was not swept in time': order('pending', (facts) => {
      facts.order.expiresAt = start + 15 * 60_000 - sweepDeadlineMs - 1
      facts.holds = []
    }),
    'an ended order whose overdue holds are still there': order('expired', ({ holds }) => {
      holds.push({ productId: 'p', quantity: 1, expiresAt: start })
    }),
  },
}
