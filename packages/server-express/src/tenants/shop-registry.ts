import { isShopUnavailable, ShopUnavailable } from '@shop/core'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { settlesWithin } from '../util/settles-within.js'
import type { OpeningShop, OpenShop } from './open-shop.js'
import { ShopEntry } from './shop-entry.js'
import type { LocateShop } from './shop-location.js'
import { ShopNotFound } from './shop-not-found.js'

export interface ShopRegistryOptions {
  readonly locate: LocateShop
  readonly open: (opening: OpeningShop) => Promise<OpenShop>
  readonly idleMs: number
  readonly maxOpen: number
  readonly logger: Logger
}

/** How long a shop that could not be opened is not tried again: many requests for it then cost little. */
const failureMs = 1_000
const maxFailures = 10_000

interface Failure {
  readonly error: Error
  /** Milliseconds of `performance.now()`. */
  readonly at: number
}

/** Requests that wait until a shop is open. Further ones are refused: those of one that hangs must not fill the server. */
const maxWaiting = 2_000

/** Not remembered as a failure: there may be room at once. */
class NoRoom extends ShopUnavailable {}

/** Longer than a command may wait: those of a shop that closes are answered. */
const drainMs = 12_000
/** A shop that was asked within this time may have counted views. */
const askedMs = 15_000

/** The shops of a server: opened when first asked for, and closed when nobody has asked for long. */
export class ShopRegistry {
  readonly #options: ShopRegistryOptions
  readonly #entries = new Map<string, ShopEntry>()
  /** By shop: at one time at most one is open, also while it moves. */
  readonly #closing = new Map<string, Promise<void>>()
  readonly #failures = new LRUCache<string, Failure>({ max: maxFailures })
  /** Schemas whose tables were found to be up to date. */
  readonly #migrated = new Set<string>()
  #isClosed = false

  constructor(options: ShopRegistryOptions) {
    this.#options = options
  }

