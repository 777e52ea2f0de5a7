import type { Knex } from 'knex'
import { openDatabase } from './database/database.js'
import { databaseNow, prepared, toInstant } from './database/statement.js'

export interface PolicyRegisterOptions {
  /** The Postgres schema of our tables. @default 'shop' */
  readonly schema?: string | undefined
}

/** Where the servers on one database write down which policies they run with. */
export interface PolicyRegister {
  /**
   * Says for `forMs` that a server runs with these policies. Resolves with the fingerprints of servers that run with others.
   * A fingerprint holds no blank.
   */
  announce(fingerprint: string, forMs: number): Promise<readonly string[]>
  /** The server has ended. Others with the same policies announce them again. */
  retract(fingerprint: string): Promise<void>
}

/** No lock has such a name: theirs hold no blank. */
const prefix = 'policies '

/** A row of `leases` for each fingerprint: it lapses when no server says it any more. */
export const knexPolicyRegister = (knex: Knex, options: PolicyRegisterOptions = {}): PolicyRegister => {
  const { names, query } = openDatabase(knex, options)
  const until = (times: number) => toInstant(`(${databaseNow} + ${times} * $2::bigint)`)
  // What lies further ahead than anybody writes was written by a clock that has been set back.
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
