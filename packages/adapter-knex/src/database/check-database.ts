import type { Knex } from 'knex'
import { type Database, openDatabase } from './database.js'
import { ownConnection } from './own-connection.js'
import type { PgPool } from './pg-pool.js'
import { Session } from './session.js'
import { sharedSessionAdvice } from './settings.js'
import { plain } from './statement.js'

/** The shop cannot work with this database, or with this way to it. The message says why and what to do, in one line. */
export class UnfitDatabaseError extends Error {
  /** The name of the class. */
  override readonly name = 'UnfitDatabaseError'
  /** Identifies the error, also one of another copy of this package. */
  readonly code = 'UNFIT_DATABASE'
}

/** Options of `checkDatabase`. */
export interface CheckDatabaseOptions {
  /**
   * `false` behind a pooler that gives each transaction another session, as for the store.
   * @default true
   */
  readonly prepared?: boolean | undefined
}

const asked = plain(`select current_setting('server_encoding'), current_database(), pg_backend_pid()`)
const whichSession = plain('select pg_backend_pid()')

const sessionOf = async (session: Session): Promise<string> => String((await session.send(whichSession)).rows[0]?.[0])

/** How often two connections are asked in turn. With an idle pooler the first round is enough. */
const rounds = 5

/**
 * Whether two connections use the same session, or one connection uses several sessions. If so, a pooler assigns sessions
 * for less than the life of a connection.
 */
const sharesSessions = async (database: Database, first: Session): Promise<boolean> => {
  const { connection, giveBack } = await ownConnection(database)
  const second = new Session(connection)
  const seen = { first: new Set<string>(), second: new Set<string>() }
  try {
    for (let round = 0; round < rounds; round += 1) {
      seen.first.add(await sessionOf(first))
      seen.second.add(await sessionOf(second))
      if (seen.first.size > 1 || seen.second.size > 1) return true
      if ([...seen.first].some((each) => seen.second.has(each))) return true
    }
    return false
  } finally {
    if (second.isLost) second.cut()
    await giveBack()
  }
}

/**
 * Checks that the shop can work with a database. `migrate` does this itself.
 * @throws UnfitDatabaseError if its encoding is not UTF-8, or if `prepared` is not `false` behind a pooler in transaction mode.
 */
export const checkDatabase = async (knex: Knex | PgPool, { prepared }: CheckDatabaseOptions = {}): Promise<void> => {
  const database = openDatabase(knex, { prepared })
  await database.borrow(
    async (session) => {
      const [encoding, name, backend] = (await session.send(asked)).rows[0] ?? []
      if (encoding !== 'UTF8') {
        throw new UnfitDatabaseError(
          `the database "${name}" is encoded in ${encoding}, which cannot store every text: create one with create database … encoding 'UTF8' template template0`,
        )
      }
      // A pooler reports a process id of its own; a proxy passes on the server's.
      const isPooled = session.processId !== Number(backend)
      if (session.hasNames && isPooled && database.ownsPool && (await sharesSessions(database, session))) {
        throw new UnfitDatabaseError(sharedSessionAdvice)
      }
    },
    { managesPlans: true },
  )
}
