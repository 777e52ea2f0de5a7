import type { Knex } from 'knex'
import { type Database, openDatabase } from './database.js'
import { ownConnection } from './own-connection.js'
import { Session } from './session.js'
import { sharedSessionAdvice } from './settings.js'
import { plain } from './statement.js'

/** A database, or a way to it, that the shop cannot work with. The message is one line that says why, and what to do. */
export class UnfitDatabaseError extends Error {
  override readonly name = 'UnfitDatabaseError'
  readonly code = 'UNFIT_DATABASE'
}

export interface CheckDatabaseOptions {
  /** As for the store: `false` behind a pooler that lends another session to each transaction. */
  readonly prepared?: boolean | undefined
}

const asked = plain(`select current_setting('server_encoding'), current_database(), pg_backend_pid()`)
const whichSession = plain('select pg_backend_pid()')

const sessionOf = async (session: Session): Promise<string> => String((await session.send(whichSession)).rows[0]?.[0])

/** How often two connections are asked in turn. A pooler at rest gives itself away at the first. */
const rounds = 5

/**
 * Whether two connections have been given the same session, or one of them several: then a pooler lends sessions for less than
 * the life of a connection.
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
 * Asks a database whether the shop can work with it. `migrate` asks by itself.
 * @throws UnfitDatabaseError where its encoding is not UTF-8, or where a pooler in transaction mode stands before it and nobody has said so.
 */
export const checkDatabase = async (knex: Knex, { prepared }: CheckDatabaseOptions = {}): Promise<void> => {
  const database = openDatabase(knex, { prepared })
  await database.borrow(
    async (session) => {
      const [encoding, name, backend] = (await session.send(asked)).rows[0] ?? []
      if (encoding !== 'UTF8') {
        throw new UnfitDatabaseError(
          `the database "${name}" is encoded in ${encoding}, which cannot hold every text: make one with create database … encoding 'UTF8' template template0`,
        )
      }
      // A pooler invents the number that it tells a client; a proxy hands on the server's.
      const isPooled = session.processId !== Number(backend)
      if (session.hasNames && isPooled && database.ownsPool && (await sharesSessions(database, session))) {
        throw new UnfitDatabaseError(sharedSessionAdvice)
      }
    },
    { plansAnew: true },
  )
}
