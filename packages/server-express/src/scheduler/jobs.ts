import { setTimeout } from 'node:timers/promises'
import {
  type Instant,
  isShopUnavailable,
  type RelayDeps,
  type Retention,
  relayOnce,
  type Shop,
  type ShopUpkeep,
} from '@shop/core'
import { dayOf } from '@shop/core/store'
import type { JobDefinition } from './job.js'
import type { Fence, Leadership } from './leadership.js'

/** The jobs of a shop: the first three run once for all processes, the others in each. */
export type JobName = 'expiry' | 'ranking' | 'purge' | 'views' | 'relay'

const secondMs = 1_000
const hourMs = 3_600 * secondMs

/** Idempotent outcomes are guaranteed for 24 hours. Records of groups are needed only while a commit can be in doubt. */
export const defaultRetention: Retention = { outcomesMs: 25 * hourMs, sentEventsMs: 7 * 24 * hourMs, groupsMs: hourMs }

const sweepBatch = 500
const purgeBatch = 10_000

/** Concurrent passes of the relay. If the receiver hangs on a few events, only their passes are blocked. */
const relayPasses = 4

/** The clocks of one shop differ by less. A store that differs by more has an artificial clock, as in a test. */
const maxSkewMs = 60 * secondMs
const rankingRetries = 5

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => undefined)

/**
 * Computes the ranking. Computes it again if the store's clock was behind this server's, because the run may
 * have used yesterday's date. Retries if the store is unavailable. Resolves with false if another server is the
 * leader.
 */
const computeRanking = async (shop: Shop<never>, fence: Fence | undefined, signal: AbortSignal): Promise<boolean> => {
  const due = Date.now()
  for (let tried = 0; ; tried += 1) {
    try {
      const outcome = await shop.upkeep.refreshRanking({ fence })
      if (!outcome.ok) {
        if (outcome.refusal.code === 'LEADERSHIP_LOST') return false
        throw new Error(`the ranking is refused: ${outcome.refusal.code}; does a guard allow it without a context?`)
      }
      const early = due - Date.parse(outcome.result.asOf ?? '')
      if (!(early > 0 && early <= maxSkewMs) || signal.aborted) return true
      await pause(early, signal)
    } catch (error) {
      if (!isShopUnavailable(error) || tried >= rankingRetries || signal.aborted) throw error
      await pause(secondMs * 2 ** tried, signal)
    }
  }
}

/** Jobs that only the leader runs. */
export const leaderJobs = (
  shop: Shop<never>,
  leadership: Pick<Leadership, 'lead' | 'resign'>,
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
          const sweep = async (batch: ShopUpkeep['expireOrders']) => {
            while ((await batch({ fence, limit: sweepBatch })) === sweepBatch && !signal.aborted);
          }
          // Each sweeps on if the other fails.
          const { expireOrders, expireLots } = shop.upkeep
          const swept = await Promise.allSettled([sweep(expireOrders), sweep(expireLots)])
          for (const each of swept) if (each.status === 'rejected') throw each.reason
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

/** Whether the ranking is from another day: then no server ran at the last midnight. */
export const isRankingOutdated = async (shop: Shop<never>, now: Instant): Promise<boolean> => {
  const { asOf } = await shop.products.top({ limit: 1 })
  const { timeZone } = shop.policies.ranking
  return asOf !== null && dayOf(Date.parse(asOf), timeZone) !== dayOf(now, timeZone)
}

/** Every server flushes the views that it counted. */
export const viewsJob = (shop: Shop<never>): JobDefinition => ({
  name: 'views',
  timing: { rule: '* * * * * *' },
  run: () => shop.upkeep.flushViews(),
})

/**
 * Every server relays events until none is due. An order's next event may become due as soon as the previous
 * one is delivered.
 */
export const relayJob = (deps: RelayDeps): JobDefinition => ({
  name: 'relay',
  timing: { rule: '* * * * * *' },
  concurrency: relayPasses,
  run: async (signal) => {
    while (!signal.aborted && (await relayOnce(deps, signal)) > 0);
  },
})
