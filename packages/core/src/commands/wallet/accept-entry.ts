import { type Accepted, accept, put } from '../../engine/command.js'
import type { Referenced } from '../../model/reference.js'
import type { BalanceChangeView, Wallet, WalletEntry } from '../../model/wallet.js'

/** What a reference of a request that made this entry stands for. */
export const entryReferenced = ({ userId, entryId, sequence }: WalletEntry): Referenced => ({
  userId,
  subjectId: entryId,
  entry: sequence,
})

/** Accepts a change of a balance: writes the wallet and its entry. */
export const acceptEntry = ({
  wallet,
  entry,
}: {
  readonly wallet: Wallet
  readonly entry: WalletEntry
}): Accepted<BalanceChangeView> =>
  accept(
    { userId: wallet.userId, balance: wallet.balance, entryId: entry.entryId },
    [put('wallets', wallet), put('entries', entry)],
    entryReferenced(entry),
  )
