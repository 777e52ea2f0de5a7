import type { Lot, Wallet } from '../../src/commands.js'
import { defaultNow, walletOf } from '../../src/testing/index.js'

export const hour = 3_600_000
export const day = 24 * hour

/** Lot `l1`: 100 without an end, of entry 1. */
export const lotOf = (lot: Partial<Lot> = {}): Lot => ({
  lotId: 'l1',
  amount: 100,
  expiresAt: null,
  sequence: 1,
  ...lot,
})

/** The first instant at which a lot that ends in one hour is gone. */
export const inOneHour = defaultNow + hour

/** Wallet `u1` with this much paid money and these lots, in spending order. */
export const walletWith = (paid: number, lots: readonly Lot[], row: Partial<Wallet> = {}) =>
  walletOf({
    balance: lots.reduce((sum, { amount }) => sum + amount, paid),
    entries: lots.length + 1,
    lots: lots.length === 0 ? null : lots,
    ...row,
  })
