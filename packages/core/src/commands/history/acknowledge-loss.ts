import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type HistoryLossView, historyLossView } from '../../model/history-loss.js'
import { checkFields, id, nullish, text } from '../../shared/check.js'
import { maxReasonLength } from '../../shared/limits.js'

/** Input of {@link acknowledgeLoss}. */
export interface AcknowledgeLoss {
  /** The loss's id. */
  readonly lossId: string
  /**
   * What was done about it, 1 to 200 characters.
   * @default no note
   */
  readonly note?: string | null | undefined
}

/**
 * Marks a loss of history as dealt with: law HISTORY-KEPT then holds again. A loss that is acknowledged already stays as it
 * is. Refused: INVALID_REQUEST, LOSS_NOT_FOUND.
 *
 * @example await shop.execute(acknowledgeLoss, { lossId, note: 'the customers were called' })
 */
export const acknowledgeLoss = defineCommand<AcknowledgeLoss, HistoryLossView>({
  name: 'acknowledge-loss',
  check: (input) => checkFields(input, { lossId: id, note: nullish(text(maxReasonLength)) }),
  keys: ({ lossId }) => ({ lock: { historyLosses: [lossId] } }),
  decide(facts, { lossId, note }, { now }) {
    const loss = facts.historyLoss(lossId)
    if (!loss) return refuse({ code: 'LOSS_NOT_FOUND', lossId })
    if (loss.acknowledgedAt !== null) return accept(historyLossView(loss), [])
    const acknowledged = { ...loss, acknowledgedAt: now, note: note ?? null }
    return accept(historyLossView(acknowledged), [put('historyLosses', acknowledged)])
  },
})
