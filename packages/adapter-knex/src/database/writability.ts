import type { QueryResult } from './session.js'
import { plain } from './statement.js'

/** Whether a new transaction may write. `standby`: the server replays the log of another. `read-only`: a setting forbids writes. */
export type Writability = 'writable' | 'read-only' | 'standby'

export const askWritability = plain(`select pg_is_in_recovery(), current_setting('transaction_read_only')`)

export const writabilityOf = ({ rows: [row] }: Pick<QueryResult, 'rows'>): Writability => {
  const [isInRecovery, isReadOnly] = row ?? []
  if (isInRecovery === 't') return 'standby'
  return isReadOnly === 'on' ? 'read-only' : 'writable'
}
