import { type Accepted, accept, put } from '../../engine/command.js'
import { currencyField, type ViewContext } from '../../model/view-context.js'
import type { BalanceChangeView, Wallet, WalletEntry } from '../../model/wallet.js'

type Labels = Pick<ViewContext, 'currency'>

/** The result of the change of a balance that an entry records. */
export const changeView = ({ userId, balance, entryId }: WalletEntry, labels: Labels): BalanceChangeView => ({
  userId,
  balance,
  entryId,
  ...currencyField(labels),
})

/** Accepts a change of a balance: writes the wallet and its entry. */
export const acceptEntry = (
  { wallet, entry }: { readonly wallet: Wallet; readonly entry: WalletEntry },
  labels: Labels,
): Accepted<BalanceChangeView> => accept(changeView(entry, labels), [put('wallets', wallet), put('entries', entry)])
