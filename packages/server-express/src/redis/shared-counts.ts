import type { RedisConnection } from '@shop/adapter-redis'
import type { ClientRateLimitInfo, MemoryStore, Options, Store } from 'express-rate-limit'
import { RedisStore } from 'rate-limit-redis'
import { BoundedCounts } from '../util/bounded-counts.js'

export interface SharedCountsOptions {
  readonly connection: Pick<RedisConnection, 'guard'>
  /** What the counts of this database's callers begin with. */
  prefix(): Promise<string>
  onCount(where: 'redis' | 'process'): void
}

/** Counts of callers that all servers share. While Redis is away, each server counts by itself. */
export class SharedCounts implements Store {
  readonly #options: SharedCountsOptions
  readonly #own = new BoundedCounts()
  #config: Options | undefined
  #shared: Promise<RedisStore> | undefined

  constructor(options: SharedCountsOptions) {
    this.#options = options
  }

  init(config: Options): void {
    this.#config = config
    this.#own.init(config)
  }

  increment(key: string): Promise<ClientRateLimitInfo> {
    return this.#count((store) => store.increment(key))
  }

  async decrement(key: string): Promise<void> {
    await this.#count(async (store) => store.decrement(key))
  }

  async resetKey(key: string): Promise<void> {
    await this.#count(async (store) => store.resetKey(key))
  }

  shutdown(): void {
    this.#own.shutdown()
  }

  async #count<T>(count: (store: RedisStore | MemoryStore) => Promise<T>): Promise<T> {
    try {
      this.#shared ??= this.#open()
      const counted = await count(await this.#shared)
      this.#options.onCount('redis')
      return counted
    } catch {
      // The library keeps a script that could not be loaded as failed for good: it begins anew.
      this.#shared = undefined
      this.#options.onCount('process')
      return count(this.#own)
    }
  }

  async #open(): Promise<RedisStore> {
    const { connection, prefix } = this.#options
    const store = new RedisStore({
      prefix: await prefix(),
      sendCommand: ((command: string, ...args: string[]) =>
        connection.guard((redis) => redis.call(command, ...args))) as never,
    })
    await store.init(this.#config as Options)
    return store
  }
}
