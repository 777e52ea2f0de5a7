import { createShop } from '../../../shop/create-shop.js'
import type { Store } from '../../../store/store.js'
import { differences } from '../../../testing/difference.js'
import { productOf, walletOf } from '../../../testing/given-rows.js'
import type { Subject } from '../../kit/harness.js'
import { ending, type Scenario } from '../trial.js'
import { look, put } from './transactions.js'

const wallet = walletOf({ userId: 'ann' }).row

const balanceOf = async (store: Pick<Store<never>, 'transact'>): Promise<number | undefined> =>
  (await look(store, { lock: { wallets: ['ann'] } })).wallets[0]?.balance

/** Reports a harness that offers a capability which the store does not declare. */
const offered = (what: string, isOffered: boolean): readonly string[] =>
  isOffered ? [`the store does not support ${what}, but the harness offers it`] : []

const missing = (what: string): readonly string[] => [`the store supports ${what}, but the harness does not offer it`]

const within = async <Tx>({ store, transaction }: Subject<Tx>): Promise<readonly string[]> => {
  const shop = createShop({ store })
  if (!store.supports.within) {
    const refused = await ending(Promise.resolve().then(() => shop.within({} as Tx)))
    return [
      ...offered('within', store.within !== undefined || transaction !== undefined),
      ...(refused.ok ? ['a shop works inside a transaction, but its store does not declare it'] : []),
    ]
  }
  if (!transaction) return missing('within')
  const charge = (tx: Tx, amount: number) => shop.within(tx).balance.charge({ userId: 'ann', amount })
  await put(store, { inserted: { products: [productOf({ price: 10_000 }).row] } })
  const products = [{ productId: 'p1', quantity: 1 }]
  const [kept, quoted] = await transaction(async (tx) => [
    await charge(tx, 10_000),
    await shop.within(tx).orders.quote({ userId: 'ann', products }),
  ])
  const undone = await ending(
    transaction(async (tx) => {
      await charge(tx, 20_000)
      throw new Error('changed my mind')
    }),
  )
  const refused = await transaction(async (tx) => {
    const outcome = await charge(tx, -1)
    await charge(tx, 30_000)
    return outcome
  })
  return [
    ...differences(kept, { ok: true, result: { balance: 10_000 } }, 'the charge that was committed'),
    ...differences(
      quoted,
      { ok: true, result: { finalAmount: 10_000, balance: 10_000, sufficient: true } },
      'the quote inside the transaction',
    ),
    ...differences(undone.ok, false, 'whether the transaction that threw was committed'),
    ...differences(refused, { ok: false }, 'a refusal inside the transaction'),
    ...differences(await balanceOf(store), 40_000, 'the balance'),
  ]
}

/** A store must match its declared capabilities, both present and absent. */
export const supportTrials: readonly Scenario[] = [
  {
    id: 'SUPPORTS-WITHIN',
    sentence:
      'Commands inside the caller’s transaction commit or roll back with it, a refusal leaves it usable, and a quote sees what it has written; or the store declares no support.',
    kind: 'history',
    play: within,
  },
  {
    id: 'SUPPORTS-SHARING',
    sentence: 'Several stores on the same data see each other’s commits; or the store declares no support.',
    kind: 'history',
    async play({ store, another }) {
      if (!store.supports.sharing) return offered('sharing', another !== undefined)
      if (!another) return missing('sharing')
      const other = await another()
      await put(store, { inserted: { wallets: [wallet] } })
      const seen = await balanceOf(other)
      await put(other, { updated: { wallets: [{ ...wallet, balance: 7 }] } }, { lock: { wallets: ['ann'] } })
      return differences([seen, await balanceOf(store)], [0, 7], 'what each saw of the other')
    },
  },
  {
    id: 'SUPPORTS-DURABILITY',
    sentence: 'Committed data survives the loss of all memory; or the store declares no support.',
    kind: 'history',
    async play({ store, reopen }) {
      if (!store.supports.durability) return offered('durability', reopen !== undefined)
      if (!reopen) return missing('durability')
      await put(store, { inserted: { wallets: [{ ...wallet, balance: 7 }] } })
      return differences(await balanceOf(await reopen()), 7, 'the balance after reopening the data')
    },
  },
]
