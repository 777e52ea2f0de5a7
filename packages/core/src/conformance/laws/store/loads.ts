import { mergeKeys } from '../../../store/key-lists.js'
import type { SomeKeys } from '../../../store/keys.js'
import type { Loaded } from '../../../store/rows.js'
import type { Store } from '../../../store/store.js'
import { isStoreError } from '../../../store/store-error.js'
import { changesOf } from '../../../testing/changes.js'
import { differences } from '../../../testing/difference.js'
import {
  couponOf,
  entryOf,
  eventOf,
  holdOf,
  issuedCouponOf,
  orderOf,
  productOf,
  walletOf,
} from '../../../testing/given-rows.js'
import { ending, type Scenario } from '../trial.js'
import { look, put, untilNoConflict } from './transactions.js'

const keys: SomeKeys = {
  lock: {
    fences: ['job'],
    events: ['e1'],
    orders: ['o1', 'o2'],
    wallets: ['ann', 'bob'],
    coupons: ['c1'],
    issuedCoupons: [{ couponId: 'c1', userId: 'ann' }],
    products: ['p1', 'p2'],
  },
  read: {
    outcomes: [{ scope: 'ann', key: 'k' }],
    references: [{ kind: 'refund', owner: '', reference: 'r' }],
    referencedEntries: [{ kind: 'charge', reference: 'r' }],
    openings: ['ann', 'bob', 'cat'],
    users: ['ann', 'bob'],
    buyers: ['ann', 'bob'],
    openOrders: ['ann', 'bob'],
    couponCodes: ['c-1', 'none'],
    terms: ['c1'],
    sales: [{ timeZone: 'UTC', from: '2026-01-01', to: '2026-01-31', size: 5 }],
  },
}

/** Every list by its rows, in no particular order. */
const unordered = (loaded: Loaded): unknown =>
  Object.fromEntries(
    Object.entries(loaded).map(([name, rows]) => [
      name,
      Array.isArray(rows) ? rows.map((row) => JSON.stringify(row)).sort() : rows,
    ]),
  )

const ann = walletOf({ userId: 'ann', balance: 100, entries: 1 }).row
const bob = walletOf({ userId: 'bob' }).row

/** Lets others work. */
const soon = () => new Promise((resolve) => setImmediate(resolve))

/** Moves 1 from ann to bob, and shows bob's balance as the price of the product. */
const transfer = (store: Pick<Store<never>, 'transact'>) => () =>
  store.transact(mergeKeys([{ lock: { wallets: ['ann', 'bob'], products: ['p1'] } }]), ({ wallets, products }) =>
    changesOf({
      updated: {
        wallets: wallets.map((wallet) => ({ ...wallet, balance: wallet.balance + (wallet.userId === 'ann' ? -1 : 1) })),
        products: products.map((product) => ({ ...product, price: product.price + 1 })),
      },
    }),
  )

