import { index, type LaterStep, withoutIndex } from './later-steps.js'
import type { Migration } from './migration.js'
import { runIfUnused } from './run-if-unused.js'

const table = 'orders'

const steps: readonly LaterStep[] = [
  // No condition on users implies that there is a deadline. So the planner never reads the open orders of everybody to find
  // those of some users, whatever its statistics say.
  index('orders_deadlines', table, `(expires_at, order_id) where status = 'pending' and expires_at is not null`),
  withoutIndex('orders_pending', table),
  // The same the other way round: only conditions on users imply that there is a user. Few of a user's orders are open,
  // whatever their number. Paid orders are not in it.
  index('orders_open', table, `(user_id) where status = 'pending' and user_id is not null`),
  withoutIndex('orders_open_of_user', table),
]

const before: readonly LaterStep[] = [
  index('orders_pending', table, `(expires_at, order_id) where status = 'pending'`),
  withoutIndex('orders_deadlines', table),
  index('orders_open_of_user', table, `(user_id) where status = 'pending'`),
  withoutIndex('orders_open', table),
]

export const deadlines: Migration = {
  name: '0013_deadlines',
  sentence: 'Makes the indexes of deadlines and of open orders useless for any other question.',
  steps,
  up: (trx, s) => runIfUnused(trx, s, [table], steps),
  async down(trx, s) {
    for (const step of before) for (const text of step.statements(s, '')) await trx.raw(text)
  },
}
