import type { Knex } from 'knex'
import type { Logger } from 'pino'
import { knexLog } from '../../composition/storage.js'
import { retry } from '../../util/retry.js'
import { isTransient } from '../start-failure.js'

/** A database that starts at the same time may need a moment. */
const databaseTimeoutMs = 10_000

interface TenantDatabasesOptions {
  readonly logger: Logger
  readonly prepared: boolean
  /** The largest number of connections to each. */
  readonly pool: number
  /** Whether statements may take as long as they need. @default false */
  readonly isSlow?: boolean
}

/** Copying, counting and checking a big shop takes a while. */
const slow = { statementTimeoutMs: 86_400_000, idleInTransactionTimeoutMs: 86_400_000 }

/** Connections to the databases of the shops, opened at their first use. */
export class TenantDatabases {
  readonly prepared: boolean
  readonly #options: TenantDatabasesOptions
  readonly #opened = new Map<string, Promise<Knex>>()

  constructor(options: TenantDatabasesOptions) {
    this.#options = options
    this.prepared = options.prepared
  }

  /** Rejects, each time at once, if the database cannot be reached: its shops need not all wait for it. */
  open(url: string): Promise<Knex> {
    const opened = this.#opened.get(url) ?? this.#open(url)
    this.#opened.set(url, opened)
    return opened
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#opened.values())
    await Promise.all(opened.map((each) => (each.status === 'fulfilled' ? each.value.destroy() : undefined)))
  }

  async #open(url: string): Promise<Knex> {
    const { logger, prepared, pool, isSlow = false } = this.#options
    const { knexConnection } = await import('@shop/adapter-knex')
    const knex = knexConnection(url, { pool: { max: pool }, prepared, log: knexLog(logger), ...(isSlow && slow) })
    try {
      await retry(async () => knex.raw('select 1'), {
        forMs: databaseTimeoutMs,
        isTransient,
        onWait: (error) => logger.warn({ err: error }, 'waiting for a database'),
      })
      return knex
    } catch (error) {
      await knex.destroy()
      throw error
    }
  }
}
