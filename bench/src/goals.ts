/** One row of the table: what is measured, and its target. */
export interface Goal {
  readonly id: string
  readonly what: string
  readonly against: string
  readonly floor: number
  readonly goal: number
  readonly unit: '×' | '/s' | ' MB' | ' s'
  readonly better: 'higher' | 'lower'
}

const ratio = { unit: '×', better: 'higher' } as const
const least = { unit: '×', better: 'lower' } as const

const tx = 'pgbench, statement by statement, 8 clients'
const one = 'pgbench, one statement, 8 clients'
const hand = 'the same rows by hand with pg'
const bare = 'bare Express 5'
const limit = 'the same rows, set-based'
const empty = 'the same on an empty database'

export const goals = [
  { id: '1a', what: 'issues of one hot coupon, 512 callers', against: tx, floor: 15, goal: 30, ...ratio },
  { id: '1b', what: 'the same, each with an idempotency key', against: tx, floor: 8, goal: 15, ...ratio },
  { id: '2', what: 'place, then pay 3 lines (pairs)', against: tx, floor: 1.5, goal: 3, ...ratio },
  { id: '3', what: 'one-call checkout of 3 lines', against: one, floor: 1.3, goal: 2.5, ...ratio },
  { id: '4', what: 'charges of distinct users', against: one, floor: 1, goal: 2, ...ratio },
  { id: '5a', what: 'one caller: latency of a charge', against: hand, floor: 2, goal: 1.2, ...least },
  { id: '5b', what: 'one caller: latency of an issue', against: hand, floor: 2, goal: 1.2, ...least },
  { id: '5c', what: 'one caller: latency of a checkout', against: hand, floor: 2, goal: 1.2, ...least },
  { id: '6a', what: 'POST /api/coupon/issue', against: bare, floor: 0.6, goal: 0.8, ...ratio },
  { id: '6b', what: 'POST /api/balance/charge', against: bare, floor: 0.6, goal: 0.8, ...ratio },
  { id: '7a', what: 'order, then pay over HTTP (pairs)', against: `${bare}, POSTs`, floor: 0.15, goal: 0.25, ...ratio },
  {
    id: '7b',
    what: 'the same, absolute',
    against: '150 × a peer',
    floor: 1_650,
    goal: 1_650,
    unit: '/s',
    better: 'higher',
  },
  { id: '8a', what: 'GET /api/products/top', against: bare, floor: 0.7, goal: 0.85, ...ratio },
  { id: '8b', what: 'GET /api/products/{id}', against: bare, floor: 0.4, goal: 0.6, ...ratio },
  { id: '9a', what: 'issues with a full database', against: empty, floor: 0.8, goal: 0.95, ...ratio },
  { id: '9b', what: 'pairs with a full database', against: empty, floor: 0.8, goal: 0.95, ...ratio },
  { id: '9c', what: 'checkouts with a full database', against: empty, floor: 0.8, goal: 0.95, ...ratio },
  { id: '9d', what: 'charges with a full database', against: empty, floor: 0.8, goal: 0.95, ...ratio },
  {
    id: '10',
    what: 'ranking refresh over the sold lines of 1,000 products',
    against: 'one scan of them',
    floor: 0.2,
    goal: 0.01,
    ...least,
  },
  { id: '11a', what: 'issues under load: p99 ÷ p50', against: '–', floor: 5, goal: 2.5, ...least },
  { id: '11b', what: 'checkouts under load: p99 ÷ p50', against: '–', floor: 4, goal: 2.5, ...least },
  {
    id: '12a',
    what: 'memory at the end of a long load',
    against: 'after a tenth of it',
    floor: 1.2,
    goal: 1.05,
    ...least,
  },
  {
    id: '12b',
    what: 'memory at the end of a long load',
    against: '–',
    floor: 200,
    goal: 200,
    unit: ' MB',
    better: 'lower',
  },
  {
    id: '13',
    what: 'cold start, in excess',
    against: `${bare} + Postgres`,
    floor: 2,
    goal: 0.7,
    unit: ' s',
    better: 'lower',
  },
  { id: '14a', what: 'charges, each with a reference', against: 'the same without', floor: 0.6, goal: 0.75, ...ratio },
  { id: '14b', what: 'bonus money granted to one wallet, spent', against: 'charged', floor: 0.6, goal: 0.8, ...ratio },
  { id: '14c', what: 'checkouts with bonus money', against: 'with paid money', floor: 0.7, goal: 0.9, ...ratio },
  { id: '14d', what: 'refunds of one line of 3', against: 'of whole orders', floor: 0.8, goal: 1, ...ratio },
  { id: '14e', what: 'refunds of one unit of one order', against: 'of whole orders', floor: 0.1, goal: 0.5, ...ratio },
  { id: '14f', what: 'quotes of 3 lines', against: 'checkouts of 3 lines', floor: 0.5, goal: 1, ...ratio },
  {
    id: '15a',
    what: 'pairs, at most 20 open orders a user',
    against: 'without a limit',
    floor: 0.85,
    goal: 0.93,
    ...ratio,
  },
  { id: '15b', what: 'rush over HTTP, one unit a person', against: 'without a limit', floor: 0.7, goal: 0.8, ...ratio },
  { id: '15c', what: 'the same with 1,000 watchers', against: 'without watchers', floor: 0.8, goal: 0.9, ...ratio },
  { id: '15d', what: '1,000 watchers of a product', against: 'one reader without pause', floor: 1, goal: 2, ...ratio },
  {
    id: '15e',
    what: 'memory after 1,000 watchers that come and go',
    against: 'after a tenth of the time',
    floor: 1.2,
    goal: 1.05,
    ...least,
  },
  { id: '16', what: 'pairs with one companion row', against: 'the same without', floor: 0.75, goal: 0.85, ...ratio },
  { id: '17a', what: 'cost of an issue of one hot coupon', against: limit, floor: 4, goal: 1.6, ...least },
  { id: '17b', what: 'the same with an idempotency key', against: limit, floor: 3, goal: 2, ...least },
  { id: '17c', what: 'cost of a charge', against: limit, floor: 3, goal: 2, ...least },
  { id: '17d', what: 'cost of a one-call checkout of 3 lines', against: limit, floor: 3, goal: 2, ...least },
  { id: '17e', what: 'cost of a pair: place, then pay 3 lines', against: limit, floor: 3, goal: 2, ...least },
  {
    id: '18a',
    what: 'pairs of a drop, two servers with routing',
    against: 'one server',
    floor: 0.85,
    goal: 0.95,
    ...ratio,
  },
  {
    id: '18b',
    what: 'claims of a drop, two servers with routing',
    against: 'one server',
    floor: 0.85,
    goal: 0.95,
    ...ratio,
  },
] as const satisfies readonly Goal[]

export type GoalId = (typeof goals)[number]['id']

export type Verdict = 'met' | 'held' | 'missed'

export const verdictOf = ({ floor, goal, better }: Goal, value: number): Verdict => {
  const reaches = (mark: number) => (better === 'higher' ? value >= mark : value <= mark)
  return reaches(goal) ? 'met' : reaches(floor) ? 'held' : 'missed'
}
