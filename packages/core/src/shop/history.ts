import { type AcknowledgeLoss, acknowledgeLoss } from '../commands/history/acknowledge-loss.js'
import type { AcknowledgedGroups } from '../engine/acknowledged-groups.js'
import type { Outcome } from '../engine/outcome.js'
import { type HistoryLossView, historyLossView } from '../model/history-loss.js'
import { boolean, checkedElsewhere, optional, pageFields } from '../shared/check.js'
import type { Timer } from '../shared/timer.js'
import type { Store } from '../store/store.js'
import { asOutcome, type CallOptions, type Execute, type Run } from './calls.js'
import { oneMore, type Page, type PageQuery, pageOf } from './page.js'
import { checkQuery, type Reading } from './reading.js'
import { type HistoryWatch, type HistoryWatchOptions, watchHistory } from './watch-history.js'

/** Input of {@link ShopHistory.losses}. */
export interface ListLosses extends PageQuery {
  /**
   * Only losses that nobody has acknowledged.
   * @default false
   */
  readonly open?: boolean | undefined
}

/** Whether acknowledged commands were lost, because the database came back with another history. */
export interface ShopHistory {
  /**
   * Losses that were found, the newest first.
   * @throws ShopRefusal INVALID_REQUEST
   * @example const { items } = await shop.history.losses({ open: true })
   */
  losses(query?: ListLosses): Promise<Page<HistoryLossView>>
  /**
   * Marks a loss as dealt with: law HISTORY-KEPT then holds again. A loss that is acknowledged already stays as it is.
   * @throws ShopRefusal INVALID_REQUEST | LOSS_NOT_FOUND (the first that applies)
   * @example await shop.history.acknowledge({ lossId, note: 'the customers were called' })
   */
  acknowledge(input: AcknowledgeLoss, options?: CallOptions<HistoryLossView>): Promise<HistoryLossView>
  /**
   * Remembers the groups that this shop acknowledges from now on: for 10 minutes, at most 50,000 groups and 50,000 order
   * ids. Whenever the identity of the database changes, asks which of them are there. Missing ones are recorded as losses:
   * law HISTORY-KEPT is broken until they are acknowledged, and an event `history.lost` names their orders. A change that
   * lost nothing is not recorded. Not remembered: calls in `within` and `transaction`, and a call whose caller timed out.
   *
   * Stops when the shop is closed.
   * @throws ShopRefusal INVALID_REQUEST (an unknown option)
   * @throws Error if the store cannot tell (`store.history` is absent), or if the history is watched already
   * @throws RangeError if `everyMs` is not an integer ≥ 1
   * @example const watch = shop.history.watch({ onLost: ({ commands }) => console.error(`${commands} commands were lost`) })
   */
  watch(options?: HistoryWatchOptions): HistoryWatch
}

/** The commands of {@link ShopHistory} in a transaction of the caller's: a refusal is a value. */
export interface HistoryWithin {
  /** As {@link ShopHistory.losses}, with the outcome as a value. */
  losses(query?: ListLosses): Promise<Outcome<Page<HistoryLossView>>>
  /** As {@link ShopHistory.acknowledge}, with the outcome as a value. */
  acknowledge(input: AcknowledgeLoss, options?: CallOptions<HistoryLossView>): Promise<Outcome<HistoryLossView>>
}

export interface HistoryDeps {
  readonly run: Run
  /** Runs the command that records a loss. */
  readonly record: Run
  readonly reading: Reading
  readonly store: Pick<Store<never>, 'history'>
  readonly acknowledged: AcknowledgedGroups
  readonly timer: Timer
}

const listFields = { ...pageFields, open: optional(boolean) }

const lossesOf =
  ({ reads }: Reading): ShopHistory['losses'] =>
  async (query = {}) => {
    checkQuery(query, listFields)
    const rows = await reads.historyLosses(oneMore(query))
    return pageOf(rows, query.limit, {
      item: historyLossView,
      position: ({ detectedAt, lossId }) => ({ at: detectedAt, id: lossId }),
    })
  }

export const historyWithin = (execute: Execute, reading: Reading): HistoryWithin => ({
  losses: asOutcome(lossesOf(reading)),
  acknowledge: (input, options) => execute(acknowledgeLoss, input, options),
})

const watchFields = Object.fromEntries(
  ['everyMs', 'identity', 'onChange', 'onKept', 'onLost', 'onError'].map((name) => [name, checkedElsewhere]),
)

export const historyOf = (
  deps: HistoryDeps,
): { readonly history: ShopHistory; readonly stopWatching: () => Promise<void> } => {
  const { run, record, reading, store, acknowledged, timer } = deps
  let watching: HistoryWatch | undefined
  const history: ShopHistory = {
    losses: lossesOf(reading),
    acknowledge: (input, options) => run(acknowledgeLoss, input, options),
    watch(options = {}) {
      checkQuery(options, watchFields)
      if (!store.history) throw new Error('this store cannot tell whether its history is whole: it has no `history`')
      if (watching) throw new Error('the history of this shop is watched already')
      const watch = watchHistory({ history: store.history, record, acknowledged, timer }, options)
      watching = {
        check: () => watch.check(),
        async stop() {
          watching = undefined
          await watch.stop()
        },
      }
      return watching
    },
  }
  return { history, stopWatching: async () => watching?.stop() }
}
