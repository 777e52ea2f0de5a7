import type { QuoteView } from '../../commands/order/quote-order.js'
import type { OrderView } from '../../model/order-view.js'
import type { Policies } from '../../policies/policies.js'
import { canonicalJson } from '../../shared/canonical-json.js'
import type { Refusal } from '../../shared/refusal.js'
import type { Answer, Recorded } from '../journal.js'
import { describeCall } from '../steps.js'
import type { HistoryLaw } from './run.js'

const amountsOf = ({ lines, droppedLines, totalAmount, discountAmount, finalAmount }: OrderView | QuoteView): string =>
  canonicalJson({ lines, droppedLines, totalAmount, discountAmount, finalAmount })

/** Refusals that the order has beyond those of its quote. */
const codesBeyond = ({ coupon, sufficient }: QuoteView): readonly string[] => [
  ...(coupon && !coupon.applies ? [coupon.code] : []),
  ...(sufficient ? [] : ['BALANCE_INSUFFICIENT']),
]

/** Whether only an order can be refused so: a quote neither counts the open ones nor looks an id up. */
const isBeyondQuotes = ({ code }: Refusal): boolean =>
  code === 'TOO_MANY_PENDING_ORDERS' || code === 'ORDER_ALREADY_EXISTS'

/** What is wrong with the answer to an order, after the answer to its quote. */
const unexpected = (quoted: Answer, placed: Answer, { order }: Policies): string | undefined => {
  if (placed.kind === 'refused' && isBeyondQuotes(placed.refusal)) {
    const isUnlimited = placed.refusal.code === 'TOO_MANY_PENDING_ORDERS' && order.pendingPerUser === null
    return isUnlimited ? 'the open orders are not limited' : undefined
  }
  if (quoted.kind === 'refused') {
    return placed.kind === 'refused' && placed.refusal.code === quoted.refusal.code
      ? undefined
      : `the quote was refused as ${quoted.refusal.code}`
  }
  if (quoted.kind !== 'ok') return undefined
  const quote = quoted.result as QuoteView
  const [code] = codesBeyond(quote)
  if (placed.kind === 'refused') {
    return codesBeyond(quote).includes(placed.refusal.code)
      ? undefined
      : `the order was refused: ${placed.refusal.code}`
  }
  if (placed.kind !== 'ok') return undefined
  const needsMoney = order.balanceAtOrder === 'required' || (placed.result as OrderView).status === 'paid'
  if (code === 'BALANCE_INSUFFICIENT' && !needsMoney) return undefined
  if (code !== undefined) return `the order was accepted in spite of ${code}`
  const [told, due] = [amountsOf(quote), amountsOf(placed.result as OrderView)]
  return told === due ? undefined : `the quote told ${told}, the order has ${due}`
}

const isQuoted = (quote: Recorded, order: Recorded): boolean =>
  quote.call.name === 'orders.quote' &&
  order.call.name === 'orders.place' &&
  canonicalJson(quote.call.input) === canonicalJson(order.call.input)

/** A replay tells an earlier order. A reused reference or key is refused before the order is looked at. */
const isDecided = ({ answer }: Recorded): boolean =>
  'replayed' in answer &&
  !answer.replayed &&
  !(answer.kind === 'refused' && ['REFERENCE_REUSED', 'IDEMPOTENCY_KEY_REUSED'].includes(answer.refusal.code))

/** Laws about quotes. */
export const quoteLaws: readonly HistoryLaw[] = [
  {
    id: 'QUOTE-IS-ORDER',
    sentence:
      'An order that follows its quote with nothing in between has the amounts and the refusals of the quote, except that a quote neither counts open orders nor looks an order id up.',
    kind: 'history',
    check: ({ journal: { records }, history }) => {
      if (history.branches.length > 1) return []
      return records.flatMap((order, index) => {
        const quote = records[index - 1]
        if (!quote || !isQuoted(quote, order) || quote.now !== order.now || !isDecided(order)) return []
        const found = unexpected(quote.answer, order.answer, history.policies)
        return found === undefined ? [] : `${describeCall(order.call)}: ${found}`
      })
    },
  },
]
