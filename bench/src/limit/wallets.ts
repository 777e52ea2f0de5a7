import type { Wallet } from './choices.js'
import { array, type Write } from './parameters.js'

export interface Entry {
  readonly userId: string
  readonly sequence: number
  readonly entryId: string
  readonly amount: number
  readonly balance: number
  readonly orderId: string
}

/** Changes the wallet in memory, and returns its entry. */
export const entryOf = (wallet: Wallet, amount: number, entryId: string, orderId = ''): Entry => {
  wallet.balance += amount
  wallet.entries += 1
  const { userId, balance, entries: sequence } = wallet
  return { userId, sequence, entryId, amount, balance, orderId }
}

/** The wallets as they are now, each once. */
export const walletsWritten = (wallets: readonly Wallet[]): Write => {
  const each = [...new Set(wallets)]
  return {
    text: `update shop.wallets w set balance = n.balance, entries = n.entries
      from unnest($1::text[], $2::bigint[], $3::bigint[]) as n(user_id, balance, entries) where w.user_id = n.user_id`,
    values: [
      array(each, ({ userId }) => userId),
      array(each, ({ balance }) => balance),
      array(each, ({ entries }) => entries),
    ],
  }
}

const columnsOf = (entries: readonly Entry[]) => [
  array(entries, ({ userId }) => userId),
  array(entries, ({ sequence }) => sequence),
  array(entries, ({ entryId }) => entryId),
  array(entries, ({ amount }) => amount),
  array(entries, ({ balance }) => balance),
]

export const charged = (entries: readonly Entry[], at: Date): Write => ({
  text: `insert into shop.wallet_entries (user_id, sequence, entry_id, kind, amount, balance, at)
    select n.user_id, n.sequence, n.entry_id, 'charge', n.amount, n.balance, $6
    from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])
      as n(user_id, sequence, entry_id, amount, balance)`,
  values: [...columnsOf(entries), at],
})

export const paidFromWallets = (entries: readonly Entry[], at: Date): Write => ({
  text: `insert into shop.wallet_entries (user_id, sequence, entry_id, kind, amount, balance, order_id, at)
    select n.user_id, n.sequence, n.entry_id, 'payment', n.amount, n.balance, n.order_id, $7
    from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
      as n(user_id, sequence, entry_id, amount, balance, order_id)`,
  values: [...columnsOf(entries), array(entries, ({ orderId }) => orderId), at],
})
