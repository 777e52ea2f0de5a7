import type { Migration } from './migration.js'
import { withShortWaits } from './short-waits.js'

export const traceOfEvents: Migration = {
  name: '0006_trace_of_events',
  sentence: 'Keeps the trace context of the command with each event, so that a delivery continues its trace.',
  up: (trx, s) => withShortWaits(trx, [`alter table ${s}.events add column traceparent text`]),
  down: (trx, s) => withShortWaits(trx, [`alter table ${s}.events drop column traceparent`]),
}
