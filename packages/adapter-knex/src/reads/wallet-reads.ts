import { coalesce, type Reads } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { prepared } from '../database/statement.js'
import { ids } from '../rows/column.js'
import { entries, wallets } from '../rows/row-maps.js'
import { finder, rowCount } from './read.js'

export const walletReads = ({ names, query }: Database): Pick<Reads, 'wallet' | 'entries'> => {
  const some = prepared(`select ${wallets.list('w')} from ${names.wallets} w where w.user_id = any($1::text[])`)
  const history = prepared(
    `select ${entries.list('e')} from ${names.wallet_entries} e
     where e.user_id = $1 and e.sequence < $2::bigint order by e.sequence desc limit $3::bigint`,
  )
  return {
    wallet: coalesce(async (userIds) => {
      const rows = await query(some, [ids([...new Set(userIds)])])
      return finder(
        rows.map((row) => wallets.read(row)),
        ({ userId }) => userId,
      )
    }),
    async entries({ userId, limit, before = Number.MAX_SAFE_INTEGER }) {
      const rows = await query(history, [userId, before, rowCount(limit)])
      return rows.map((row) => entries.read(row))
    },
  }
}
