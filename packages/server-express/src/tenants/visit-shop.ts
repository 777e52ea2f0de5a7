import type { Instant } from '@shop/core'
import type { JobDefinition, JobObserver } from '../scheduler/job.js'
import { defaultRetention, isRankingOutdated, type JobName, leaderJobs } from '../scheduler/jobs.js'
import { occurrencesOf } from '../scheduler/occurrences.js'
import { settlesWithin } from '../util/settles-within.js'
import type { OpenShop } from './open-shop.js'

/** When the jobs of a shop are due again that do not run at each visit. Milliseconds since 1970; undefined: not known. */
export interface ShopDuties {
  rankingAt?: number | undefined
  purgeAt?: number | undefined
}

const purgeMs = 600_000
/** How long a visit waits for deliveries. They go on after it. */
const deliveryMs = 1_000

export interface VisitOptions {
  readonly now: () => Instant
  readonly enabled?: Readonly<Partial<Record<JobName, boolean>>> | undefined
  readonly observer: JobObserver
  readonly signal: AbortSignal
}

/** Occurrences hold rules of time zones: shops with the same schedule share them. */
const schedules = new Map<string, ReturnType<typeof occurrencesOf>>()

const nextRanking = ({ shop }: OpenShop, after: number): number => {
  const { schedule, timeZone } = shop.policies.ranking
  const name = `${timeZone} ${schedule}`
  const occurrences = schedules.get(name) ?? occurrencesOf({ rule: schedule, timeZone })
  schedules.set(name, occurrences)
  return occurrences(after) ?? Number.POSITIVE_INFINITY
}

/** Also when the shop is visited for the first time, and no server ran at the last midnight. */
const isRankingDue = async (open: OpenShop, { rankingAt }: ShopDuties, now: number): Promise<boolean> => {
  if (rankingAt === undefined) return isRankingOutdated(open.shop, now)
  if (now < rankingAt) return false
  const { asOf } = await open.shop.products.top({ limit: 1 })
  // Another server may have computed it.
  return asOf === null || Date.parse(asOf) < rankingAt
}

/** Runs one job, and tells the observer. Resolves with false if it failed: the jobs after it run all the same. */
const runJob = async ({ name, run }: JobDefinition, { observer, signal }: VisitOptions): Promise<boolean> => {
  const began = performance.now()
  try {
    await run(signal)
    observer.onRun({ job: name, ms: performance.now() - began })
    return true
  } catch (error) {
    observer.onRun({ job: name, ms: performance.now() - began, error })
    return false
  }
}

/**
 * Does what is due in a shop: overdue orders and lots end, the ranking is computed, old records go, events are sent. What
 * must run once runs under the lock of the shop's scheduler: a server that does not get it leaves the work to the other.
 * @throws StoreError if the lock cannot be asked for
 */
export const visitShop = async (open: OpenShop, duties: ShopDuties, options: VisitOptions): Promise<void> => {
  const { now, enabled } = options
  const isEnabled = (name: JobName) => enabled?.[name] !== false
  const began = now()
  const due = new Set<JobName>(['expiry'])
  if (began >= (duties.purgeAt ?? 0)) due.add('purge')
  const done = new Set<JobName>()
  await open.locks.withLock('scheduler', async ({ token }) => {
    const leadership = {
      lead: (job: string, work: (fence: { job: string; token: number }) => Promise<void>) => work({ job, token }),
      resign: () => {},
    }
    if (isEnabled('ranking') && (await isRankingDue(open, duties, began))) due.add('ranking')
    for (const definition of leaderJobs(open.shop, leadership, defaultRetention)) {
      const name = definition.name as JobName
      if (due.has(name) && isEnabled(name) && (await runJob(definition, options))) done.add(name)
    }
    if (!due.has('ranking') || done.has('ranking')) duties.rankingAt = nextRanking(open, began)
    if (done.has('purge')) duties.purgeAt = began + purgeMs
  })
  await settlesWithin(deliveryMs, open.relayAll())
}
