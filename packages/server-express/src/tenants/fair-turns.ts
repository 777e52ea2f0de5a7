import { ShopUnavailable } from '@shop/core'

export interface FairTurnsOptions {
  /** Requests of all shops that run at once. @default 512 */
  readonly maxRunning?: number
  /** Requests of one shop that run at once: below `maxRunning`, so that there is room for others. @default 128 */
  readonly maxRunningPerShop?: number
  /** Requests of one shop that wait. Further ones are refused. @default 2_000 */
  readonly maxWaitingPerShop?: number
}

/**
 * Turns of the requests of many shops. Up to the limits each runs at once. Beyond them the requests of a shop wait in
 * their order, and the shops take turns: a rush in one delays its own requests, and hardly those of the others.
 */
export class FairTurns {
  readonly #maxRunning: number
  readonly #maxRunningPerShop: number
  readonly #maxWaitingPerShop: number
  #running = 0
  readonly #runningOf = new Map<string, number>()
  /** The shop that is served next comes first. */
  readonly #waiting = new Map<string, (() => void)[]>()

  constructor({ maxRunning = 512, maxRunningPerShop = 128, maxWaitingPerShop = 2_000 }: FairTurnsOptions = {}) {
    this.#maxRunning = maxRunning
    this.#maxRunningPerShop = maxRunningPerShop
    this.#maxWaitingPerShop = maxWaitingPerShop
  }

  /** @throws ShopUnavailable if too many requests of the shop wait */
  async run<T>(shopId: string, work: () => Promise<T>): Promise<T> {
    if (this.#hasRoom(shopId)) this.#begin(shopId)
    else await this.#wait(shopId)
    try {
      return await work()
    } finally {
      this.#end(shopId)
    }
  }

  #hasRoom(shopId: string): boolean {
    return this.#running < this.#maxRunning && (this.#runningOf.get(shopId) ?? 0) < this.#maxRunningPerShop
  }

  #begin(shopId: string): void {
    this.#running += 1
    this.#runningOf.set(shopId, (this.#runningOf.get(shopId) ?? 0) + 1)
  }

  #wait(shopId: string): Promise<void> {
    const waiting = this.#waiting.get(shopId) ?? []
    if (waiting.length >= this.#maxWaitingPerShop)
      throw new ShopUnavailable(`more than ${this.#maxWaitingPerShop} requests of the shop ${shopId} are waiting`)
    this.#waiting.set(shopId, waiting)
    return new Promise((resolve) => waiting.push(resolve))
  }

  #end(shopId: string): void {
    this.#running -= 1
    const left = (this.#runningOf.get(shopId) ?? 1) - 1
    if (left > 0) this.#runningOf.set(shopId, left)
    else this.#runningOf.delete(shopId)
    this.#serveNext()
  }

  /** Few shops are passed over: those that wait and have no room run `maxRunningPerShop` requests each. */
  #serveNext(): void {
    for (const [shopId, waiting] of this.#waiting) {
      if (!this.#hasRoom(shopId)) continue
      const begin = waiting.shift()
      this.#waiting.delete(shopId)
      if (waiting.length > 0) this.#waiting.set(shopId, waiting)
      this.#begin(shopId)
      begin?.()
      return
    }
  }
}
