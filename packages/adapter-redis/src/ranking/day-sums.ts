import { randomUUID } from 'node:crypto'
import type { Day } from '@shop/core/store'
import { rankingKeys } from '../keys.js'
import { type RedisAccess, runScript } from '../script.js'
import { beginDay } from '../scripts/begin-day.js'
import { forget } from '../scripts/forget.js'
import { keepDay } from '../scripts/keep-day.js'
import { uniteDays } from '../scripts/unite-days.js'

/** Units by product. */
export type Sums = ReadonlyMap<string, number>

export interface DaySumsOptions extends RedisAccess {
  readonly timeZone: string
  /** The full sums of one day, as committed. */
  dailySums(day: Day, timeZone: string): Promise<Sums>
  readonly dayMs: number
  readonly leaveMs: number
}

/** Lua passes so many arguments at once. */
const part = 2_000

/** The full sums of days, in Redis before the database. */
export class DaySums {
  readonly #options: DaySumsOptions

  constructor(options: DaySumsOptions) {
    this.#options = options
  }

  /**
   * The products that sold most over `days`, with all that sold as many as the last of them: at least `wanted` of those
   * that sold anything. Nothing where a day cannot be had, because others are reading it or it keeps changing.
   */
  async top(database: string, days: readonly Day[], wanted: number): Promise<Sums | undefined> {
    const keys = rankingKeys(database, this.#options.timeZone)
    for (let tried = 0; tried < 3; tried += 1) {
      const [missing, ...rest] = (await runScript(
        this.#options,
        uniteDays,
        [keys.window, ...days.map(keys.sums)],
        [wanted],
      )) as [number, ...(string | number)[]]
      if (missing === 0) return pairs(rest)
      const read = await Promise.all(rest.map((number) => this.#read(database, days[Number(number) - 1] as Day)))
      if (read.includes(false)) return undefined
    }
    return undefined
  }

  /** From here on nobody finds sums of these days that were read before. */
  async forget(database: string, days: readonly Day[]): Promise<void> {
    const keys = rankingKeys(database, this.#options.timeZone)
    const gone = days.flatMap((day) => [keys.sums(day), keys.refreshLock(day)])
    if (gone.length > 0) await runScript(this.#options, forget, gone, [])
  }

  /** Answers whether it could read the day. */
  async #read(database: string, day: Day): Promise<boolean> {
    const { timeZone, dailySums, dayMs, leaveMs } = this.#options
    const keys = rankingKeys(database, timeZone)
    const token = randomUUID()
    if ((await runScript(this.#options, beginDay, [keys.refreshLock(day)], [token, leaveMs])) !== 1) return false
    const sums = [...(await dailySums(day, timeZone))]
    for (let start = 0; start === 0 || start < sums.length; start += part) {
      const isLast = start + part >= sums.length
      const scores = sums.slice(start, start + part).flatMap(([productId, units]) => [units, productId])
      const kept = await runScript(
        this.#options,
        keepDay,
        [keys.refreshLock(day), keys.gathered(day, token), keys.sums(day)],
        [token, dayMs, isLast ? 1 : 0, ...scores],
      )
      if (kept !== 1) return false
    }
    return true
  }
}

const pairs = (flat: readonly (string | number)[]): Sums => {
  const sums = new Map<string, number>()
  for (let index = 0; index < flat.length; index += 2) sums.set(String(flat[index]), Number(flat[index + 1]))
  return sums
}
