import type { AuditSnapshot } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { ownConnection } from '../database/own-connection.js'
import { type QueryResult, Session } from '../database/session.js'
import { noTransactionTimeout } from '../database/settings.js'
import { databaseNow, plain, type Statement } from '../database/statement.js'
import {
  couponFacts,
  type FactList,
  historyLossFacts,
  issuedCouponFacts,
  orderFacts,
  orphansIn,
  productFacts,
  readOrphans,
  referenceFacts,
  walletFacts,
} from './facts.js'
import { purchaseFacts } from './purchase-facts.js'
import { movedOrders, movementsIn, readMovements } from './statement-facts.js'

/** Rows in one fetch. */
const batch = 1_000

type Send = (statement: Statement, values?: readonly unknown[]) => Promise<QueryResult>

/** Sends one statement at a time, because several lists may be read side by side. */
const oneByOne = (session: Session): Send => {
  let last: Promise<unknown> = Promise.resolve()
  return (statement, values) => {
    const answer = last.then(() => session.send(statement, values))
    last = answer.catch(() => {})
    return answer
  }
}

async function* walk<Facts>(
  send: Send,
  { cursor, sql, read }: FactList<Facts>,
  names: Database['names'],
  values?: readonly unknown[],
): AsyncGenerator<Facts> {
  await send(plain(`declare ${cursor} no scroll cursor for ${sql(names)}`), values)
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
      const now = database.now() ?? Number(rows[0]?.[0])
      let closed: Promise<void> | undefined
      return {
        now,
        wallets: () => walk(send, walletFacts, names),
        products: () => walk(send, productFacts, names),
        coupons: () => walk(send, couponFacts, names),
        issuedCoupons: () => walk(send, issuedCouponFacts, names),
        orders: () => walk(send, orderFacts, names),
        purchases: () => walk(send, purchaseFacts, names),
        references: () => walk(send, referenceFacts, names),
        historyLosses: () => walk(send, historyLossFacts, names),
        orphans: async () => (await send(plain(orphansIn(names)))).rows.map(readOrphans),
        movements: async ({ from, until }) =>
          readMovements((await send(plain(movementsIn(names)), [from, until, now])).rows),
        orderMovements: ({ from, until }) => walk(send, movedOrders, names, [from, until]),
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
