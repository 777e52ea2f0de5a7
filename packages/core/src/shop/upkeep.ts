import { expireOrder } from '../commands/order/expire-order.js'
import { refreshRanking } from '../commands/ranking/refresh-ranking.js'
import { expireLots } from '../commands/wallet/expire-lots.js'
import { type AcknowledgedGroups, acknowledgedBounds } from '../engine/acknowledged-groups.js'
import { checkFence, type FencedInput } from '../engine/fence.js'
import type { Outcome } from '../engine/outcome.js'
import type { ViewCounter } from '../engine/view-counter.js'
import { minSentRetentionMs } from '../model/event.js'
import { type RankingView, rankingWindow } from '../model/ranking.js'
import type { Policies } from '../policies/policies.js'
import { checkedElsewhere, integer, optional } from '../shared/check.js'
import type { Retention, Store } from '../store/store.js'
import type { CallOptions, Execute } from './calls.js'
import { checkQuery } from './reading.js'

/** Input of {@link ShopUpkeep.expireOrders}. */
export interface ExpireOrders extends FencedInput {
  /**
   * The most orders to end in this run, 1 to 10,000.
   * @default 500
   */
  readonly limit?: number | undefined
}

/** Input of {@link ShopUpkeep.expireLots}. */
export interface ExpireEndedLots extends FencedInput {
  /**
   * The most wallets to handle in this run, 1 to 10,000.
   * @default 500
   */
  readonly limit?: number | undefined
}

/** Input of {@link ShopUpkeep.refreshRanking}. */
export interface RefreshRankingOptions extends FencedInput, Pick<CallOptions, 'idempotency' | 'context'> {}

/** Functions for scheduled jobs. Each may run at any time, on any number of servers: overlapping runs have one effect. */
export interface ShopUpkeep {
  /**
   * Ends pending orders whose deadline has passed, and resolves with their number. Call it again while it reaches `limit`.
   * @throws ShopRefusal INVALID_REQUEST
   * @example while ((await shop.upkeep.expireOrders({ limit: 500 })) === 500);
   */
  expireOrders(options?: ExpireOrders): Promise<number>
  /**
   * Records the expiry of bonus money that has ended, and resolves with the number of wallets. Call it again while it
   * reaches `limit`. The money is gone from its end on, even before this call.
   * @throws ShopRefusal INVALID_REQUEST
   * @example while ((await shop.upkeep.expireLots({ limit: 500 })) === 500);
   */
  expireLots(options?: ExpireEndedLots): Promise<number>
  /**
   * Computes the popular products, and resolves with the outcome: LEADERSHIP_LOST is a value.
   * @throws ShopRefusal INVALID_REQUEST
   * @example await shop.upkeep.refreshRanking()
   */
  refreshRanking(options?: RefreshRankingOptions): Promise<Outcome<RankingView>>
  /**
   * Writes the views that this process has counted.
   * @example await shop.upkeep.flushViews()
   */
  flushViews(): Promise<void>
  /**
   * Removes records older than `retention`, at most `limit` rows of each kind (10,000 by default), and resolves with their
   * number. Sent events are kept for at least 24 hours.
   * @throws RangeError if `retention.sentEventsMs` is below 24 hours, or if `retention.groupsMs` is 10 minutes or less
   * while `shop.history.watch` runs: it asks for the marks of the latest groups
   * @example await shop.upkeep.purge({ outcomesMs: 25 * hour, sentEventsMs: 168 * hour, groupsMs: hour })
   */
  purge(retention: Retention, limit?: number): Promise<number>
  /**
   * Keeps the daily sums by the days of policy `ranking.timeZone`. Resolves with true if it rebuilt them.
   * @example await shop.upkeep.ensureSales()
   */
  ensureSales(): Promise<boolean>
}

export const upkeepOf = (
  execute: Execute,
  {
    store,
    policies,
    views,
    acknowledged,
  }: {
    readonly store: Store<never>
    readonly policies: Policies
    readonly views: ViewCounter
    readonly acknowledged: AcknowledgedGroups
  },
): ShopUpkeep => ({
  async expireOrders(options = {}) {
    checkQuery(options, { limit: optional(integer(1, 10_000)), fence: checkFence })
    const { fence, limit = 500 } = options
    const orderIds = await store.reads.overdueOrders({ limit })
    const outcomes = await Promise.all(orderIds.map((orderId) => execute(expireOrder, { orderId, fence })))
    return outcomes.filter(({ ok }) => ok).length
  },
  async expireLots(options = {}) {
    checkQuery(options, { limit: optional(integer(1, 10_000)), fence: checkFence })
    const { fence, limit = 500 } = options
    const userIds = await store.reads.walletsWithEndedLots({ limit })
    const outcomes = await Promise.all(userIds.map((userId) => execute(expireLots, { userId, fence })))
    return outcomes.filter(({ ok }) => ok).length
  },
  async refreshRanking(options = {}) {
    checkQuery(options, { fence: checkFence, idempotency: checkedElsewhere, context: checkedElsewhere })
    const { fence, idempotency, context } = options
    await store.upkeep.addUpSales?.()
    const { now } = await store.reads.ranking({ mustBeCurrent: true })
    const window = rankingWindow(policies.ranking, now)
    // The window moves with the clock, so it is not part of the key.
    const keyed = idempotency && { request: {}, ...idempotency }
    return execute(refreshRanking, { window, fence }, { idempotency: keyed, context })
  },
  flushViews: () => views.flush(),
  async purge(retention, limit = 10_000) {
    if (retention.sentEventsMs < minSentRetentionMs) {
      throw new RangeError(`sent events are kept at least ${minSentRetentionMs} ms: ${retention.sentEventsMs}`)
    }
    if (acknowledged.isOn && retention.groupsMs <= acknowledgedBounds.maxAgeMs) {
      throw new RangeError(
        `while the history is watched, groups are kept longer than ${acknowledgedBounds.maxAgeMs} ms: ${retention.groupsMs}`,
      )
    }
    return store.upkeep.purge(retention, limit)
  },
  ensureSales: () => store.upkeep.ensureSales(policies.ranking.timeZone),
})
