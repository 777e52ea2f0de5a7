import type { ProductsAt } from '@shop/core'
import type { Logger } from 'pino'
import { type CancellableTimer, cancellableTimer } from '../../util/cancellable-timer.js'
import { RequestRefused, refuse } from '../problem.js'
import type { ReplyStream } from '../reply.js'
import { LiveState } from './live-state.js'
import { LiveStream } from './live-stream.js'

/** How many streams a server may have. */
export const liveConnectionsOf = ({
  liveConnections = 1_000,
}: {
  readonly liveConnections?: number | undefined
}): number => liveConnections

const intervalMs = 200
const commentMs = 15_000
/** A read that takes longer counts as failed: the next one may get another connection. */
const readTimeoutMs = 3_000
/** What one read can ask for. */
const maxProductsPerRead = 1_000
/** The refusal of a watcher that found no place: it may come back after 5 seconds. */
export const noPlace = (): RequestRefused => refuse('UNAVAILABLE', { 'retry-after': '5' })

/** Tells a browser to come back after a second: most likely to another server. */
const farewell = 'retry: 1000\n\n'

export interface LiveProductsOptions {
  /** Reads the listed ones of 1 to 1,000 products, as of one moment. */
  states(productIds: readonly string[]): Promise<ProductsAt>
  /** Whether a further watcher gets a place, while so many streams are open or about to open. */
  hasRoom(streams: number): boolean
  readonly logger: Pick<Logger, 'warn' | 'info'>
  /** Aborted at shutdown: all streams then end. */
  readonly closing?: AbortSignal | undefined
  readonly timer?: CancellableTimer | undefined
}

interface Joiner {
  /** Undefined: the product is not listed. */
  resolve(state: LiveState | undefined): void
  reject(error: unknown): void
}

/** A watched product. */
interface Channel {
  /** As of the last read; undefined before the first one. */
  state: LiveState | undefined
  readonly streams: Set<LiveStream>
  /** Watchers that wait for a read which begins after they came. */
  joiners: Joiner[]
  /** Watchers that have a place and have not opened their stream yet. */
  admitted: number
}

/**
 * The live streams of one server. One read at a time finds the states of all watched products: every 200 ms while somebody
 * watches, and never while nobody does. For a new watcher its product is read at once, so that the first state it gets is not
 * older than its request.
 */
export class LiveProducts {
  readonly #options: LiveProductsOptions
  readonly #timer: CancellableTimer
  readonly #channels = new Map<string, Channel>()
  #places = 0
  #isReading = false
  #isFailing = false
  /** When all watched products are read next. */
  #dueAt = Number.NEGATIVE_INFINITY
  #cancelRead: (() => void) | undefined
  #cancelComments: (() => void) | undefined

