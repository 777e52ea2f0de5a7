import { mergeKeys } from '../../../store/key-lists.js'
import type { Store } from '../../../store/store.js'
import { isStoreError } from '../../../store/store-error.js'
import { changesOf } from '../../../testing/changes.js'
import { differences } from '../../../testing/difference.js'
import { productOf, walletOf } from '../../../testing/given-rows.js'
import type { Subject } from '../../kit/harness.js'
import { ending, type Scenario, textOf } from '../trial.js'
import { look, put } from './transactions.js'

const walletFor = (userId: string) => walletOf({ userId }).row

type Write = Pick<Store<never>, 'transact'>

const insert = (store: Write, userId: string): Promise<void> =>
  put(store, { inserted: { wallets: [walletFor(userId)] } })

const usersIn = async (store: Write): Promise<readonly string[]> => {
  const { wallets } = await look(store, { lock: { wallets: ['ann', 'bob', 'cid'] } })
  return wallets.map(({ userId }) => userId)
}

/** The transaction of the harness, and how to join it. Undefined if the store cannot; `SUPPORTS-WITHIN` checks that. */
const joining = <Tx>({ store, transaction }: Subject<Tx>) => {
  const { within } = store
  return within && transaction && { transaction, join: (tx: Tx) => within.call(store, tx) }
}

/** Scenarios of the caller's transaction, and of those that the store opens for its host. */
export const withinTrials: readonly Scenario[] = [
  {
    id: 'WITHIN-FAILURE',
    sentence:
      'A command that fails inside the caller’s transaction writes nothing, and the transaction goes on and commits the rest.',
    kind: 'history',
    async play(subject) {
      const joined = joining(subject)
      if (!joined) return []
      const failed = await joined.transaction(async (tx) => {
        const inside = joined.join(tx)
        await insert(inside, 'ann')
        const twice = await ending(put(inside, { inserted: { wallets: [walletFor('bob'), walletFor('ann')] } }))
        const bug = new Error('a bug')
        const thrown = await ending(
          inside.transact(mergeKeys([{ lock: { wallets: ['ann'] } }]), () => {
            throw bug
          }),
        )
        await insert(inside, 'cid')
        return {
          conflict: !twice.ok && isStoreError(twice.error) ? twice.error.kind : textOf(twice),
          isBug: !thrown.ok && thrown.error === bug,
        }
      })
      return [
        ...differences(failed, { conflict: 'conflict', isBug: true }, 'how the commands failed'),
        ...differences(await usersIn(subject.store), ['ann', 'cid'], 'wallets after the commit'),
      ]
    },
  },
  {
    id: 'WITHIN-IN-TURN',
    sentence: 'Commands that begin at once inside one transaction of the caller run one after another.',
    kind: 'history',
    async play(subject) {
      const joined = joining(subject)
      if (!joined) return []
      const ended = await joined.transaction(async (tx) => {
        const inside = joined.join(tx)
        await insert(inside, 'ann')
        const add = () =>
          inside.transact(mergeKeys([{ lock: { wallets: ['ann'] } }]), ({ wallets: [found] }) =>
            changesOf({ updated: { wallets: found ? [{ ...found, balance: found.balance + 1 }] : [] } }),
          )
        const all = [add(), insert(inside, 'ann'), add(), inside.outlines(['o1']), add()]
        return (await Promise.all(all.map(ending))).map(({ ok }) => ok)
      })
      const { wallets } = await look(subject.store, { lock: { wallets: ['ann'] } })
      return [
        ...differences(ended, [true, false, true, true, true], 'which succeeded'),
        ...differences(wallets, [{ balance: 3 }], 'the wallet'),
      ]
    },
  },
  {
    id: 'WITHIN-READS',
    sentence: 'Reads inside the caller’s transaction see what it has written; reads outside see it after the commit.',
    kind: 'history',
    async play(subject) {
      const joined = joining(subject)
      if (!joined) return []
      const tea = productOf({ productId: 'tea', price: 9_007_199_254_740_991 }).row
      const read = async ({ reads }: Pick<Store<never>, 'reads'>) => (await reads.productsWithIds(['tea'])).found
      const seen = await joined.transaction(async (tx) => {
        const inside = joined.join(tx)
        const before = await read(inside)
        await put(inside, { inserted: { products: [tea] } })
        return [before, await read(inside)]
      })
      return [
        ...differences(seen, [[], [tea]], 'the products inside the transaction'),
        ...differences(await read(subject.store), [tea], 'the products after the commit'),
      ]
    },
  },
  {
    id: 'TRANSACTIONS-OPENED',
    sentence:
      'A transaction that the store opens for its host commits if the work resolves, and rolls back with the error of the work if it rejects; or the store opens none.',
    kind: 'history',
    async play({ store }) {
      const { within, transactions } = store
      if (!transactions) return []
      if (!within) return ['the store opens transactions that it cannot join']
      const open = <T>(work: (inside: Write) => Promise<T>): Promise<T> =>
        transactions.run((tx) => work(within.call(store, tx as never)))
      const answer = await open(async (inside) => {
        await insert(inside, 'ann')
        return 'done'
      })
      const bug = new Error('changed my mind')
      const undone = await ending(
        open(async (inside) => {
          await insert(inside, 'bob')
          throw bug
        }),
      )
      const many = Array.from({ length: transactions.atOnce * 2 }, () => open(async (inside) => usersIn(inside)))
      return [
        ...differences([answer, transactions.atOnce >= 1], ['done', true], 'the result, and whether one may be open'),
        ...(undone.ok || undone.error !== bug ? ['the error of the work was replaced'] : []),
        ...differences(
          await Promise.all(many),
          many.map(() => ['ann']),
          'what each of many transactions saw',
        ),
        ...differences(await usersIn(store), ['ann'], 'wallets after the commit'),
      ]
    },
  },
]
