import { createHash } from 'node:crypto'
import type { RedisConnection } from '@shop/adapter-redis'
import type { ClientRateLimitInfo, MemoryStore, Options, Store } from 'express-rate-limit'
import { RedisStore } from 'rate-limit-redis'
import { BoundedCounts } from '../util/bounded-counts.js'

export interface SharedCountsOptions {
  readonly connection: Pick<RedisConnection, 'guard'>
  /** Key prefix of the counts of this database. */
  prefix(): Promise<string>
  onCount(where: 'redis' | 'process'): void
}

const isUnknownScript = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT')

/** Rate limit counts shared between servers. While Redis is unavailable, each server counts by itself. */
export class SharedCounts implements Store {
  readonly #options: SharedCountsOptions
  readonly #own = new BoundedCounts()
  #config: Options | undefined
  #shared: Promise<RedisStore> | undefined
  /** Texts by hash. */
  readonly #scripts = new Map<string, string>()

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
      // The prefix comes from the database, which may have been away, too.
      this.#shared = undefined
      this.#options.onCount('process')
      return count(this.#own)
    }
  }

  /**
   * Keeps the texts of scripts instead of loading them: each node of a cluster knows only scripts that it was given itself.
   */
  async #send([command = '', ...args]: readonly string[]): Promise<unknown> {
    const [first = '', ...rest] = args
    if (command === 'SCRIPT') {
      const [text = ''] = rest
      const sha = createHash('sha1').update(text).digest('hex')
      this.#scripts.set(sha, text)
      return sha
    }
    return this.#options.connection.guard(async (redis) => {
      try {
        return await redis.call(command, ...args)
      } catch (error) {
        const text = command === 'EVALSHA' && isUnknownScript(error) ? this.#scripts.get(first) : undefined
        if (text === undefined) throw error
        return redis.call('EVAL', text, ...rest)
      }
    })
  }

  async #open(): Promise<RedisStore> {
    const { prefix } = this.#options
    const store = new RedisStore({
      prefix: await prefix(),
      sendCommand: ((...command: string[]) => this.#send(command)) as never,
    })
    await store.init(this.#config as Options)
    return store
  }
}
