import type { SalesChange } from '../../../model/ranking.js'
import { mergeKeys } from '../../../store/key-lists.js'
import type { SomeKeys } from '../../../store/keys.js'
import type { Loaded } from '../../../store/rows.js'
import { nothingChanged } from '../../../store/schema.js'
import type { Store } from '../../../store/store.js'
import { isStoreError } from '../../../store/store-error.js'
import { changesOf } from '../../../testing/changes.js'
import { differences } from '../../../testing/difference.js'
import { eventOf, orderOf, productOf, walletOf } from '../../../testing/given-rows.js'
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
      await put(store, { inserted: { wallets: [wallet], products: [tea] } })
      let calls = 0
      let seen: Loaded | undefined
      await store.transact(
        mergeKeys([{ lock: { wallets: ['ann', 'bob'], products: ['tea'] }, read: { users: ['ann', 'bob'] } }]),
        (loaded) => {
          calls += 1
          seen = loaded
          return nothingChanged
        },
      )
      return differences(
        { calls, ...seen },
        { calls: 1, wallets: [wallet], products: [tea], users: ['ann'], orders: [] },
      )
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
  {
    id: 'TRANSACT-VALUES',
    sentence: 'Every value is read as it was written: the largest amounts, any text, empty lists.',
    kind: 'history',
    async play({ store }) {
      const rows = {
        wallets: [{ ...wallet, balance: Number.MAX_SAFE_INTEGER, entries: 1 }],
        products: [
          {
            ...tea,
            name: `'; drop table "x"; -- % _ \\ 한국어 ☕️ \u200b`,
            price: 9_000_000_000,
            stock: 10 ** 12,
            received: 10 ** 12,
          },
        ],
        outcomes: [
          {
            scope: 'ann',
            key: 'k"\'\\',
            fingerprint: 'f',
            outcome: { list: [], nested: { text: 'ß\n\t', none: null, big: Number.MAX_SAFE_INTEGER, negative: -1 } },
            at: wallet.createdAt,
          },
        ],
        events: [
          eventOf({ eventId: 'e1', orderId: 'o1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }).row,
          eventOf({ eventId: 'e2', orderId: 'o2', traceparent: null }).row,
        ],
      }
      await put(store, { inserted: { ...rows, orders: ['o1', 'o2'].map((orderId) => orderOf({ orderId }).row) } })
      const { wallets, products, outcomes, events } = await look(store, {
        lock: { wallets: ['ann'], products: ['tea'], events: ['e1', 'e2'] },
        read: { outcomes: [{ scope: 'ann', key: 'k"\'\\' }] },
      })
      const sorted = events.toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1))
      return differences({ wallets, products, outcomes, events: sorted }, rows)
    },
  },
  {
    id: 'READS-SEE',
    sentence: 'A read sees everything that was committed before it began.',
    kind: 'history',
    async play(subject) {
      const { store } = subject
      const other = (await subject.another?.()) ?? store
      const problems: string[] = []
      await put(store, { inserted: { products: [tea] } })
      for (let price = 1; price <= 20; price += 1) {
        const [own, reader] = price % 2 ? [store, other] : [other, store]
        await put(own, { updated: { products: [{ ...tea, price }] } }, { lock: { products: ['tea'] } })
        const found = await reader.reads.product('tea')
        problems.push(...differences(found?.price, price, 'the price that was just written'))
      }
      return problems
    },
  },
]
