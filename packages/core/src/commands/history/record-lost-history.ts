import { accept, defineCommand, put } from '../../engine/command.js'
import { type HistoryLoss, type HistoryLossView, historyLossView, maxLostOrderIds } from '../../model/history-loss.js'
import { boolean, type Check, checkFields, id, integer, nullish, text } from '../../shared/check.js'
import { isId } from '../../shared/id.js'
import { maxInstant } from '../../shared/limits.js'

/** Input of {@link recordLostHistory}. */
export interface RecordLostHistory extends Omit<HistoryLoss, 'detectedAt' | 'acknowledgedAt' | 'note' | 'fromHistory'> {
  /** The identity of the database that had the groups; null if it was never read. */
  readonly fromHistory: string | null
}

const orderIds: Check = (value) =>
  Array.isArray(value) && value.length <= maxLostOrderIds && value.every(isId)
    ? undefined
    : `must be at most ${maxLostOrderIds} ids`

const history = text(200)

/**
 * Records acknowledged commands that the database no longer has. The event `history.lost` follows from the row. The same
 * loss is recorded once, however often it is reported: the result is the recorded one. Refused: INVALID_REQUEST.
 */
export const recordLostHistory = defineCommand<RecordLostHistory, HistoryLossView>({
  name: 'record-lost-history',
  check: (input) =>
    checkFields(input, {
      lossId: id,
      groups: integer(1),
      commands: integer(1),
      firstAt: integer(0, maxInstant),
      lastAt: integer(0, maxInstant),
      fromHistory: nullish(history),
      toHistory: history,
      orderIds,
      isPartial: boolean,
    }),
  keys: ({ lossId }) => ({ lock: { historyLosses: [lossId] } }),
  decide(facts, input, { now }) {
    const recorded = facts.historyLoss(input.lossId)
    if (recorded) return accept(historyLossView(recorded), [])
    const loss: HistoryLoss = { ...input, detectedAt: now, acknowledgedAt: null, note: null }
    return accept(historyLossView(loss), [put('historyLosses', loss)])
  },
})
