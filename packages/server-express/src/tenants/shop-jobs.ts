import { type Instant, isShopUnavailable, isStoreError } from '@shop/core'
import type { Logger } from 'pino'
import type { JobObserver } from '../scheduler/job.js'
import { jobLog } from '../scheduler/job-log.js'
import type { JobName } from '../scheduler/jobs.js'
import { settlesWithin } from '../util/settles-within.js'
import type { ListShops, LocateShop } from './shop-location.js'
import type { ShopRegistry } from './shop-registry.js'
import { type ShopDuties, visitShop } from './visit-shop.js'

export interface ShopJobsOptions {
  readonly registry: ShopRegistry
  readonly locate: LocateShop
  readonly list: ListShops
  readonly logger: Logger
  readonly observer: JobObserver
  readonly now: () => Instant
  /** `false` for a job that does not run here. */
  readonly enabled?: Readonly<Partial<Record<JobName, boolean>>> | undefined
  /** Whether this server runs jobs. If not, the shops are only listed, to know whether they can be. */
  readonly runsJobs: boolean
  /** How often the jobs of a closed shop run, in milliseconds. */
  readonly closedMs: number
}

const listMs = 15_000
/** How often the jobs of an open shop run. */
const openMs = 5_000
/** Shops of one database whose jobs run at once. */
const laneWidth = 4
/** How long the jobs of a database rest that did not answer. */
const restMs = 2_000
/** Shops that are located at once. */
const locatedAtOnce = 20

/** A shop of the list, open or closed. */
interface ListedShop {
  readonly shopId: string
  readonly duties: ShopDuties
  database: string
  /** When its jobs last ran, in milliseconds of `performance.now()`. */
  visitedAt: number
  isQueued: boolean
}

/** The shops of one database. A database that hangs holds up the jobs of its own shops alone. */
interface Lane {
  readonly queue: ListedShop[]
  readonly running: Set<Promise<void>>
  restsUntil: number
}

/** A database that does not answer would fail the next shop as well. */
const isAboutDatabase = (error: unknown): boolean =>
  isShopUnavailable(error) || (isStoreError(error) && error.kind === 'unavailable')

/**
 * Runs the jobs of all shops in one server: it visits them in turn, a few of each database at a time. Open shops are visited
 * every five seconds, the others once a minute. Several servers may do so: a lock in the shop's database lets one of them in.
 * A shop whose job fails holds up no other.
 */
export class ShopJobs {
  readonly #options: ShopJobsOptions
  readonly #shops = new Map<string, ListedShop>()
  readonly #lanes = new Map<string, Lane>()
  readonly #logs = new Map<string, JobObserver>()
  readonly #stopping = new AbortController()
  #listedAt = Number.NEGATIVE_INFINITY
  #listing: Promise<void> | undefined
  #cannotList = false

  constructor(options: ShopJobsOptions) {
    this.#options = options
  }

  /** Whether the last question for the shops failed. */
  get cannotList(): boolean {
    return this.#cannotList
  }

  /** Observes the jobs of a shop: the log tells once when one begins to fail. */
  observerOf(shopId: string): JobObserver {
    return { onRun: (run) => this.#observe(shopId, run) }
  }

  /** Called every second: lists the shops if that is due, and visits those that are due. */
  tick(now = performance.now()): void {
    if (this.#stopping.signal.aborted) return
    if (now - this.#listedAt >= listMs && !this.#listing) {
      this.#listedAt = now
      this.#listing = this.#list(now).finally(() => {
        this.#listing = undefined
      })
    }
    const { registry, closedMs } = this.#options
    for (const shop of this.#shops.values()) {
      const everyMs = registry.has(shop.shopId) ? Math.min(openMs, closedMs) : closedMs
      if (shop.isQueued || now - shop.visitedAt < everyMs) continue
      const lane = this.#laneOf(shop.database)
      if (now < lane.restsUntil) continue
      shop.isQueued = true
      lane.queue.push(shop)
    }
    for (const lane of this.#lanes.values()) this.#pump(lane)
  }

  /** Begins no further visit, and resolves when those under way have ended, or after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort()
    await settlesWithin(graceMs, Promise.all([...this.#lanes.values()].flatMap(({ running }) => [...running])))
  }

  #observe(shopId: string, run: Parameters<JobObserver['onRun']>[0]): void {
    this.#options.observer.onRun(run)
    if (run.error === undefined && !this.#logs.has(shopId)) return
    let log = this.#logs.get(shopId)
    if (!log) {
      const { logger } = this.#options
      log = jobLog(logger.child({ shop: shopId }))
      this.#logs.set(shopId, log)
    }
    log.onRun(run)
  }

  async #list(now: number): Promise<void> {
    const { list, logger, closedMs, runsJobs } = this.#options
    try {
      const listedIds = await list()
      const shopIds = runsJobs ? listedIds : []
      const listed = new Set(shopIds)
      for (const shopId of this.#shops.keys()) if (!listed.has(shopId)) this.#forget(shopId)
      const added = shopIds.filter((shopId) => !this.#shops.has(shopId))
      for (let from = 0; from < added.length; from += locatedAtOnce)
        await Promise.all(
          added.slice(from, from + locatedAtOnce).map((shopId, index) =>
            // Spread over the minute, so that the work of many shops does not come at once.
            this.#add(shopId, now - closedMs + ((from + index) / added.length) * closedMs),
          ),
        )
      this.#cannotList = false
    } catch (error) {
      if (!this.#cannotList)
        logger.error({ err: error }, 'the list of shops cannot be read: the last known one is used')
      this.#cannotList = true
    }
  }

  async #add(shopId: string, visitedAt: number): Promise<void> {
    try {
      const location = await this.#options.locate(shopId)
      if (!location) return
      this.#shops.set(shopId, { shopId, database: location.database, visitedAt, isQueued: false, duties: {} })
    } catch (error) {
      // The next listing asks again.
      this.#options.logger.debug({ err: error, shop: shopId }, 'a shop cannot be located')
    }
  }

  #forget(shopId: string): void {
    this.#shops.delete(shopId)
    this.#logs.delete(shopId)
  }

  #laneOf(database: string): Lane {
    const lane = this.#lanes.get(database) ?? { queue: [], running: new Set(), restsUntil: 0 }
    this.#lanes.set(database, lane)
    return lane
  }

  #pump(lane: Lane): void {
    while (lane.running.size < laneWidth && !this.#stopping.signal.aborted) {
      const shop = lane.queue.shift()
      if (!shop) return
      const running = this.#visit(shop, lane).finally(() => {
        lane.running.delete(running)
        this.#pump(lane)
      })
      lane.running.add(running)
    }
  }

  async #visit(shop: ListedShop, lane: Lane): Promise<void> {
    const { registry, now, enabled } = this.#options
    const observer = this.observerOf(shop.shopId)
    const began = performance.now()
    try {
      const entry = await registry.enter(shop.shopId, { isJob: true })
      try {
        shop.database = entry.location?.database ?? shop.database
        if (!entry.refusesWrites)
          await visitShop(entry.open, shop.duties, { now, enabled, observer, signal: this.#stopping.signal })
      } finally {
        registry.leaveJob(entry)
      }
    } catch (error) {
      observer.onRun({ job: 'visit', ms: performance.now() - began, error })
      if (isAboutDatabase(error)) this.#rest(lane)
    } finally {
      shop.isQueued = false
      shop.visitedAt = performance.now()
    }
  }

  /** The shops in the queue stay due. */
  #rest(lane: Lane): void {
    lane.restsUntil = performance.now() + restMs
    for (const shop of lane.queue.splice(0)) shop.isQueued = false
  }
}
