import { type AdminProductView, isShopUnavailable, isStoreError, type Shop } from '@shop/core'
import type { Logger } from 'pino'
import { type CancellableTimer, cancellableTimer } from '../util/cancellable-timer.js'
import { demoDrop } from './catalogue.js'
import { unless } from './unless.js'

const secondMs = 1_000
/** From the beginning of a round to its opening. */
const countdownMs = 120 * secondMs
/** From the opening to the closing, with which the next round begins. */
const openMs = 480 * secondMs
/** A round that closed longer ago is not continued: the next one begins now. */
const maxLateMs = 30 * secondMs
/** An administrator may change the hours of the drop at any time. */
const longestPauseMs = 30 * secondMs
const retryMs = 5 * secondMs

/** The product of a round, counted from 1. Each round has its own, so that its limit and its stock begin anew. */
const demoDropId = (round: number): string => `demo-drop-${round}`

interface Round {
  readonly round: number
  readonly product: AdminProductView
}

export interface DemoDropsOptions {
  readonly shop: Shop<never>
  readonly logger: Pick<Logger, 'debug' | 'warn'>
  readonly timer?: CancellableTimer | undefined
}

const isOver = ({ listed, closesAt }: AdminProductView, now: number): boolean =>
  !listed || (closesAt !== undefined && Date.parse(closesAt) <= now)

/**
 * Keeps one drop in the demo shop: it opens two minutes after the first start, closes eight minutes later, and repeats every
 * ten. A start after a break begins a new round. Every server may do this at once: the id of a round decides who creates it.
 */
export class DemoDrops {
  readonly #options: DemoDropsOptions
  readonly #timer: CancellableTimer
  /** The last round that this server knows; 0 before the first. */
  #known = 0
  #isStopped = false
  #cancel: (() => void) | undefined
  #running: Promise<void> | undefined

  constructor(options: DemoDropsOptions) {
    this.#options = options
    this.#timer = options.timer ?? cancellableTimer
  }

  /** Ensures that there is a drop, and renews it from now on. Rejects if the first one cannot be created. */
  async start(): Promise<void> {
    this.#schedule(await this.ensure())
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel?.()
    await this.#running
  }

  /** Begins a round if the last one is over. Resolves with the milliseconds until the next call is due. */
  async ensure(): Promise<number> {
    const { shop } = this.#options
    const now = Date.parse((await shop.products.drops()).now)
    const last = await this.#lastRound()
    if (last && !isOver(last.product, now)) return this.#pauseFor(last.product.closesAt, now)
    const closedAt = Date.parse(last?.product.closesAt ?? '')
    const beginsAt = last?.product.listed && now - closedAt <= maxLateMs ? closedAt : now
    const opensAt = beginsAt + countdownMs
    const productId = demoDropId((last?.round ?? 0) + 1)
    const product = { ...demoDrop, productId, opensAt, closesAt: opensAt + openMs }
    await unless('PRODUCT_ALREADY_EXISTS', shop.products.create(product))
    if (last?.product.listed) await shop.products.update({ productId: last.product.productId, listed: false })
    return longestPauseMs
  }

  #pauseFor(closesAt: string | undefined, now: number): number {
    return closesAt === undefined ? longestPauseMs : Math.min(longestPauseMs, Date.parse(closesAt) - now)
  }

  /** Rounds are never deleted, so the last one is found in few steps however many there were. */
  async #lastRound(): Promise<Round | undefined> {
    let [first, beyond] = [this.#known, this.#known + 1]
    while (await this.#find(beyond)) [first, beyond] = [beyond, beyond * 2]
    while (beyond - first > 1) {
      const middle = Math.floor((first + beyond) / 2)
      if (await this.#find(middle)) first = middle
      else beyond = middle
    }
    this.#known = first
    const product = first === 0 ? undefined : await this.#find(first)
    return product && { round: first, product }
  }

  #find(round: number): Promise<AdminProductView | undefined> {
    return unless('PRODUCT_NOT_FOUND', this.#options.shop.products.find({ productId: demoDropId(round) }))
  }

  #schedule(ms: number): void {
    if (this.#isStopped) return
    this.#cancel = this.#timer.after(ms, () => {
      this.#running = this.#renew()
    })
  }

  async #renew(): Promise<void> {
    let pauseMs = retryMs
    try {
      pauseMs = await this.ensure()
    } catch (error) {
      const level = isShopUnavailable(error) || isStoreError(error) ? 'debug' : 'warn'
      this.#options.logger[level]({ err: error }, 'the demo drop could not be renewed')
    }
    this.#schedule(pauseMs)
  }
}
