import { canonicalJson } from '../../shared/canonical-json.js'
import type { Statement } from '../../shop/statement.js'
import type { Recorded } from '../journal.js'
import { dayIn } from '../oracle/views.js'
import { describeCall } from '../steps.js'
import type { HistoryLaw, Run } from './run.js'

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const movementOf = ({ movements }: Statement, kind: string): number =>
  sum(movements.filter((each) => each.kind === kind).map(({ amount }) => amount))

/** What does not add up within one statement. */
export const imbalances = (statement: Statement): readonly string[] => {
  const { from, to, opening, closing, movements, products } = statement
  const moved = sum(movements.map(({ amount }) => amount))
  const sold = sum(products.map(({ soldAmount }) => soldAmount))
  const refunded = sum(products.map(({ refundedAmount }) => refundedAmount))
  const days = `the statement from ${from} to ${to}`
  return [
    ...(opening + moved === closing ? [] : [`${days} opens with ${opening}, moves ${moved}, closes with ${closing}`]),
    ...(sold + movementOf(statement, 'payment') === 0
      ? []
      : [`${days} sells for ${sold}, but ${movementOf(statement, 'payment')} was paid`]),
    ...(refunded === movementOf(statement, 'refund')
      ? []
      : [`${days} refunds ${refunded} of products, but ${movementOf(statement, 'refund')} in money`]),
  ]
}

const isStatement = ({ call, answer }: Recorded): boolean => call.name === 'statement' && answer.kind === 'ok'

const statementsOf = ({ journal, days }: Run): readonly Statement[] => [
  ...journal.records.filter(isStatement).map(({ answer }) => (answer as { result: unknown }).result as Statement),
  ...days,
]

/** The figures of a day, from the histories and the orders that reads show. */
const figuresOf = ({ sight, history }: Run, day: string): string => {
  const { timeZone } = history.policies.ranking
  const isOn = (at: string | null): boolean => at !== null && dayIn(Date.parse(at), timeZone) === day
  const movements: Record<string, number> = {}
  for (const { entries } of Object.values(sight.wallets)) {
    for (const { kind, amount, at } of entries) if (isOn(at)) movements[kind] = (movements[kind] ?? 0) + amount
  }
  const units: Record<string, [sold: number, refunded: number]> = {}
  const of = (productId: string) => {
    const counted = units[productId] ?? [0, 0]
    units[productId] = counted
    return counted
  }
  for (const { lines, paidAt, refunds = [] } of sight.orders) {
    if (isOn(paidAt)) for (const { productId, quantity } of lines) of(productId)[0] += quantity
    for (const refund of refunds.filter(({ at }) => isOn(at))) {
      for (const { productId, quantity } of refund.lines) of(productId)[1] += quantity
    }
  }
  const moved = Object.fromEntries(Object.entries(movements).filter(([, amount]) => amount !== 0))
  return canonicalJson({ movements: moved, units })
}

const toldFigures = ({ movements, products }: Statement): string =>
  canonicalJson({
    movements: Object.fromEntries(
      movements.filter(({ amount }) => amount !== 0).map(({ kind, amount }) => [kind, amount]),
    ),
    units: Object.fromEntries(products.map(({ productId, sold, refunded }) => [productId, [sold, refunded]])),
  })

/** Sums of huge balances are not exact: no shop has them, but histories draw amounts at the limit of one balance. */
const areExact = (...sums: readonly number[]): boolean => sums.every(Number.isSafeInteger)

/** Laws about the statement. */
export const statementLaws: readonly HistoryLaw[] = [
  {
    id: 'STATEMENT-BALANCED',
    sentence:
      'Every statement adds up, also under concurrent writes: opening and movements to closing, sales to payments, refunds of products to refunds of money.',
    kind: 'history',
    check: (run) =>
      statementsOf(run)
        .filter(({ opening, closing }) => areExact(opening, closing))
        .flatMap(imbalances),
  },
  {
    id: 'STATEMENT-DAYS',
    sentence: 'The closing of one day is the opening of the next; the last closing is the sum of all balances.',
    kind: 'history',
    check: ({ days, sight: { wallets } }) => {
      const balances = sum(Object.values(wallets).map(({ balance }) => balance))
      const openings = [...days.map(({ opening }) => opening), balances]
      const closings = [0, ...days.map(({ closing }) => closing)]
      if (!areExact(...openings, ...closings)) return []
      return openings.flatMap((opening, index) =>
        opening === closings[index] ? [] : `day ${index + 1} opens with ${opening} after ${closings[index]}`,
      )
    },
  },
  {
    id: 'STATEMENT-ENTRIES',
    sentence: 'The statement of a day has the entries and the units of that day that other reads show.',
    kind: 'history',
    check: (run) =>
      run.days.flatMap((statement) => {
        if (!areExact(statement.opening, statement.closing)) return []
        const [told, shown] = [toldFigures(statement), figuresOf(run, statement.from)]
        return told === shown ? [] : `the statement of ${statement.from} tells ${told}, other reads show ${shown}`
      }),
  },
  {
    id: 'STATEMENT-PAST',
    sentence: 'The statement of a past day never changes.',
    kind: 'history',
    check: ({ restated, history }) => {
      // A command that began on the day may commit after it.
      if (history.branches.length > 1) return []
      const { timeZone } = history.policies.ranking
      return restated
        .filter(({ before, now }) => before.to < dayIn(now, timeZone))
        .filter(({ before, again }) => canonicalJson(before) !== canonicalJson(again))
        .map(({ call, before, again }) => {
          return `${describeCall(call)} told ${canonicalJson(before)}, and later ${canonicalJson(again)}`
        })
    },
  },
]
