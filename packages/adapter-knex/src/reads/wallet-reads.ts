import type { Reads } from '@shop/core'
import type { Database } from '../database/database.js'
import { prepared } from '../database/statement.js'
import { entries, wallets } from '../rows/row-maps.js'
import { rowCount } from './read.js'

export const walletReads = ({ names, query }: Database): Pick<Reads, 'wallet' | 'entries'> => {
  const one = prepared(`select ${wallets.list('w')} from ${names.wallets} w where w.user_id = $1`)
  const history = prepared(
    `select ${entries.list('e')} from ${names.wallet_entries} e
     where e.user_id = $1 and e.sequence < $2::bigint order by e.sequence desc limit $3::bigint`,
  )
  return {
    async wallet(userId) {
      const [row] = await query(one, [userId])
      return row && wallets.read(row)
    },
    async entries({ userId, limit, before = Number.MAX_SAFE_INTEGER }) {
      const rows = await query(history, [userId, before, rowCount(limit)])
      return rows.map((row) => entries.read(row))
    },
  }
}