  constructor(options: LiveProductsOptions) {
    this.#options = options
    this.#timer = options.timer ?? cancellableTimer
    options.closing?.addEventListener('abort', () => this.#endAll(), { once: true })
  }

  /** Number of streams that are open or about to open. */
  get size(): number {
    return this.#places
  }

  /**
   * Gives a watcher of a product a place. Its stream begins with the present state.
   * @throws RequestRefused PRODUCT_NOT_FOUND | UNAVAILABLE (no place is free), in this order; or the error of the read
   */
  async watch(productId: string): Promise<ReplyStream> {
    try {
      const state = await this.#join(productId)
      if (state === undefined)
        throw new RequestRefused({ code: 'PRODUCT_NOT_FOUND', facts: { productIds: [productId] } })
      if (!this.#options.hasRoom(this.#places)) throw noPlace()
      return this.#admit(productId, state)
    } finally {
      this.#dropUnused(productId)
    }
  }

  #join(productId: string): Promise<LiveState | undefined> {
    return new Promise((resolve, reject) => {
      this.#channelOf(productId).joiners.push({ resolve, reject })
      this.#readNext()
    })
  }

  #admit(productId: string, state: LiveState): ReplyStream {
    const channel = this.#channelOf(productId)
    channel.state ??= state
    channel.admitted += 1
    this.#places += 1
    let stream: LiveStream | undefined
    let hasPlace = true
    const leave = () => {
      if (!hasPlace) return
      hasPlace = false
      this.#places -= 1
      if (stream) channel.streams.delete(stream)
      else channel.admitted -= 1
      this.#dropUnused(productId)
    }
    return {
      leave,
      open: (sink) => {
        if (sink.destroyed) {
          leave()
          return
        }
        stream = new LiveStream(sink, { intervalMs, timer: this.#timer })
        channel.admitted -= 1
        channel.streams.add(stream)
        sink.once('close', leave)
        stream.show(channel.state ?? state)
        if (this.#options.closing?.aborted) this.#end(channel, farewell)
        else this.#cancelComments ??= this.#timer.after(commentMs, () => this.#comment())
      },
    }
  }

  #channelOf(productId: string): Channel {
    let channel = this.#channels.get(productId)
    if (!channel) {
      channel = { state: undefined, streams: new Set(), joiners: [], admitted: 0 }
      this.#channels.set(productId, channel)
    }
    return channel
  }

  #dropUnused(productId: string): void {
    const channel = this.#channels.get(productId)
    if (!channel || channel.streams.size > 0 || channel.joiners.length > 0 || channel.admitted > 0) return
    this.#channels.delete(productId)
    if (this.#channels.size > 0) return
    this.#cancelRead?.()
    this.#cancelRead = undefined
    this.#cancelComments?.()
    this.#cancelComments = undefined
  }

  /** Reads all products if that is due, else those with joiners, else waits until all are due. */
  #readNext(): void {
    if (this.#isReading || this.#channels.size === 0) return
    const now = this.#timer.now()
    const isDue = now >= this.#dueAt
    const entries = [...this.#channels].filter(([, { joiners }]) => isDue || joiners.length > 0)
    if (entries.length > 0) void this.#read(new Map(entries), isDue)
    else
      this.#cancelRead ??= this.#timer.after(this.#dueAt - now, () => {
        this.#cancelRead = undefined
        this.#readNext()
      })
  }

  async #read(channels: ReadonlyMap<string, Channel>, isOfAll: boolean): Promise<void> {
    this.#isReading = true
    this.#cancelRead?.()
    this.#cancelRead = undefined
    const asked = [...channels].map(([productId, channel]) => {
      const { joiners } = channel
      channel.joiners = []
      return { productId, channel, joiners }
    })
    try {
      const states = await this.#statesOf([...channels.keys()])
      for (const { productId, channel, joiners } of asked) {
        const state = states.get(productId)
        channel.state = state
        for (const { resolve } of joiners) resolve(state)
        if (state === undefined) this.#end(channel)
        else for (const stream of channel.streams) stream.show(state)
      }
      this.#succeeded()
    } catch (error) {
      for (const { joiners } of asked) for (const { reject } of joiners) reject(error)
      this.#failed(error)
    } finally {
      this.#isReading = false
      // Counted from the end of the read, so that two events of one stream are never closer than the interval.
      if (isOfAll) this.#dueAt = this.#timer.now() + intervalMs
      this.#readNext()
    }
  }

  async #statesOf(productIds: readonly string[]): Promise<ReadonlyMap<string, LiveState>> {
    const states = new Map<string, LiveState>()
    for (let from = 0; from < productIds.length; from += maxProductsPerRead) {
      const some = productIds.slice(from, from + maxProductsPerRead)
      const { now, products } = await this.#inTime(this.#options.states(some))
      for (const product of products) states.set(product.productId, new LiveState(product, now))
    }
    return states
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#timer.after(readTimeoutMs, () => reject(refuse('UNAVAILABLE', { 'retry-after': '1' })))
      work.then(resolve, reject).finally(cancel)
    })
  }

  /** Streams stay open while the store is away: they go on with the first read after that. */
  #failed(err: unknown): void {
    if (this.#isFailing) return
    this.#isFailing = true
    this.#options.logger.warn({ err }, 'live products cannot be read')
  }

  #succeeded(): void {
    if (!this.#isFailing) return
    this.#isFailing = false
    this.#options.logger.info({}, 'live products can be read again')
  }

  #comment(): void {
    this.#cancelComments = this.#timer.after(commentMs, () => this.#comment())
    for (const { streams } of this.#channels.values()) for (const stream of streams) stream.comment()
  }

  #end({ streams }: Channel, text?: string): void {
    for (const stream of streams) stream.end(text)
    streams.clear()
  }

  #endAll(): void {
    for (const [productId, channel] of this.#channels) {
      this.#end(channel, farewell)
      this.#dropUnused(productId)
    }
  }
}
