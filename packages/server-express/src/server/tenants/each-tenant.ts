import type { Tenant, Tenants } from '../../tenants/tenants-content.js'
import { ProgressDisplay } from '../progress-display.js'
import { reasonOf } from '../start-failure.js'
import { type TenantsContext, tenantOf } from './context.js'

/** The shops with these ids, or all of them. @throws TenantsFailure if the file has no such shop. */
export const chosenTenants = (
  tenants: Tenants,
  shopIds: readonly string[],
  context: TenantsContext,
): readonly Tenant[] =>
  shopIds.length === 0
    ? [...tenants.shops.values()]
    : [...new Set(shopIds)].map((shopId) => tenantOf(tenants, shopId, context))

/** One shop of each database in turn: then shops of one database wait least for each other. */
const inTurn = (tenants: readonly Tenant[]): readonly Tenant[] => {
  const byDatabase = new Map<string, Tenant[]>()
  for (const tenant of tenants) {
    const others = byDatabase.get(tenant.database)
    if (others) others.push(tenant)
    else byDatabase.set(tenant.database, [tenant])
  }
  const queues = [...byDatabase.values()]
  const longest = Math.max(0, ...queues.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) => queues.flatMap((queue) => queue.slice(index, index + 1))).flat()
}

interface EachOptions {
  readonly concurrency: number
  /** What is done, for the progress: `migrated`. */
  readonly done: string
}

export interface EachResult {
  readonly failed: readonly string[]
  /** How many shops were begun. */
  readonly begun: number
}

/**
 * Does the work for each shop, several at once, and shows the progress. A shop that fails is reported and does not
 * stop the others. After a signal no further shop begins.
 */
export const forEachTenant = async (
  tenants: readonly Tenant[],
  work: (tenant: Tenant) => Promise<void>,
  { concurrency, done }: EachOptions,
  { signal, logger }: TenantsContext,
): Promise<EachResult> => {
  const display = new ProgressDisplay(process.stderr)
  const waiting = [...inTurn(tenants)].reverse()
  const failed: string[] = []
  let begun = 0
  let ended = 0
  const run = async (): Promise<void> => {
    for (;;) {
      const tenant = signal.aborted ? undefined : waiting.pop()
      if (!tenant) return
      begun += 1
      try {
        await work(tenant)
      } catch (error) {
        failed.push(tenant.shopId)
        display.print(`${tenant.shopId}: ${reasonOf(error)}`)
        logger.debug({ err: error, shopId: tenant.shopId }, 'a shop failed')
      }
      ended += 1
      display.show(ended / tenants.length, () => `${ended} of ${tenants.length} shops ${done}, ${failed.length} failed`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, tenants.length) }, run))
  display.end()
  return { failed, begun }
}
