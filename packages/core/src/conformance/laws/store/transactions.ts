import type { SalesChange } from '../../../model/ranking.js'
import type { StoredReference } from '../../../model/reference.js'
import { mergeKeys } from '../../../store/key-lists.js'
import type { SomeKeys } from '../../../store/keys.js'
import type { Loaded } from '../../../store/rows.js'
import { nothingChanged } from '../../../store/schema.js'
import type { Store } from '../../../store/store.js'
import { isStoreError } from '../../../store/store-error.js'
import { changesOf } from '../../../testing/changes.js'
import { differences } from '../../../testing/difference.js'
import { productOf, walletOf } from '../../../testing/given-rows.js'
import { ending, type Scenario, textOf } from '../trial.js'

type Write = Pick<Store<never>, 'transact'>

export const put = (
  store: Write,
  changes: Parameters<typeof changesOf>[0] & { readonly sales?: readonly SalesChange[] },
  keys: SomeKeys = {},
): Promise<void> => store.transact(mergeKeys([keys]), () => changesOf(changes, changes.sales))

/** The rows that a store loads for these keys. */
export const look = async (store: Write, keys: SomeKeys): Promise<Loaded> => {
  let seen: Loaded | undefined
  await store.transact(mergeKeys([keys]), (loaded) => {
    seen = loaded
    return nothingChanged
  })
  if (!seen) throw new Error('the store did not ask for a decision')
  return seen
}

const wallet = walletOf({ userId: 'ann' }).row
const tea = productOf({ productId: 'tea' }).row

const referenceOf = (kind: 'refund' | 'order', owner: string): StoredReference => ({
  kind,
  owner,
  reference: 'r',
  fingerprint: kind,
  result: { list: [null], nested: {} },
  userId: 'ann',
  subjectId: `${kind}-1`,
  entry: kind === 'order' ? null : 1,
  at: wallet.createdAt,
})

const balanceOf = async (store: Write): Promise<number | undefined> =>
  (await look(store, { lock: { wallets: ['ann'] } })).wallets[0]?.balance

/** Retries conflicts, as the executor does. */
export const untilNoConflict = async (work: () => Promise<void>): Promise<void> => {
  for (let tried = 0; ; tried += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isStoreError(error) || error.kind !== 'conflict' || tried > 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 1 + (tried % 7)))
    }
  }
}