/** Scenarios of `load`. */
export const loadTrials: readonly Scenario[] = [
  {
    id: 'LOAD-SEES',
    sentence:
      'A load without locks sees the rows that a transaction with the same keys sees; absent rows are left out.',
    kind: 'history',
    async play({ store }, clock) {
      const at = clock.now()
      const reference = {
        kind: 'refund',
        owner: '',
        reference: 'r',
        userId: 'ann',
        subjectId: 'a-1',
        entry: 1,
      } as const
      await put(store, {
        inserted: {
          wallets: [{ ...ann, lots: [{ lotId: 'l1', amount: 1, expiresAt: at, sequence: 1 }] }],
          products: [productOf({ held: 2, purchaseLimit: 9 }).row],
          coupons: [couponOf({ issued: 1, code: 'C-1' }).row],
          issuedCoupons: [issuedCouponOf({ userId: 'ann' }).row],
          orders: [orderOf({ userId: 'ann', createdAt: at }).row],
          holds: [holdOf({ quantity: 2, expiresAt: at - 1 }).row],
          events: [eventOf({ at }).row],
          outcomes: [{ scope: 'ann', key: 'k', fingerprint: 'f', outcome: { ok: true }, at }],
          entries: [
            entryOf({ userId: 'ann', reference: 'r' }).row,
            entryOf({ userId: 'bob', kind: 'opening' }).row,
            entryOf({ userId: 'bob', sequence: 2 }).row,
            entryOf({ userId: 'cat', sequence: 2, kind: 'opening' }).row,
          ],
          references: [{ ...reference, fingerprint: 'f', result: { balance: 1 }, at }],
        },
        sales: [{ timeZone: 'UTC', day: '2026-01-30', productId: 'p1', quantity: 3 }],
      })
      const seen = await store.load(mergeKeys([keys]))
      return [
        ...differences(unordered(seen), unordered(await look(store, keys)), 'what was loaded'),
        ...differences(seen.openings, [entryOf({ userId: 'bob', kind: 'opening' }).row], 'the opening entries'),
      ]
    },
  },
  {
    id: 'LOAD-ONE-MOMENT',
    sentence: 'A load sees all its rows as of one moment, while transactions change them.',
    kind: 'history',
    async play(subject) {
      const { store } = subject
      const other = (await subject.another?.()) ?? store
      await put(store, { inserted: { wallets: [ann, bob], products: [productOf({ price: 0 }).row] } })
      const wanted = mergeKeys([{ lock: { wallets: ['ann', 'bob'], products: ['p1'] } }])
      const problems: string[] = []
      const reading = async (own: typeof store) => {
        for (let turn = 0; turn < 8; turn += 1) {
          const { wallets, products } = await own.load(wanted)
          const [first, second] = wallets.toSorted((a, b) => (a.userId < b.userId ? -1 : 1))
          const sum = (first?.balance ?? 0) + (second?.balance ?? 0)
          problems.push(
            ...differences(sum, 100, 'the sum of both balances'),
            ...differences(products[0]?.price, second?.balance, 'the price that shows the second balance'),
          )
          await soon()
        }
      }
      const transferring = async (own: typeof store) => {
        for (let turn = 0; turn < 8; turn += 1) {
          await untilNoConflict(transfer(own))
          await soon()
        }
      }
      await Promise.all([transferring(store), transferring(other), reading(store), reading(other), reading(other)])
      return problems.slice(0, 3)
    },
  },
  {
    id: 'LOAD-COMMITTED',
    sentence:
      'A load never sees what a transaction has not committed. Inside the caller’s transaction, it sees what that transaction has written.',
    kind: 'history',
    async play({ store, transaction, another }) {
      await put(store, { inserted: { wallets: [ann] } })
      const wanted = mergeKeys([{ lock: { wallets: ['ann'] } }])
      const balanceIn = async (own: Pick<Store<never>, 'load'>) => (await own.load(wanted)).wallets[0]?.balance
      if (!store.within || !transaction) {
        await Promise.all([balanceIn(store), put(store, { updated: { wallets: [{ ...ann, balance: 7 }] } })])
        return differences(await balanceIn(store), 7, 'the balance after a load and a change at once')
      }
      const outside = await another?.()
      const seen = await transaction(async (tx) => {
        const inside = store.within?.(tx)
        await inside?.transact(wanted, () => changesOf({ updated: { wallets: [{ ...ann, balance: 7 }] } }))
        // A store with one lock for everything may refuse to read until the transaction ends.
        const met = outside && (await ending(balanceIn(outside)))
        const isBusy = met?.ok === false && isStoreError(met.error) && met.error.isRetryable
        return [inside && (await balanceIn(inside)), met && !isBusy ? met : { ok: true, value: 100 }]
      })
      return [
        ...differences(seen, [7, { ok: true, value: 100 }], 'the balance inside the transaction, and outside'),
        ...differences(await balanceIn(outside ?? store), 7, 'the balance after the commit'),
      ]
    },
  },
]
