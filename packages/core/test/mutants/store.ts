import { isStoreError } from '../../src/index.js'
import { nothingChanged, StoreError, type WalletEntry } from '../../src/store.js'
import { rowByRow } from './breakers/row-locks.js'
import {
  all,
  altered,
  cachedBalances,
  every,
  lostSums,
  optimistic,
  outsideOf,
  splitCommit,
  staleRows,
  transacting,
  upserts,
  withoutLostUpdates,
} from './breakers/transact.js'
import type { Mutant } from './mutant.js'

/** The key of an entry prevents a lost entry; only the balance can be lost. */
const staleBalance = staleRows('wallets', ['balance'])

/** A second entry of the payment would be a conflict: it does not name the order. */
const secondPayment = altered((changes, { orders }) => {
  const paid = new Set(orders.filter(({ paymentId }) => paymentId !== null).map(({ orderId }) => orderId))
  const isSecond = ({ kind, orderId }: WalletEntry) => kind === 'payment' && orderId !== null && paid.has(orderId)
  const { entries } = changes
  const inserted = entries.inserted.map((entry) => (isSecond(entry) ? { ...entry, orderId: null } : entry))
  return { ...changes, entries: { ...entries, inserted } }
})

const together = ['CROWDED', 'INTERLEAVED', 'AT-ONCE'] as const