  /** Shops that are open. */
  get open(): readonly OpenShop[] {
    return [...this.#entries.values()].flatMap(({ open }) => open ?? [])
  }

  /** Whether a shop is open, or opening. */
  has(shopId: string): boolean {
    return this.#entries.has(shopId)
  }

  /**
   * Enters a shop, and opens it if it is closed. It does not close until `leave` of the entry was called. `isJob`: nobody
   * asked for the shop, so it closes again as soon as the job has left.
   * @throws ShopNotFound
   * @throws ShopUnavailable if the shop cannot be opened now
   */
  async enter(
    shopId: string,
    { isJob = false }: { readonly isJob?: boolean } = {},
  ): Promise<ShopEntry & { open: OpenShop }> {
    for (;;) {
      const entry = this.#entries.get(shopId) ?? this.#begin(shopId, isJob)
      if (!entry.open && !isJob && entry.visits >= maxWaiting)
        throw new ShopUnavailable(`more than ${maxWaiting} requests wait until the shop ${shopId} is open`)
      entry.visits += 1
      try {
        if (!entry.open) await entry.ready
        if (!entry.closed && (await entry.isThere(() => this.#options.locate(shopId)))) {
          if (!isJob) this.#asked(entry)
          return entry as ShopEntry & { open: OpenShop }
        }
      } catch (error) {
        entry.leave()
        throw error
      }
      entry.leave()
      await this.#close(entry)
    }
  }

  /**
   * Keeps a shop open for work that may take long. If the shop moves, it closes meanwhile: its callers must not wait
   * for the work.
   * @throws as `enter`; the error of `work`
   */
  async hold<T>(shopId: string, work: (open: OpenShop) => Promise<T>): Promise<T> {
    const entry = await this.enter(shopId)
    entry.holds += 1
    entry.leave()
    try {
      return await work(entry.open)
    } finally {
      entry.endHold()
    }
  }

  /**
   * Leaves a shop that a job has entered, and closes it if nobody asked for it. While deliveries are under way it stays
   * open until a later `tick`: callers of the shop must not wait for a slow receiver.
   */
  leaveJob(entry: ShopEntry): void {
    entry.leave()
    if (this.#isUnused(entry) && entry.askedAt === Number.NEGATIVE_INFINITY) void this.#close(entry)
  }

  /** Called every second: lets open shops do what is due, and closes those that moved or that nobody asks. */
  async tick(): Promise<void> {
    const now = performance.now()
    const ticks = [...this.#entries.values()].map(async (entry) => {
      const { open } = entry
      if (!open || entry.closed || entry.isTicking) return
      entry.isTicking = true
      try {
        await this.#tickOf(entry, open, now)
      } finally {
        entry.isTicking = false
      }
    })
    await Promise.allSettled(ticks)
  }

  async #tickOf(entry: ShopEntry, open: OpenShop, now: number): Promise<void> {
    await open.tick(now - entry.askedAt < askedMs)
    if (entry.hasMoved) await this.#close(entry)
    else if (now - entry.askedAt >= this.#options.idleMs && this.#isUnused(entry)) await this.#closeIdle(entry, open)
  }

  /** Closes all shops. Work under way, also that of `hold`, gets `graceMs` to end. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#entries.values()].map((entry) => this.#close(entry, graceMs)))
    await Promise.all(this.#closing.values())
  }

  #isUnused({ open, visits, holds, closed }: ShopEntry): boolean {
    return open !== undefined && visits + holds === 0 && open.isQuiet && closed === undefined
  }

  /** Counted views are written first. If they cannot be, the shop stays open. */
  async #closeIdle(entry: ShopEntry, open: OpenShop): Promise<void> {
    if (await this.#mayWrite(entry)) await open.shop.upkeep.flushViews()
    if (this.#isUnused(entry)) await this.#close(entry)
  }

  #asked(entry: ShopEntry): void {
    entry.askedAt = performance.now()
    entry.open?.asked()
  }

  #mayWrite(entry: ShopEntry): Promise<boolean> {
    return entry.mayWrite(() => this.#options.locate(entry.shopId))
  }

  #begin(shopId: string, isJob: boolean): ShopEntry {
    const failure = this.#failures.get(shopId)
    if (failure && !isJob && performance.now() - failure.at < failureMs) throw failure.error
    if (this.#isClosed) throw new ShopUnavailable('the server is stopping')
    const entry = new ShopEntry(shopId, (own) => this.#open(own, isJob))
    this.#entries.set(shopId, entry)
    return entry
  }

  async #open(entry: ShopEntry, isJob: boolean): Promise<OpenShop> {
    const { shopId } = entry
    const { locate, open } = this.#options
    try {
      await this.#closing.get(shopId)
      const askedAt = performance.now()
      const location = await locate(shopId)
      if (!location) throw new ShopNotFound(shopId)
      // Only for a shop that exists: requests for unknown shops must not close any.
      if (!isJob) this.#makeRoom()
      entry.locatedAt(location, askedAt)
      const place = `${location.database} ${location.schema}`
      const opened = await open({
        shopId,
        location,
        isMigrated: isJob && this.#migrated.has(place),
        refusesWrites: () => entry.refusesWrites,
        mayWrite: () => this.#mayWrite(entry),
      })
      this.#migrated.add(place)
      return opened
    } catch (error) {
      if (this.#entries.get(shopId) === entry) this.#entries.delete(shopId)
      throw error instanceof NoRoom ? error : this.#failed(shopId, error)
    }
  }

  /** A shop with wrong rules or old tables is away, too: callers cannot change that. */
  #failed(shopId: string, cause: unknown): Error {
    const isKnown = cause instanceof ShopNotFound || isShopUnavailable(cause)
    const error = isKnown ? (cause as Error) : new ShopUnavailable(`the shop ${shopId} cannot be opened`, { cause })
    if (!isKnown) this.#options.logger.warn({ err: cause, shop: shopId }, 'a shop cannot be opened')
    this.#failures.set(shopId, { error, at: performance.now() })
    return error
  }

  /** Closes the shop that was asked least recently, if there are too many. */
  #makeRoom(): void {
    const { maxOpen } = this.#options
    const found = [...this.#entries.values()].filter(({ location }) => location !== undefined)
    if (found.length < maxOpen) return
    let oldest: ShopEntry | undefined
    for (const entry of found) if (this.#isUnused(entry) && (!oldest || entry.askedAt < oldest.askedAt)) oldest = entry
    if (!oldest) throw new NoRoom(`more than ${maxOpen} shops are in use`)
    void this.#close(oldest)
  }

  /** Requests that come from now on open the shop again, once this one has closed. */
  #close(entry: ShopEntry, graceMs = drainMs): Promise<void> {
    if (entry.closed) return entry.closed
    const { shopId } = entry
    if (this.#entries.get(shopId) === entry) this.#entries.delete(shopId)
    const closed = this.#drain(entry, graceMs).finally(() => {
      if (this.#closing.get(shopId) === closed) this.#closing.delete(shopId)
    })
    entry.closed = closed
    this.#closing.set(shopId, closed)
    return closed
  }

  async #drain(entry: ShopEntry, graceMs: number): Promise<void> {
    const open = await entry.ready.catch(() => undefined)
    if (!open) return
    await settlesWithin(graceMs, entry.left({ andHolds: this.#isClosed }))
    try {
      await open.close(graceMs)
    } catch (error) {
      this.#options.logger.warn({ err: error, shop: entry.shopId }, 'a shop did not close as it should')
    }
  }
}
