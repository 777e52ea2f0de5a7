import type { AuditSnapshot } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { ownConnection } from '../database/own-connection.js'
import { type QueryResult, Session } from '../database/session.js'
import { noTransactionTimeout } from '../database/settings.js'
import { databaseNow, plain, type Statement } from '../database/statement.js'
import {
  couponFacts,
  type FactList,
  issuedCouponFacts,
  orderFacts,
  orphansIn,
  productFacts,
  walletFacts,
} from './facts.js'

/** Rows in one fetch. */
const batch = 1_000

/** Sends one statement at a time, because several lists may be read side by side. */
const oneByOne = (session: Session): ((statement: Statement) => Promise<QueryResult>) => {
  let last: Promise<unknown> = Promise.resolve()
  return (statement) => {
    const answer = last.then(() => session.send(statement))
    last = answer.catch(() => {})
    return answer
  }
}

async function* walk<Facts>(
  send: (statement: Statement) => Promise<QueryResult>,
  { cursor, sql, read }: FactList<Facts>,
  names: Database['names'],
): AsyncGenerator<Facts> {
  await send(plain(`declare ${cursor} no scroll cursor for ${sql(names)}`))
  for (;;) {
    const { rows } = await send(plain(`fetch ${batch} from ${cursor}`))
    for (const row of rows) yield read(row)
    if (rows.length < batch) return
  }
}

/**
 * A consistent snapshot of all data: a read-only transaction on its own connection. `timeoutMs` limits each statement,
 * and the idle time between two statements.
 */
export const auditOn =
  (database: Database, { timeoutMs }: { readonly timeoutMs: number }) =>
  async (): Promise<AuditSnapshot> => {
    const { connection, giveBack } = await ownConnection(database)
    const session = new Session(connection, { queryTimeoutMs: timeoutMs })
    const close = async () => {
      await session.rollBack()
      if (session.isLost) session.cut()
      await giveBack()
    }
    try {
      await session.send(
        plain(`begin isolation level repeatable read read only;
set local statement_timeout = ${timeoutMs}; set local idle_in_transaction_session_timeout = ${timeoutMs};
set local lock_timeout = 0; set local cursor_tuple_fraction = 1; ${noTransactionTimeout}`),
      )
      // The first query fixes the snapshot.
      const { rows } = await session.send(plain(`select ${databaseNow}`))
      const send = oneByOne(session)
      const { names } = database
      let closed: Promise<void> | undefined
      return {
        now: database.now() ?? Number(rows[0]?.[0]),
        wallets: () => walk(send, walletFacts, names),
        products: () => walk(send, productFacts, names),
        coupons: () => walk(send, couponFacts, names),
        issuedCoupons: () => walk(send, issuedCouponFacts, names),
        orders: () => walk(send, orderFacts, names),
        orphans: async () =>
          (await send(plain(orphansIn(names)))).rows.map(([table, count]) => ({
            table: String(table),
            count: Number(count),
          })),
        close() {
          closed ??= close()
          return closed
        },
      }
    } catch (error) {
      await close()
      throw error
    }
  }
