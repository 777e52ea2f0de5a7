import { randomUUID } from 'node:crypto'
import type { Day } from '@shop/core/store'
import { rankingKeys } from '../keys.js'
import { deleteKeys, type RedisAccess } from '../lua-script.js'
import { lockDayRefresh, storeDaySums, topOfDays } from './day-scripts.js'

/** Units sold by product id. */
export type Sums = ReadonlyMap<string, number>

export interface DaySumsOptions extends RedisAccess {
  readonly timeZone: string
  /** The full sums of one day, as committed. */
  dailySums(day: Day, timeZone: string): Promise<Sums>
  readonly dayMs: number
  readonly lockMs: number
}

/** Products in one call of Redis: Lua accepts a limited number of arguments. */
const productsPerCall = 2_000

/** A missing day is read and looked up again: so often in all. */
const maxLookups = 3

/** The full sums of days, cached in Redis. */
export class DaySums {
  readonly #options: DaySumsOptions

  constructor(options: DaySumsOptions) {
    this.#options = options
  }

  /**
   * The products that sold most over `days`: at least `wanted` of those that sold anything, and all that sold as many as
   * the last of them. Undefined if another server is reading a day, or a day keeps changing.
   */
  async top(database: string, days: readonly Day[], wanted: number): Promise<Sums | undefined> {
    const id = { database, timeZone: this.#options.timeZone }
    for (let lookups = 0; lookups < maxLookups; lookups += 1) {
      const reply = await topOfDays(this.#options, id, { days, wanted })
      if ('top' in reply) return new Map(reply.top)
      const refreshed = await Promise.all(reply.missing.map((day) => this.#refresh(database, day)))
      if (refreshed.includes(false)) return undefined
    }
    return undefined
  }

  /** Invalidates the sums of these days on every server, and reads that are under way. */
  async forget(database: string, days: readonly Day[]): Promise<void> {
    const keys = rankingKeys(database, this.#options.timeZone)
    const stale = days.flatMap((day) => [keys.sums(day), keys.refreshLock(day)])
    if (stale.length > 0) await deleteKeys(this.#options, stale)
  }

  /** Reads a day from the database into Redis. Resolves with false if another server does so, or the day has changed. */
  async #refresh(database: string, day: Day): Promise<boolean> {
    const { timeZone, dailySums, dayMs, lockMs } = this.#options
    const id = { database, timeZone }
    const token = randomUUID()
    if (!(await lockDayRefresh(this.#options, id, { day, token, lockMs }))) return false
    const sums = [...(await dailySums(day, timeZone))]
    for (let start = 0; start === 0 || start < sums.length; start += productsPerCall) {
      const end = start + productsPerCall
      const part = { day, token, dayMs, isLast: end >= sums.length, sums: sums.slice(start, end) }
      if (!(await storeDaySums(this.#options, id, part))) return false
    }
    return true
  }
}
