import { createShop } from '../../../shop/create-shop.js'
import { mergeKeys } from '../../../store/key-lists.js'
import type { Store } from '../../../store/store.js'
import { isStoreError } from '../../../store/store-error.js'
import { changesOf } from '../../../testing/changes.js'
import { differences } from '../../../testing/difference.js'
import { productOf, walletOf } from '../../../testing/given-rows.js'
import type { Subject } from '../../kit/harness.js'
import { ending, type Scenario, textOf } from '../trial.js'
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

const companions = async <Tx>({ store, companion }: Subject<Tx>): Promise<readonly string[]> => {
  if (!store.companions?.length) return offered('companions', companion !== undefined)
  if (!companion) return missing('companions')
  const { name } = companion
  const write = (rows: readonly { readonly subject: string; readonly note: string }[], userId: string) =>
    ending(
      store.transact(mergeKeys([{ lock: { wallets: [userId] } }]), () => ({
        ...changesOf({ inserted: { wallets: [{ ...wallet, userId }] } }),
        companions: [{ companion: name, rows: rows.map((row) => ({ command: 'test', ...row })) }],
      })),
    )
  const sound = await write(
    [
      { subject: 'a', note: '' },
      { subject: 'b', note: '한글 "quoted"' },
    ],
    'ann',
  )
  const failed = await write(
    [
      { subject: 'c', note: '' },
      { subject: 'd', note: 'fails' },
    ],
    'bob',
  )
  const rows = [...(await companion.rows())].sort((a, b) => (String(a['subject']) < String(b['subject']) ? -1 : 1))
  const { wallets } = await look(store, { lock: { wallets: ['ann', 'bob'] } })
  const error = failed.ok ? undefined : failed.error
  return [
    ...differences(store.companions.includes(name), true, 'whether the store knows the companion of the harness'),
    ...(sound.ok ? [] : [`sound rows ended with ${textOf(sound.error)}`]),
    ...(isStoreError(error) && error.kind === 'rejected' && error.companion?.name === name
      ? []
      : [`rows that are not accepted ended with ${failed.ok ? 'a commit' : textOf(error)}`]),
    ...differences(
      rows,
      [
        { command: 'test', subject: 'a', note: '' },
        { command: 'test', subject: 'b', note: '한글 "quoted"' },
      ],
      'the rows of the companion',
    ),
    ...differences(wallets, [{ userId: 'ann' }], 'wallets'),
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
    id: 'SUPPORTS-COMPANIONS',
    sentence:
      'Rows of a companion are written with the other changes or not at all, and rows that are not accepted name the companion; or the store has no companions.',
    kind: 'history',
    play: companions,
  },
  {
    id: 'COMPANION-REPLAYS',
    sentence: 'A replay of a key or a reference writes no companion row again; a refusal writes none.',
    kind: 'history',
    async play({ store, companion }, _clock, open) {
      if (!companion) return []
      const shop = open({ store })
      const charge = { userId: 'ann', amount: 5, reference: 'r' }
      const options = {
        idempotency: { scope: 'ann', key: 'k' },
        with: { [companion.name]: { command: 'test', subject: 'a', note: '' } },
      }
      await shop.balance.charge(charge, options)
      await shop.balance.charge(charge, options)
      await shop.balance.charge(charge, { with: options.with })
      await ending(shop.balance.charge({ userId: 'ann', amount: 0 }, { with: options.with }))
      return differences((await companion.rows()).length, 1, 'the number of companion rows')
    },
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
