import { index, type LaterStep, withoutIndex } from './later-steps.js'
import type { Migration } from './migration.js'
import { runIfUnused } from './run-if-unused.js'

const table = 'orders'

const steps: readonly LaterStep[] = [
  // No condition on users implies that there is a deadline. So the planner never reads the open orders of everybody to find
  // those of some users, whatever its statistics say.
  index('orders_deadlines', table, `(expires_at, order_id) where status = 'pending' and expires_at is not null`),
  withoutIndex('orders_pending', table),
]

const before: readonly LaterStep[] = [
  index('orders_pending', table, `(expires_at, order_id) where status = 'pending'`),
  withoutIndex('orders_deadlines', table),
]

export const deadlines: Migration = {
  name: '0013_deadlines',
  sentence: 'Makes the index of deadlines useless for any other question.',
  steps,
  up: (trx, s) => runIfUnused(trx, s, [table], steps),
  async down(trx, s) {
    for (const step of before) for (const text of step.statements(s, '')) await trx.raw(text)
  },
}
