import { Writable } from 'node:stream'
import type { ProductView } from '@shop/core'
import { pino } from 'pino'
import { LiveProducts } from '../../../src/http/live/live-products.js'
import { ManualTimer, settle } from '../../support/manual-timer.js'

/** A connection that can stop reading. */
export class Sink extends Writable {
  readonly #chunks: string[] = []
  #release: (() => void) | undefined
  isReading = true

  constructor() {
    super({ decodeStrings: false })
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk)
    if (this.isReading) done()
    else this.#release = done
  }

  /** Reads on. */
  read(): Promise<void> {
    this.isReading = true
    this.#release?.()
    return settle()
  }

  /** What arrived so far, and what waits in memory. */
  get text(): string {
    return this.#chunks.join('')
  }

  /** The data of the events that arrived. */
  get events(): readonly { readonly stock: number; readonly price: number; readonly now: string }[] {
    return [...this.text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json as string))
  }

  get stocks(): readonly number[] {
    return this.events.map(({ stock }) => stock)
  }
}

const start = Date.parse('2030-01-01T03:00:00.000Z')

/** A catalogue whose reads are counted, and live streams on it by a manual timer. */
export const liveShop = ({ maxStreams = 10 } = {}) => {
  const timer = new ManualTimer()
  const closing = new AbortController()
  const products = new Map<string, ProductView>()
  const reads: (readonly string[])[] = []
  const log: string[] = []
  let away: Error | undefined
  let held: Promise<void> | undefined
  const live = new LiveProducts({
    async states(productIds) {
      reads.push(productIds)
      const now = new Date(start + timer.now()).toISOString()
      const found = productIds.flatMap((id) => products.get(id) ?? [])
      await held
      if (away) throw away
      return { now, products: found }
    },
    hasRoom: (streams) => streams < maxStreams,
    logger: pino({ base: null, timestamp: false }, { write: (line: string) => void log.push(JSON.parse(line).msg) }),
    closing: closing.signal,
    timer,
  })
  const put = (productId: string, over: Partial<ProductView> = {}) => {
    products.set(productId, { productId, name: 'Mug', price: 100, stock: 1, ...products.get(productId), ...over })
  }
  return {
    live,
    timer,
    reads,
    log,
    put,
    remove: (productId: string) => products.delete(productId),
    close: () => closing.abort(),
    fail: (error: Error | undefined) => {
      away = error
    },
    /** Holds up reads until the result is called. */
    hold: () => {
      let release = () => {}
      held = new Promise((resolve) => {
        release = resolve
      })
      return () => {
        held = undefined
        release()
        return settle()
      }
    },
    at: (ms: number) => new Date(start + ms).toISOString(),
    async watch(productId: string): Promise<Sink> {
      const sink = new Sink()
      const stream = await live.watch(productId)
      stream.open(sink)
      await settle()
      return sink
    },
  }
}
