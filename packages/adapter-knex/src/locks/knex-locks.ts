import type { Lease, Locks } from '@shop/core'
import type { Knex } from 'knex'
import { type Database, openDatabase } from '../database/database.js'
import { committing, databaseNow, type Statement, toInstant } from '../database/statement.js'

export interface KnexLocksOptions {
  /** The Postgres schema of our tables: `shop`, where left out. */
  readonly schema?: string
}

const defaultLeaseMs = 30_000

/** How often a held lock is asked for again: by chance between half of this and all of it, so that waiters do not march in step. */
const askAgainMs = 100

interface Statements {
  readonly take: Statement
  readonly extend: Statement
  readonly giveBack: Statement
}

/**
 * A lease is a row: who finds it expired takes it over with the next token. Only the database's clock judges. Where that
 * clock went back, a lease may end later than any that begins now could: twice its length ahead nobody has it.
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
    extend: committing(
      `update ${names.leases} l set expires_at = ${until}
       where l.name = $1 and l.token = $3::bigint and l.expires_at > clock_timestamp() returning true`,
    ),
    // Rounded down: the column has milliseconds, and half of one in the future would keep the next one out.
    giveBack: committing(
      `update ${names.leases} l set expires_at = date_trunc('milliseconds', clock_timestamp()) where l.name = $1 and l.token = $2::bigint`,
    ),
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Held {
  readonly name: string
  readonly token: number
  readonly leaseMs: number
  /** On this process's own steady clock, before the lease was asked for: it cannot have begun earlier. */
  readonly since: number
}

/**
 * Extends a lease every third of its time until it is stopped. Aborts as soon as somebody else has it, or when it has
 * not been extended for the whole of its time: from then on anybody may have it.
 */
const keepAlive = ({ query }: Database, { extend }: Statements, { name, token, leaseMs, since }: Held) => {
  const lost = new AbortController()
  let stopped = false
  let deadline: NodeJS.Timeout
  let next: NodeJS.Timeout
  const stop = () => {
    stopped = true
    clearTimeout(deadline)
    clearTimeout(next)
  }
  const lose = (reason: string) => {
    if (stopped) return
    stop()
    lost.abort(new Error(`the lock ${name} was lost: ${reason}`))
  }
  const heldFrom = (asked: number) => {
    clearTimeout(deadline)
    deadline = setTimeout(() => lose('it could not be extended in time'), asked + leaseMs - performance.now())
  }
  const extendSoon = () => {
    next = setTimeout(async () => {
      const asked = performance.now()
      try {
        const rows = await query(extend, [name, leaseMs, token])
        if (stopped) return
        if (rows.length === 0) return lose('somebody else has it')
        heldFrom(asked)
      } catch {
        // The database is away; the deadline decides.
      }
      if (!stopped) extendSoon()
    }, leaseMs / 3)
  }
  heldFrom(since)
  extendSoon()
  return { signal: lost.signal, stop }
}

/** Locks as rows of the database that the shop has anyway: no further service is needed to run jobs on one server of many. */
export const knexLocks = (knex: Knex, { schema }: KnexLocksOptions = {}): Locks => {
  const database = openDatabase(knex, { schema })
  const statements = statementsOn(database)

  const take = async (name: string, leaseMs: number, waitMs: number): Promise<Held | undefined> => {
    const until = performance.now() + waitMs
    for (;;) {
      const since = performance.now()
      const [row] = await database.query(statements.take, [name, leaseMs])
      if (row) return { name, token: Number(row[0]), leaseMs, since }
      const left = until - performance.now()
      if (left <= 0) return undefined
      await pause(Math.min(left, askAgainMs * (0.5 + Math.random() / 2)))
    }
  }

  const giveBack = async ({ name, token }: Held): Promise<void> => {
    try {
      await database.query(statements.giveBack, [name, token])
    } catch {
      // It expires by itself; the result of the work is what counts.
    }
  }

  return {
    async withLock(name, work, { leaseMs = defaultLeaseMs, waitMs = 0 } = {}) {
      const held = await take(name, Math.max(1, Math.round(leaseMs)), waitMs)
      if (!held) return { held: false }
      const { signal, stop } = keepAlive(database, statements, held)
      try {
        const lease: Lease = { token: held.token, signal }
        return { held: true, value: await work(lease) }
      } finally {
        stop()
        await giveBack(held)
      }
    },
  }
}
