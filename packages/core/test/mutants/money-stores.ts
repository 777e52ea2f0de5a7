import { expireLots } from '../../src/commands/wallet/expire-lots.js'
import { isOutcome } from '../../src/shared/refusal.js'
import type { Wallet } from '../../src/store.js'
import { answersByReference, forgottenAfter, purgedReferences, referencesBeforeLocks } from './breakers/references.js'
import { altered, type BreakStore, gap, misreads, staleRows } from './breakers/transact.js'
import type { Mutant } from './mutant.js'

const together = ['CROWDED', 'INTERLEAVED', 'AT-ONCE'] as const
const day = 86_400_000

/** The orders of a statement are of a later moment than its movements. */
const tornStatement: BreakStore = (store, isOn) => ({
  ...store,
  async audit() {
    const first = await store.audit()
    if (!isOn) return first
    return {
      ...first,
      async *orderMovements(range) {
        const later = await store.audit()
        yield* later.orderMovements(range)
        await later.close()
      },
    }
  },
})

/** Reads the products later than the other rows. */
const loadedInParts: BreakStore = (store, isOn) => ({
  ...store,
  async load(keys) {
    const first = await store.load(keys)
    if (!isOn) return first
    await gap()
    const { products } = await store.load(keys)
    return { ...first, products }
  },
})

const endless = (wallet: Wallet, now: number): Wallet => ({
  ...wallet,
  lots:
    wallet.lots?.map((lot) => (lot.expiresAt !== null && lot.expiresAt <= now ? { ...lot, expiresAt: null } : lot)) ??
    null,
})

/** Mistakes of stores and of the executor that concern money. */
export const moneyStoreMutants: readonly Mutant[] = [
  {
    id: 'W01',
    title: 'reference forgotten after a day: a late webhook credits twice',
    part: 'store',
    fits: ['ALONE', 'REFERENCE-FOREVER'],
    breaks: { store: forgottenAfter(day) },
  },
  {
    id: 'W02',
    title: 'reference looked up before the locks only',
    part: 'store',
    fits: [...together, 'REFERENCE-RACE'],
    breaks: { store: referencesBeforeLocks },
  },
  {
    id: 'W03',
    title: 'reference ignores what was asked for',
    part: 'executor',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: {
      execute: answersByReference(
        ({ ok }) => ok,
        () => '',
      ),
    },
  },
  {
    id: 'W04',
    title: 'refused request uses its reference up',
    part: 'executor',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: {
      execute: answersByReference((outcome) => !outcome.ok && isOutcome(outcome.refusal), JSON.stringify),
    },
  },
  {
    id: 'W05',
    title: 'reference of an order shared by all users',
    part: 'executor',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: { reference: (key) => ({ ...key, owner: '' }) },
  },
  {
    id: 'W06',
    title: 'purge removes references',
    part: 'store',
    fits: ['UPKEEP-PURGE', 'REFERENCE-FOREVER'],
    breaks: { store: purgedReferences },
  },
  {
    id: 'W07',
    title: 'lots read before the wallet is locked: a lot is spent twice',
    part: 'store',
    fits: [...together, 'BONUS-SPENT-ONCE'],
    breaks: { store: staleRows('wallets', ['lots']) },
  },
  {
    id: 'W08',
    title: 'lots lost when only the balance is thought to change',
    part: 'store',
    fits: ['ALONE', 'TRANSACT-FIELDS'],
    breaks: {
      store: altered((changes, { wallets }) => {
        const before = new Map(wallets.map((wallet) => [wallet.userId, wallet.lots]))
        const updated = changes.wallets.updated.map((wallet) => ({
          ...wallet,
          lots: before.get(wallet.userId) ?? null,
        }))
        return { ...changes, wallets: { ...changes.wallets, updated } }
      }),
    },
  },
  {
    id: 'W09',
    title: 'lot spent after its end',
    part: 'store',
    fits: ['ALONE', 'LOT-EXPIRES-ONCE'],
    breaks: {
      store: misreads(({ wallets, now }) => ({ wallets: wallets.map((wallet) => endless(wallet, now)) })),
    },
  },
  {
    id: 'W10',
    title: 'expiry recorded at the time of the sweep',
    part: 'store',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: {
      store: altered((changes, { now }) => {
        const { inserted, ...rest } = changes.entries
        const late = inserted.map((entry) => (entry.kind === 'expiry' ? { ...entry, at: now } : entry))
        return { ...changes, entries: { ...rest, inserted: late } }
      }),
    },
  },
  {
    id: 'W11',
    title: 'statement of two moments',
    part: 'store',
    fits: ['STATEMENT-ONE-MOMENT'],
    breaks: { store: tornStatement },
  },
  {
    id: 'W12',
    title: 'quote loaded table by table',
    part: 'store',
    fits: ['LOAD-ONE-MOMENT'],
    breaks: { store: loadedInParts },
  },
  {
    id: 'W13',
    title: 'quote that writes: it records what has ended',
    part: 'executor',
    fits: ['QUOTE-WRITES-NOTHING', 'ALONE'],
    breaks: { beforeQuote: (shop, { userId }) => shop.execute(expireLots, { userId }) },
  },
]
