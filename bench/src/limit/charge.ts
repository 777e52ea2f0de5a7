import { batchOf } from './choices.js'
import type { Lane } from './lane.js'
import { charged, entryOf, walletsWritten } from './wallets.js'

/** A batch of charges of 100 to users by chance. */
export const charge = (lane: Lane): Promise<void> => {
  const at = new Date()
  const wallets = batchOf(() => lane.choices.wallet())
  const entries = wallets.map((wallet) => entryOf(wallet, 100, lane.newId()))
  return lane.commit([walletsWritten(wallets), charged(entries, at)], at)
}
