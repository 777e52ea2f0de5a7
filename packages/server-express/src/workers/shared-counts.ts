import type { Store } from 'express-rate-limit'
import { initCounts } from '../http/rate-limit.js'
import { BoundedCounts } from '../util/bounded-counts.js'
import type { EngineWork } from './worker-link.js'

/** The counts of rate limits over all workers. `writes`: of a Redis that several servers share. */
export const sharedCounts = (writes: Store = new BoundedCounts()): EngineWork['count'] => {
  const stores = { writes: initCounts(writes), reads: initCounts(new BoundedCounts()) }
  return async (name, key) => {
    const { totalHits, resetTime } = await stores[name].increment(key)
    return { totalHits, resetAt: resetTime?.getTime() }
  }
}
