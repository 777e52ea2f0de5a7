import type { Logger } from 'pino'

interface Load {
  requests: number
  commands: number
}

const everyMs = 60_000
const shown = 10

/**
 * Tells which shops are busy. Metrics have no label for the shop: thousands of shops would make thousands of series. So the
 * ten with most requests and commands go to the log, once a minute while there is load.
 */
export class LoadLog {
  readonly #logger: Logger
  #loads = new Map<string, Load>()
  #loggedAt = performance.now()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** A request has come to the shop. */
  asked(shopId: string): void {
    this.#of(shopId).requests += 1
  }

  /** The shop has run commands. */
  ran(shopId: string, commands: number): void {
    this.#of(shopId).commands += commands
  }

  /** Writes the log if it is due. */
  tick(now = performance.now()): void {
    if (now - this.#loggedAt < everyMs) return
    this.#loggedAt = now
    if (this.#loads.size === 0) return
    const total = ({ requests, commands }: Load) => requests + commands
    const busiest = [...this.#loads].sort(([, one], [, other]) => total(other) - total(one)).slice(0, shown)
    const shops = busiest.map(([shopId, load]) => ({ shop: shopId, ...load }))
    this.#logger.info({ busy: this.#loads.size, shops }, 'the busiest shops of the last minute')
    this.#loads = new Map()
  }

  #of(shopId: string): Load {
    const load = this.#loads.get(shopId) ?? { requests: 0, commands: 0 }
    this.#loads.set(shopId, load)
    return load
  }
}
