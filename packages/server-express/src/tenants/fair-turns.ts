import { ShopUnavailable } from '@shop/core'

export interface FairTurnsOptions {
  /** Requests of all shops of one database that run at once: one that hangs takes no place of the others. @default 512 */
  readonly maxRunning?: number
  /** Requests of one shop that run at once while no other shop is asked. @default 256 */
  readonly maxRunningAlone?: number
  /**
   * Requests of one shop that run at once while others are asked, too. A group commits them together, and their answers keep
   * the process busy: so long others wait. @default 32
   */
  readonly maxRunningPerShop?: number
  /** Requests of one shop that wait. Further ones are refused. @default 2_000 */
  readonly maxWaitingPerShop?: number
  /** Milliseconds on a clock that never goes back. @default performance.now */
  readonly now?: () => number
}

/** A shop that was asked within this time is asked now. */
const askedMs = 1_000

const add = (counts: Map<string, number>, name: string, change: number): void => {
  const count = (counts.get(name) ?? 0) + change
  if (count > 0) counts.set(name, count)
  else counts.delete(name)
}

/**
 * Turns of the requests of many shops. Up to the limits each runs at once. Beyond them the requests of a shop wait in
 * their order, and the shops take turns: a rush in one delays its own requests, and hardly those of the others.
 */
export class FairTurns {
  readonly #options: Required<FairTurnsOptions>
  /** By database. */
  readonly #running = new Map<string, number>()
  readonly #runningOf = new Map<string, number>()
  /** The shop that is served next comes first. */
  readonly #waiting = new Map<string, { readonly database: string; readonly begins: (() => void)[] }>()
  /** The shops that were asked since `#askedFrom`, and in the time before. */
  #asked = new Set<string>()
  #askedBefore = new Set<string>()
  #askedFrom = Number.NEGATIVE_INFINITY

  constructor(options: FairTurnsOptions = {}) {
    this.#options = {
      maxRunning: 512,
      maxRunningAlone: 256,
      maxRunningPerShop: 32,
      maxWaitingPerShop: 2_000,
      now: () => performance.now(),
      ...options,
    }
  }

  /** @throws ShopUnavailable if too many requests of the shop wait */
  async run<T>(shopId: string, database: string, work: () => Promise<T>): Promise<T> {
    this.#note(shopId)
    if (this.#hasRoom(shopId, database)) this.#begin(shopId, database)
    else await this.#wait(shopId, database)
    try {
      return await work()
    } finally {
      this.#end(shopId, database)
    }
  }

  #note(shopId: string): void {
    const now = this.#options.now()
    if (now - this.#askedFrom >= askedMs) {
      this.#askedBefore = this.#asked
      this.#asked = new Set()
      this.#askedFrom = now
    }
    this.#asked.add(shopId)
  }

  /** Whether other shops are asked, too. */
  #isShared(shopId: string): boolean {
    const isOther = (asked: ReadonlySet<string>) => asked.size > 1 || (asked.size === 1 && !asked.has(shopId))
    return isOther(this.#asked) || isOther(this.#askedBefore)
  }

  #hasRoom(shopId: string, database: string): boolean {
    const { maxRunning, maxRunningAlone, maxRunningPerShop } = this.#options
    const most = this.#isShared(shopId) ? maxRunningPerShop : maxRunningAlone
    return (this.#running.get(database) ?? 0) < maxRunning && (this.#runningOf.get(shopId) ?? 0) < most
  }

  #begin(shopId: string, database: string): void {
    add(this.#running, database, 1)
    add(this.#runningOf, shopId, 1)
  }

  #wait(shopId: string, database: string): Promise<void> {
    const { maxWaitingPerShop } = this.#options
    const waiting = this.#waiting.get(shopId) ?? { database, begins: [] }
    if (waiting.begins.length >= maxWaitingPerShop)
      throw new ShopUnavailable(`more than ${maxWaitingPerShop} requests of the shop ${shopId} are waiting`)
    this.#waiting.set(shopId, waiting)
    return new Promise((resolve) => waiting.begins.push(resolve))
  }

  #end(shopId: string, database: string): void {
    add(this.#running, database, -1)
    add(this.#runningOf, shopId, -1)
    while (this.#serveNext());
  }

  /** Few shops are passed over: those that run their share, and those of a database that hangs. */
  #serveNext(): boolean {
    for (const [shopId, waiting] of this.#waiting) {
      const { database, begins } = waiting
      if (!this.#hasRoom(shopId, database)) continue
      const begin = begins.shift()
      this.#waiting.delete(shopId)
      if (begins.length > 0) this.#waiting.set(shopId, waiting)
      this.#begin(shopId, database)
      begin?.()
      return true
    }
    return false
  }
}
