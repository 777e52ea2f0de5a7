import { type Lot, sumOf, type Wallet } from '../../src/store.js'
import { type BreakDecide, believes, chain, forgets, writes } from './breakers/decide.js'
import type { Mutant } from './mutant.js'

const everywhere = ['ALONE', 'CROWDED', 'INTERLEAVED'] as const

/** A wallet as it appears to the commands that spend. */
const walletSeems = (change: (wallet: Wallet) => Wallet): BreakDecide =>
  believes((facts) => ({
    wallet: (userId) => {
      const wallet = facts.wallet(userId)
      return wallet && change(wallet)
    },
  }))

/** As many lots as fit into the balance. */
const fitting = ({ balance }: Wallet, lots: readonly Lot[] | null): readonly Lot[] | null => {
  const kept: Lot[] = []
  for (const lot of lots ?? []) if (sumOf(kept) + lot.amount <= balance) kept.push(lot)
  return kept.length === 0 ? null : kept
}

/** Mistakes of the commands that spend, pay out and correct. */
export const spendingMutants: readonly Mutant[] = [
  {
    id: 'W14',
    title: 'latest end spent first',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: Object.fromEntries(
        ['pay-order', 'place-order'].map((name) => [
          name,
          walletSeems((wallet) => ({ ...wallet, lots: wallet.lots?.toReversed() ?? null })),
        ]),
      ),
    },
  },
  {
    id: 'W15',
    title: 'payment leaves the lots as they are: a lot is spent twice',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'pay-order': writes((change, facts) =>
          'put' in change && change.put === 'wallets'
            ? [
                {
                  ...change,
                  row: { ...change.row, lots: fitting(change.row, facts.wallet(change.row.userId)?.lots ?? null) },
                },
              ]
            : [change],
        ),
      },
    },
  },
  {
    id: 'W16',
    title: 'bonus money paid out',
    part: 'decider',
    fits: ['ALONE', 'WITHDRAWN-ONCE'],
    breaks: {
      decide: {
        'withdraw-balance': chain(
          walletSeems((wallet) => ({ ...wallet, lots: null })),
          writes((change, facts) =>
            'put' in change && change.put === 'wallets'
              ? [
                  {
                    ...change,
                    row: { ...change.row, lots: fitting(change.row, facts.wallet(change.row.userId)?.lots ?? null) },
                  },
                ]
              : [change],
          ),
        ),
      },
    },
  },
  {
    id: 'W17',
    title: 'correction without a ledger row',
    part: 'decider',
    fits: everywhere,
    breaks: { decide: { 'adjust-balance': forgets('entries') } },
  },
]
