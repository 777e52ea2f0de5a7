import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

const everyMs = 40

/** A connection whose loss only rejects its statements: `stop` then says so, and not Node at once. */
const clientOf = (connectionString: string): pg.Client => {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  return client
}

/** What a migration held at one moment, in milliseconds since the epoch. */
export interface Sample {
  readonly at: number
  /** Locks of tables and indexes that exclude writers or readers, and whether the migration waits for them. */
  readonly locks: readonly string[]
  /** Connections of others that wait for it. */
  readonly blocked: number
}

/** Objects that the migration has not committed are in nobody's way: only it sees them. */
const sampleSql = `select
  array(select distinct concat_ws(' ', c.relname, l.mode, case when not l.granted then '(waits)' end)
    from pg_locks l join pg_class c on c.oid = l.relation
    where l.pid = any(m.pids) and c.relnamespace = 'shop'::regnamespace
      and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) as locks,
  (select count(*)::int from pg_stat_activity w
    where w.wait_event_type = 'Lock' and w.pid <> all(m.pids) and pg_blocking_pids(w.pid) && m.pids) as blocked
from (select array_agg(pid) as pids from pg_stat_activity where application_name = $1) m where m.pids is not null`

/** Samples the locks of the connections with one name until it is stopped. */
export class Watch {
  readonly #client: pg.Client
  readonly #samples: Sample[] = []
  readonly #running: Promise<void>
  #isOver = false

  constructor(url: string, name: string) {
    this.#client = clientOf(url)
    this.#running = this.#run(name)
    this.#running.catch(() => {})
  }

  async stop(): Promise<readonly Sample[]> {
    this.#isOver = true
    await this.#running
    return this.#samples
  }

  async #run(name: string): Promise<void> {
    await this.#client.connect()
    while (!this.#isOver) {
      const { rows } = await this.#client.query<Omit<Sample, 'at'>>(sampleSql, [name])
      const [row] = rows
      if (row) this.#samples.push({ at: Date.now(), ...row })
      await pause(everyMs)
    }
    await this.#client.end()
  }
}

/** Somebody who reads payments in long transactions, as a report or a backup does. */
export class Reader {
  readonly #client: pg.Client
  readonly #running: Promise<void>
  #isOver = false

  constructor(url: string, { readsMs, restsMs }: { readonly readsMs: number; readonly restsMs: number }) {
    this.#client = clientOf(url)
    this.#running = this.#run(readsMs, restsMs)
    this.#running.catch(() => {})
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  async #run(readsMs: number, restsMs: number): Promise<void> {
    await this.#client.connect()
    while (!this.#isOver) {
      await this.#client.query('begin isolation level repeatable read')
      await this.#client.query('select from shop.payments limit 1')
      await pause(readsMs)
      await this.#client.query('commit')
      await pause(restsMs)
    }
    await this.#client.end()
  }
}
