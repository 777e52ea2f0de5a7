import type { Knex } from 'knex'
import { openDatabase } from './database/database.js'
import type { PgPool } from './database/pg-pool.js'
import { databaseNow, prepared, toInstant } from './database/statement.js'

/** Options of `knexPolicyRegister`. */
export interface PolicyRegisterOptions {
  /**
   * The Postgres schema of the shop's tables.
   * @default 'shop'
   */
  readonly schema?: string | undefined
  /**
   * As for the store: `false` if statements have no names.
   * @default true
   */
  readonly prepared?: boolean | undefined
}

/** A record of the policies with which the servers on one database run. */
export interface PolicyRegister {
  /**
   * Announces that a server runs with these policies, for `forMs` milliseconds. Resolves with the fingerprints of other
   * policies that are announced. A fingerprint contains no space. Rejects with a `StoreError`.
   */
  announce(fingerprint: string, forMs: number): Promise<readonly string[]>
  /** Retracts an announcement when a server stops. Other servers with the same policies announce them again. */
  retract(fingerprint: string): Promise<void>
}

/** Locks share the table. Their names contain no space, so none begins like this. */
const prefix = 'policies '

/** Creates a register in the shop's database. Each fingerprint is a row of `leases`, which expires unless repeated. */
export const knexPolicyRegister = (knex: Knex | PgPool, options: PolicyRegisterOptions = {}): PolicyRegister => {
  const { names, query } = openDatabase(knex, options)
  const until = (times: number) => toInstant(`(${databaseNow} + ${times} * $2::bigint)`)
  // A row that expires later than any server could set it was written before the clock was set back.
  const announce = prepared(
    `with gone as (
       delete from ${names.leases} where name like '${prefix}%' and name <> $1::text and expires_at <= clock_timestamp()
     ), mine as (
       insert into ${names.leases} (name, token, expires_at) values ($1::text, 1, ${until(1)})
       on conflict (name) do update set expires_at = excluded.expires_at
     )
     select name from ${names.leases} where name like '${prefix}%' and name <> $1::text
       and expires_at > clock_timestamp() and expires_at <= ${until(2)} order by name`,
  )
  const retract = prepared(`delete from ${names.leases} where name = $1::text`)
  return {
    async announce(fingerprint, forMs) {
      const rows = await query(announce, [prefix + fingerprint, forMs])
      return rows.map(([name]) => String(name).slice(prefix.length))
    },
    async retract(fingerprint) {
      await query(retract, [prefix + fingerprint])
    },
  }
}
