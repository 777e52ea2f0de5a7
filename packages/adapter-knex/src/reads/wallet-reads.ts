import { coalesce, type Reads } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { hasPassed } from '../database/rules.js'
import { prepared, storeTime, withClock } from '../database/statement.js'
import { ids } from '../rows/column.js'
import { entries, wallets } from '../rows/row-maps.js'
import { entriesOfAll } from './entries-of-all.js'
import { finder, rowCount } from './read.js'

type WalletReads = Pick<Reads, 'wallet' | 'entries' | 'allEntries' | 'walletsWithEndedLots'>

/** `scan` runs queries that may scan a whole table. */
export const walletReads = (database: Database, scan: Database['query']): WalletReads => {
  const { names, query, now } = database
  const some = prepared(
    `${withClock} select clock.now, ${wallets.list('w')} from clock left join ${names.wallets} w on w.user_id = any($2::text[])`,
  )
  const history = prepared(
    `select ${entries.list('e')} from ${names.wallet_entries} e
     where e.user_id = $1 and e.sequence < $2::bigint order by e.sequence desc limit $3::bigint`,
  )
  const ended = prepared(
    `${withClock} select w.user_id from ${names.wallets} w where ${hasPassed('w.next_lot_end', storeTime)}
     order by w.next_lot_end, w.user_id limit $2::bigint`,
  )
  return {
    wallet: coalesce(async (userIds) => {
      const rows = await query(some, [now(), ids([...new Set(userIds)])])
      const find = finder(
        rows.flatMap((row) => wallets.readFound(row, 1) ?? []),
        ({ userId }) => userId,
      )
      return (userId) => ({ now: Number(rows[0]?.[0]), found: find(userId) })
    }),
    async entries({ userId, limit, before = Number.MAX_SAFE_INTEGER }) {
      const rows = await query(history, [userId, before, rowCount(limit)])
      return rows.map((row) => entries.read(row))
    },
    allEntries: entriesOfAll(database, scan),
    walletsWithEndedLots: async ({ limit }) =>
      (await query(ended, [now(), rowCount(limit)])).map(([userId]) => userId as string),
  }
}
