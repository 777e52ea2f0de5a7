import { setTimeout } from 'node:timers/promises'
import {
  dayOf,
  type Instant,
  isShopUnavailable,
  type RelayDeps,
  type Retention,
  relayOnce,
  type Shop,
} from '@shop/core'
import type { JobDefinition } from './job.js'
import type { Fence, Leadership } from './leadership.js'

/** The jobs of a shop: the first three run once for all processes, the others in each. */
export type JobName = 'expiry' | 'ranking' | 'purge' | 'views' | 'relay'

const secondMs = 1_000
const hourMs = 3_600 * secondMs

/** Outcomes are promised for 24 hours. Records of groups are needed only while a commit can be in doubt. */
export const defaultRetention: Retention = { outcomesMs: 25 * hourMs, sentEventsMs: 7 * 24 * hourMs, groupsMs: hourMs }

const sweepBatch = 500
const purgeBatch = 10_000

/** Passes of the relay at once: a platform that hangs on a few events holds up those passes, not the others. */
const relayPasses = 4

/** Clocks of one shop differ by less; a store that is further off has a time of its own. */
const maxSkewMs = 60 * secondMs
const rankingRetries = 5

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => undefined)

/**
 * Computes the ranking; once more where the store's clock had not reached the time at which this run was due, because its
 * day may have been yesterday, and where the store was away. Answers false where somebody else leads.
 */
const computeRanking = async (shop: Shop<never>, fence: Fence | undefined, signal: AbortSignal): Promise<boolean> => {
  const due = Date.now()
  for (let tried = 0; ; tried += 1) {
    try {
      const outcome = await shop.upkeep.refreshRanking({ fence })
      if (!outcome.ok) return false
      const early = due - Date.parse(outcome.result.asOf ?? '')
      if (!(early > 0 && early <= maxSkewMs) || signal.aborted) return true
      await pause(early, signal)
    } catch (error) {
      if (!isShopUnavailable(error) || tried >= rankingRetries || signal.aborted) throw error
      await pause(secondMs * 2 ** tried, signal)
    }
  }
}

/** Jobs that one server runs for all. */
export const leaderJobs = (
  shop: Shop<never>,
  leadership: Leadership,
  retention: Retention,
): readonly JobDefinition[] => {
  const { schedule, timeZone } = shop.policies.ranking
  return [
    {
      name: 'ranking',
      timing: { rule: schedule, timeZone },
      run: (signal) =>
        leadership.lead('ranking', async (fence) => {
          if (!(await computeRanking(shop, fence, signal))) leadership.resign()
        }),
    },
    {
      name: 'expiry',
      timing: { rule: '*/5 * * * * *' },
      run: (signal) =>
        leadership.lead('expiry', async (fence) => {
          while ((await shop.upkeep.expireOrders({ fence, limit: sweepBatch })) === sweepBatch && !signal.aborted);
        }),
    },
    {
      name: 'purge',
      timing: { rule: '30 */10 * * * *' },
      run: (signal) =>
        leadership.lead('purge', async () => {
          while ((await shop.upkeep.purge(retention, purgeBatch)) >= purgeBatch && !signal.aborted);
        }),
    },
  ]
}

/** A ranking of another day than today's missed at least one midnight while no server ran. */
export const isRankingOutdated = async (shop: Shop<never>, now: Instant): Promise<boolean> => {
  const { asOf } = await shop.products.top({ limit: 1 })
  const { timeZone } = shop.policies.ranking
  return asOf !== null && dayOf(Date.parse(asOf), timeZone) !== dayOf(now, timeZone)
}

/** Every server writes the views that it has counted. */
export const viewsJob = (shop: Shop<never>): JobDefinition => ({
  name: 'views',
  timing: { rule: '* * * * * *' },
  run: () => shop.upkeep.flushViews(),
})

/** Every server relays events, until nothing is due: an order's next event may go as soon as its last one is settled. */
export const relayJob = (deps: RelayDeps): JobDefinition => ({
  name: 'relay',
  timing: { rule: '* * * * * *' },
  concurrency: relayPasses,
  run: async (signal) => {
    while (!signal.aborted && (await relayOnce(deps, signal)) > 0);
  },
})
