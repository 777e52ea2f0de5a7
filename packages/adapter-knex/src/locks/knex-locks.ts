import { keepLease, type Locks, retryUntilGranted, systemTimer, toLeaseMs } from '@shop/core/store'
import type { Knex } from 'knex'
import { type Database, openDatabase } from '../database/database.js'
import type { PgPool } from '../database/pg-pool.js'
import { committing, databaseNow, type Statement, toInstant } from '../database/statement.js'

/** Options of `knexLocks`. */
export interface KnexLocksOptions {
  /**
   * The Postgres schema of the shop's tables.
   * @default 'shop'
   */
  readonly schema?: string
  /**
   * As for the store: `false` if statements have no names.
   * @default true
   */
  readonly prepared?: boolean | undefined
}

const defaultLeaseMs = 30_000

/** How often a waiting caller asks for the lock. */
const retryMs = 100

interface Statements {
  readonly take: Statement
  readonly renew: Statement
  readonly release: Statement
}

/**
 * A lease is a row. A caller that finds it expired takes it over with the next fencing token. Only the database's clock
 * decides. If that clock was set back, a lease may end in the far future: from twice its length on it counts as expired.
 */
const statementsOn = ({ names }: Database): Statements => {
  const until = toInstant(`(${databaseNow} + $2::bigint)`)
  return {
    take: committing(
      `insert into ${names.leases} as l (name, token, expires_at, length_ms) values ($1, 1, ${until}, $2::bigint)
       on conflict (name) do update set token = l.token + 1, expires_at = ${until}, length_ms = $2::bigint
       where l.expires_at <= clock_timestamp()
         or l.expires_at > clock_timestamp() + 2 * l.length_ms * interval '1 millisecond'
       returning l.token`,
    ),
    renew: committing(
      `update ${names.leases} l set expires_at = ${until}
       where l.name = $1 and l.token = $3::bigint and l.expires_at > clock_timestamp() returning true`,
    ),
    // Rounded down to the column's milliseconds: rounded up, the lease would last up to half a millisecond longer.
    release: committing(
      `update ${names.leases} l set expires_at = date_trunc('milliseconds', clock_timestamp()) where l.name = $1 and l.token = $2::bigint`,
    ),
  }
}

/**
 * Creates locks as rows of the shop's own database: one of several servers runs a job, without a further service.
 * The default lease is 30 seconds, the longest 2^31 − 1 ms. Tokens count from 1 for each name.
 * `withLock` rejects with a `StoreError` if the database is away.
 */
export const knexLocks = (knex: Knex | PgPool, { schema, prepared }: KnexLocksOptions = {}): Locks => {
  const database = openDatabase(knex, { schema, prepared })
  const statements = statementsOn(database)

  const ask = async (name: string, leaseMs: number) => {
    const askedAt = systemTimer.elapsedMs()
    const [row] = await database.query(statements.take, [name, leaseMs])
    return row && { token: Number(row[0]), askedAt }
  }

  const release = async (name: string, token: number): Promise<void> => {
    try {
      await database.query(statements.release, [name, token])
    } catch {
      // The lease expires; the result of the work is what counts.
    }
  }

  return {
    async withLock(name, work, options = {}) {
      const leaseMs = toLeaseMs(options.leaseMs ?? defaultLeaseMs)
      const granted = await retryUntilGranted(() => ask(name, leaseMs), { waitMs: options.waitMs ?? 0, retryMs })
      if (!granted) return { held: false }
      const { token, askedAt } = granted
      const lease = keepLease({
        name,
        leaseMs,
        askedAt,
        renew: async () => (await database.query(statements.renew, [name, leaseMs, token])).length > 0,
      })
      try {
        return { held: true, value: await work({ token, signal: lease.signal }) }
      } finally {
        await Promise.all([lease.stop(), release(name, token)])
      }
    },
  }
}
