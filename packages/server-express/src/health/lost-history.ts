import { isShopUnavailable, isStoreError, type Shop } from '@shop/core'
import type { Logger } from 'pino'
import type { HealthCheck } from '../http/http-deps.js'

export interface LostHistoryDeps {
  readonly shop: Pick<Shop, 'history'>
  readonly logger: Logger
  readonly metrics: { onLost(lost: { readonly commands: number }): void }
  /** Reads the history of the whole database, which shops share. @default each shop asks by itself */
  readonly identity?: (() => Promise<string>) | undefined
  /** The database may have another history. */
  readonly onChange: () => void
}

/** How long readiness repeats what it knows of open losses. */
const checkedForMs = 1_000

/** Reports acknowledged commands that the database lost, to the log, to metrics and to readiness. */
export class LostHistory {
  readonly #shop: Pick<Shop, 'history'>
  readonly #logger: Logger
  readonly #metrics: LostHistoryDeps['metrics']
  readonly #identity: LostHistoryDeps['identity']
  readonly #onChange: () => void
  #detail: string | undefined
  #hasWarned = false
  #askedAt = Number.NEGATIVE_INFINITY

  constructor({ shop, logger, metrics, identity, onChange }: LostHistoryDeps) {
    this.#identity = identity
    this.#shop = shop
    this.#logger = logger
    this.#metrics = metrics
    this.#onChange = onChange
  }

  /** Watches until the shop is closed. */
  start(): void {
    this.#shop.history.watch({
      identity: this.#identity,
      onChange: () => this.#onChange(),
      onKept: (kept) =>
        this.#logger.info(kept, 'the database was restarted or replaced, and lost nothing that is known'),
      onLost: (lost) => {
        this.#metrics.onLost(lost)
        const { commands, groups, firstAt, lastAt, from, to, orderIds } = lost
        this.#logger.error(
          { commands, groups, firstAt, lastAt, from, to, orders: orderIds.length },
          'the database lost acknowledged commands',
        )
      },
      onError: (error) => this.#onError(error),
    })
    this.#refresh()
  }

  /** Whether the last question found losses that nobody has acknowledged. */
  get hasLosses(): boolean {
    return this.#detail !== undefined
  }

  /**
   * Degraded until an administrator has acknowledged every loss, whichever server found it. Answers with what the last
   * question found, and asks again in the background: it must not wait for a connection of the pool.
   */
  async check(): Promise<HealthCheck | undefined> {
    this.#refresh()
    return this.#detail === undefined ? undefined : { status: 'degraded', detail: this.#detail }
  }

  /** It is repeated until it succeeds. An outage is reported elsewhere; anything else needs a person, once. */
  #onError(error: unknown): void {
    const isKnown = isStoreError(error) || isShopUnavailable(error) || this.#hasWarned
    this.#hasWarned ||= !isKnown
    this.#logger[isKnown ? 'debug' : 'warn']({ err: error }, 'could not check the history of the database')
  }

  #refresh(): void {
    const now = performance.now()
    if (now - this.#askedAt < checkedForMs) return
    this.#askedAt = now
    this.#ask().then(
      (detail) => {
        this.#detail = detail
      },
      (error: unknown) => this.#logger.debug({ err: error }, 'could not ask for losses of history'),
    )
  }

  async #ask(): Promise<string | undefined> {
    const { items, next } = await this.#shop.history.losses({ open: true, limit: 100 })
    if (items.length === 0) return undefined
    const commands = items.reduce((sum, loss) => sum + loss.commands, 0)
    const times = items.flatMap(({ firstAt, lastAt }) => [firstAt, lastAt]).sort()
    const number = next ? `more than ${commands}` : String(commands)
    return `${number} acknowledged commands were lost, from ${times[0]} to ${times.at(-1)}`
  }
}