/** Scenarios of `transact`. */
export const transactionTrials: readonly Scenario[] = [
  {
    id: 'TRANSACT-LOADS',
    sentence: 'The store calls decide once, with the existing rows of the keys; absent rows are left out.',
    kind: 'history',
    async play({ store }) {
      const references = [referenceOf('order', 'ann'), referenceOf('refund', '')]
      await put(store, { inserted: { wallets: [wallet], products: [tea], references } })
      const keys = mergeKeys([
        {
          lock: { wallets: ['ann', 'bob'], products: ['tea'] },
          read: {
            users: ['ann', 'bob'],
            references: [...references, { kind: 'order', owner: 'bob', reference: 'r' }],
          },
        },
      ])
      let calls = 0
      let seen: Loaded | undefined
      await store.transact(keys, (loaded) => {
        calls += 1
        seen = loaded
        return nothingChanged
      })
      const found = { wallets: [wallet], products: [tea], users: ['ann'], orders: [] }
      const byKind = (loaded: Loaded | undefined) => ({
        ...loaded,
        references: [...(loaded?.references ?? [])].sort((a, b) => (a.kind < b.kind ? -1 : 1)),
      })
      return [
        ...differences({ calls, ...byKind(seen) }, { calls: 1, ...found, references }),
        ...differences(byKind(await store.load(keys)), { ...found, references }, 'what it loads without locks'),
      ]
    },
  },
  {
    id: 'TRANSACT-ALL-OR-NONE',
    sentence:
      'All changes of a transaction are written, or none: a row that is already there is a conflict and takes the others with it.',
    kind: 'history',
    async play({ store }) {
      await put(store, { inserted: { wallets: [wallet] } })
      const again = await ending(put(store, { inserted: { products: [tea], wallets: [wallet] } }))
      const { products } = await look(store, { lock: { products: ['tea'] } })
      return [
        ...(again.ok || !isStoreError(again.error) || again.error.kind !== 'conflict'
          ? [`inserting a row twice ended with ${again.ok ? 'a commit' : textOf(again.error)} instead of a conflict`]
          : []),
        ...differences(products, [], 'the other change of the transaction'),
      ]
    },
  },
  {
    id: 'TRANSACT-GONE',
    sentence: 'Changing a row that is not there is an error, and nothing else of that transaction is written.',
    kind: 'history',
    async play({ store }) {
      const changed = await ending(put(store, { updated: { wallets: [wallet] }, inserted: { products: [tea] } }))
      const { products } = await look(store, { lock: { products: ['tea'] } })
      return [
        ...(changed.ok || !isStoreError(changed.error) ? ['a missing row was changed without an error'] : []),
        ...differences(products, [], 'the other change of the transaction'),
      ]
    },
  },
  {
    id: 'TRANSACT-THROWS',
    sentence: 'If decide throws, nothing is written and the caller gets the same error.',
    kind: 'history',
    async play({ store }) {
      await put(store, { inserted: { wallets: [wallet] } })
      const bug = new Error('a bug')
      const ended = await ending(
        store.transact(mergeKeys([{ lock: { wallets: ['ann'] } }]), () => {
          throw bug
        }),
      )
      return [
        ...(ended.ok || ended.error !== bug ? ['the error of decide was replaced'] : []),
        ...differences(await balanceOf(store), 0, 'the balance'),
      ]
    },
  },
  {
    id: 'TRANSACT-LOCKS',
    sentence: 'Two transactions that lock the same row never overlap, and each sees what the one before wrote.',
    kind: 'history',
    async play(subject) {
      const { store } = subject
      await put(store, { inserted: { wallets: [wallet] } })
      const other = (await subject.another?.()) ?? store
      const add = (own: Write) => () =>
        own.transact(mergeKeys([{ lock: { wallets: ['ann'] } }]), ({ wallets: [found] }) => {
          if (!found) throw new Error('the wallet is gone')
          return changesOf({ updated: { wallets: [{ ...found, balance: found.balance + 1 }] } })
        })
      await Promise.all(Array.from({ length: 30 }, (_, index) => untilNoConflict(add(index % 2 ? store : other))))
      return differences(await balanceOf(store), 30, 'the balance after 30 additions at once')
    },
  },
  {
    id: 'TRANSACT-CROSSING',
    sentence: 'Transactions that name the same rows in different orders never deadlock.',
    kind: 'history',
    async play({ store }) {
      const ids = Array.from({ length: 6 }, (_, index) => `p${index}`)
      await put(store, { inserted: { products: ids.map((productId) => productOf({ productId }).row) } })
      const touch = (some: readonly string[]) => () =>
        store.transact(mergeKeys([{ lock: { products: some } }]), ({ products }) =>
          changesOf({ updated: { products: products.map((each) => ({ ...each, price: each.price + 1 })) } }),
        )
      const crossing = Array.from({ length: 24 }, (_, index) => touch(index % 2 ? ids : [...ids].reverse()))
      await Promise.all(crossing.map(untilNoConflict))
      const { products } = await look(store, { lock: { products: ids } })
      return differences(
        products,
        ids.map(() => ({ price: tea.price + 24 })),
        'products',
      )
    },
  },
  {
    id: 'TRANSACT-KNOWN',
    sentence: 'A store knows whether each group committed. After it says no, the group can never commit.',
    kind: 'history',
    async play({ store }) {
      const insert = (userId: string, groupId: string) =>
        store.transact(noWallet(userId), () => changesOf({ inserted: { wallets: [{ ...wallet, userId }] } }), {
          groupId,
        })
      const noWallet = (userId: string) => mergeKeys([{ lock: { wallets: [userId] } }])
      await insert('ann', 'group-1')
      const before = [await store.committed('group-1'), await store.committed('group-2')]
      const late = await ending(insert('bob', 'group-2'))
      const { wallets } = await look(store, { lock: { wallets: ['ann', 'bob'] } })
      return [
        ...differences(before, [true, false], 'the answers'),
        ...differences(wallets, [{ userId: 'ann' }], 'wallets'),
        ...(late.ok ? ['a group committed after the store had denied it'] : []),
        ...differences(await store.committed('group-2'), false, 'the answer afterwards'),
      ]
    },
  },
]