export const storeMutants: readonly Mutant[] = [
  {
    id: 'M01',
    title: 'wallet read before it is locked',
    part: 'store',
    fits: together,
    breaks: { store: staleBalance },
  },
  {
    id: 'M03',
    title: 'ledger row in a second transaction',
    part: 'store',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: { store: splitCommit(['entries'], { crashes: 5 }) },
  },
  {
    id: 'M05',
    title: 'no unique idempotency key',
    part: 'store',
    fits: together,
    breaks: { store: all(upserts('outcomes'), staleRows('outcomes')) },
  },
  {
    id: 'M07',
    title: 'coupon counted before it is locked',
    part: 'store',
    fits: ['CROWDED', 'COUPON-FULL'],
    breaks: { store: staleRows('coupons', ['issued']) },
  },
  {
    id: 'M08',
    title: 'no unique copy per user and coupon',
    part: 'store',
    instead: 'The in-memory store cannot hold two copies with one key: the second overwrites the first and is counted.',
    fits: ['COUPON-FULL'],
    breaks: { store: all(upserts('issuedCoupons'), staleRows('issuedCoupons')) },
  },
  {
    id: 'M09',
    title: 'coupon status read then written',
    part: 'store',
    fits: ['COUPON-ONE-ORDER'],
    breaks: { store: staleRows('issuedCoupons', ['usedByOrderId', 'usedUntil']) },
  },
  {
    id: 'M10',
    title: 'stock read then written',
    part: 'store',
    fits: together,
    breaks: { store: staleRows('products', ['stock', 'received', 'held']) },
  },
  {
    id: 'M12',
    title: 'row locks in no fixed order, a deadlock not retried',
    part: 'store',
    instead: 'Keys reach a store sorted: this store locks them one by one in another order.',
    where: 'adapter-knex',
    fits: ['TRANSACT-CROSSING'],
    breaks: { store: rowByRow },
  },
  {
    id: 'M15',
    title: 'order not in the transaction of its reservation',
    part: 'store',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: { store: splitCommit(['orders'], { crashes: 5 }) },
  },
  {
    id: 'M16',
    title: 'outbox row after the commit',
    part: 'store',
    fits: ['CROWDED', 'ALONE'],
    breaks: { store: splitCommit(['events'], { crashes: 5 }) },
  },
  {
    id: 'M20',
    title: 'blind retry after an ambiguous commit',
    part: 'store',
    instead: 'The executor asks before it retries: this store always answers that nothing was committed.',
    fits: ['ON-BAD-DAYS', 'BAD-DAYS-AT-ONCE'],
    breaks: { store: (store, isOn) => (isOn ? { ...store, committed: async () => false } : store) },
  },
  {
    id: 'M21',
    title: 'error of the database swallowed',
    part: 'store',
    where: 'adapter-knex',
    fits: together,
    breaks: {
      store: (store, isOn) => {
        // A key that another server has written since the lookup causes a conflict.
        const colliding = staleRows('outcomes')(store, true)
        return transacting(colliding, (keys, decide, options) =>
          colliding.transact(keys, decide, options).catch((error) => {
            if (!isOn || !isStoreError(error)) throw error
          }),
        )
      },
    },
  },
  {
    id: 'M23',
    title: 'money through an inexact number',
    part: 'store',
    fits: ['ALONE', 'INTERLEAVED', 'TRANSACT-VALUES'],
    breaks: {
      store: altered((changes) => {
        const { inserted, updated, removed } = changes.wallets
        const round = (wallet: (typeof inserted)[number]) => ({ ...wallet, balance: Math.fround(wallet.balance) })
        return { ...changes, wallets: { inserted: inserted.map(round), updated: updated.map(round), removed } }
      }),
    },
  },
  {
    id: 'M29',
    title: 'count of a conditional update ignored',
    part: 'store',
    where: 'adapter-knex',
    fits: together,
    breaks: { store: optimistic(withoutLostUpdates) },
  },
  {
    id: 'M32',
    title: 'key kept although its effect was lost in a crash',
    part: 'store',
    instead: 'A key is never “in progress”: key and effect are one transaction, which this store splits.',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: {
      store: splitCommit(
        ['orders', 'wallets', 'entries', 'coupons', 'issuedCoupons', 'products', 'holds', 'events', 'sales'],
        { crashes: 5 },
      ),
    },
  },
  {
    id: 'M38',
    title: 'balance from a stale cache',
    part: 'store',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: { store: cachedBalances },
  },
  {
    id: 'M39',
    title: 'ledger row written outside the transaction',
    part: 'store',
    where: 'adapter-knex',
    fits: ['CROWDED', 'INTERLEAVED'],
    breaks: { store: outsideOf(['entries'], { aborts: 5 }) },
  },
  {
    id: 'M40',
    title: 'failed commit reported as done',
    part: 'store',
    where: 'adapter-knex',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: {
      store: (store, isOn) => {
        const fails = every(5)
        return transacting(store, async (keys, decide, options) => {
          if (!fails()) return store.transact(keys, decide, options)
          await store.transact(keys, (loaded) => {
            decide(loaded)
            return nothingChanged
          })
          if (!isOn) throw new StoreError('conflict', 'mutant: the commit failed')
        })
      },
    },
  },
  {
    id: 'P02',
    title: 'order reverted without a lock',
    part: 'store',
    fits: ['CROWDED', 'PAID-ONCE'],
    breaks: { store: staleRows('orders') },
  },
  {
    id: 'P03',
    title: 'lost update of a counter',
    part: 'store',
    fits: together,
    breaks: { store: lostSums },
  },
  {
    id: 'P05',
    title: 'double submit settles an order ten times',
    part: 'store',
    fits: ['PAID-ONCE', 'CROWDED'],
    breaks: { store: all(secondPayment, staleRows('orders')) },
  },
  {
    id: 'P06',
    title: 'orphaned order after a crash in the checkout',
    part: 'store',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: {
      store: splitCommit(['wallets', 'entries', 'issuedCoupons', 'products', 'holds', 'events', 'sales'], {
        crashes: 5,
      }),
    },
  },
  {
    id: 'P07',
    title: 'stock of abandoned orders never comes back',
    part: 'store',
    fits: ['ALONE', 'STOCK-COMES-BACK'],
    breaks: {
      store: (store, isOn) =>
        transacting(store, (keys, decide, options) =>
          store.transact(
            keys,
            (loaded) => {
              const holds = loaded.holds.filter(({ expiresAt }) => expiresAt > loaded.now)
              return decide(isOn ? { ...loaded, holds } : loaded)
            },
            options,
          ),
        ),
    },
  },
]
