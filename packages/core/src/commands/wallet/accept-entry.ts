import { type Accepted, accept, put } from '../../engine/command.js'
import type { BalanceChangeView, Wallet, WalletEntry } from '../../model/wallet.js'

/** The result of the change of a balance that an entry records. */
export const changeView = ({ userId, balance, entryId }: WalletEntry): BalanceChangeView => ({
  userId,
  balance,
  entryId,
})

/** Accepts a change of a balance: writes the wallet and its entry. */
export const acceptEntry = ({
  wallet,
  entry,
}: {
  readonly wallet: Wallet
  readonly entry: WalletEntry
}): Accepted<BalanceChangeView> => accept(changeView(entry), [put('wallets', wallet), put('entries', entry)])
