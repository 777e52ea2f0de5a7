import { sweepDeadlineMs } from '../../src/audit/lot-laws.js'
import type { OrderFacts, ReferenceFacts, WalletFacts } from '../../src/store.js'
import { type Break, bonusWallet, first, inStatus, type Mutable, partlyRefunded, start } from './sample-shop.js'

type Facts = Mutable<WalletFacts>
type Entry = Facts['bonusHistory'][number]

const bonus =
  (change: (facts: Facts) => void): Break =>
  (shown) =>
    change(bonusWallet(shown))

const lotsOf = ({ lots }: Pick<Entry, 'lots'>) => lots ?? []
const entryOf = ({ bonusHistory }: Facts, kind: string): Entry =>
  first(bonusHistory.filter((entry) => entry.kind === kind))

const partial =
  (change: (facts: Mutable<OrderFacts>) => void): Break =>
  (shown) =>
    change(partlyRefunded(shown))

const refundOf = ({ order }: Mutable<OrderFacts>) => first(order.refunds ?? [])

const reference =
  (kind: string, change: (facts: Mutable<ReferenceFacts>) => void): Break =>
  ({ references }) =>
    change(first(references.filter(({ key }) => key.kind === kind)))

/** Every way to break the laws of bonus money, refunds and references. */
export const brokenMoney: Readonly<Record<string, Readonly<Record<string, Break>>>> = {
  'LOT-CHAIN': {
    'a lot with more than what is left of it': bonus(({ wallet }) => {
      first(lotsOf(wallet)).amount += 1
    }),
    'a lot that vanished': bonus(({ wallet }) => {
      wallet.lots = null
    }),
    'a lot with another end': bonus(({ wallet }) => {
      first(lotsOf(wallet)).expiresAt = start + 60 * 86_400_000
    }),
    'lots in another order than that of spending': bonus(({ wallet }) => {
      wallet.lots?.push({ ...first(lotsOf(wallet)), lotId: 'later', amount: 1 })
      wallet.lots?.reverse()
    }),
    'a lot that was spent twice': bonus(({ bonusHistory, ...facts }) => {
      bonusHistory.push({ ...entryOf({ bonusHistory, ...facts }, 'payment') })
    }),
    'a lot that was granted twice': bonus(({ bonusHistory }) => {
      bonusHistory.push({ ...first(bonusHistory) })
    }),
    'a lot that nobody granted': bonus((facts) => {
      first(lotsOf(entryOf(facts, 'refund'))).lotId = 'unknown'
    }),
    'an expiry that leaves something in the lot': bonus(({ bonusHistory, ...facts }) => {
      const lot = first(lotsOf(first(bonusHistory)))
      bonusHistory.push({ kind: 'expiry', amount: -1, balance: 0, at: 0, lots: [{ ...lot, amount: -1 }] })
      first(lotsOf(facts.wallet)).amount -= 1
    }),
    'a grant that is not all in its lot': bonus(({ bonusHistory }) => {
      first(bonusHistory).amount += 1
    }),
    'more bonus money than the refund returned': bonus((facts) => {
      entryOf(facts, 'refund').amount = 1
    }),
  },
  'SPEND-ORDER': {
    'a payment that took the later lot first': bonus((facts) => {
      const { lots } = entryOf(facts, 'payment')
      lots?.reverse()
    }),
    'a payment that took from a lot that had ended': bonus((facts) => {
      const at = entryOf(facts, 'payment').at
      for (const entry of facts.bonusHistory) {
        for (const lot of lotsOf(entry)) if (lot.expiresAt !== null) lot.expiresAt = at
      }
    }),
    'a payment that took a part of both kinds of money': bonus((facts) => {
      const lots = lotsOf(entryOf(facts, 'payment'))
      const last = lots.at(-1)
      if (last) last.amount += 1
    }),
  },
  'LOT-ENDS': {
    'a lot that ended long ago': (shown) => {
      first(lotsOf(bonusWallet(shown).wallet)).expiresAt = shown.now - sweepDeadlineMs - 1
    },
  },
  'REFUND-SUM': {
    'a refunded amount that is not the sum of the refunds': partial(({ order }) => {
      order.refundedAmount = 0
    }),
    'lines that do not add up to their refund': partial((facts) => {
      first(refundOf(facts).lines).amount += 1
    }),
    'a refund of another amount than its entry': partial((facts) => {
      const refund = refundOf(facts)
      refund.amount -= 1
      first(refund.lines).amount -= 1
      facts.order.refundedAmount = refund.amount
    }),
    'another part of bonus money than its entry returned': partial((facts) => {
      refundOf(facts).bonusAmount += 1
    }),
    'more units than were ordered': partial((facts) => {
      first(refundOf(facts).lines).quantity = 4
    }),
    'more money than was paid': partial((facts) => {
      const { order, entries } = facts
      const refund = refundOf(facts)
      const amount = order.finalAmount + 1
      order.refundedAmount = refund.amount = first(refund.lines).amount = amount
      for (const entry of entries) if (entry.kind === 'refund') entry.amount = amount
    }),
    'an order that is refunded before its last unit': partial(({ order }) => {
      order.status = 'refunded'
    }),
    'an order that is still paid after its last unit': (shown) => {
      inStatus(shown, 'refunded').order.status = 'paid'
    },
    'a whole refund of less than what was paid': (shown) => {
      const { order, entries } = inStatus(shown, 'refunded')
      const refund = first(order.refunds ?? [])
      refund.amount -= 1
      first(refund.lines).amount -= 1
      order.refundedAmount = refund.amount
      for (const entry of entries) if (entry.kind === 'refund') entry.amount -= 1
    },
  },
  'REFERENCE-ONCE': {
    'a second entry with the reference': reference('charge', ({ carriers }) => {
      carriers.push({ ...first(carriers), id: 'another' })
    }),
    'a refund whose reference was forgotten': reference('refund', (facts) => {
      facts.stored = undefined
    }),
    'a reference that is stored beside its entry': reference('grant', (facts) => {
      facts.stored = { userId: 'ann', subjectId: 'entry', entry: 1 }
    }),
    'a reference without its order': reference('order', (facts) => {
      facts.carriers = []
    }),
    'a reference that stands for another order': reference('order', ({ stored }) => {
      if (stored) stored.subjectId = 'another'
    }),
    'a refund in another place of the history': reference('refund', ({ stored }) => {
      if (stored?.entry) stored.entry += 1
    }),
    'an order of another user': reference('order', ({ stored }) => {
      if (stored) stored.userId = 'another'
    }),
  },
}
