import { Admission } from '../engine/admission.js'
import { TransactionScope } from '../engine/transaction-scope.js'
import type { Timer } from '../shared/timer.js'
import type { Store } from '../store/store.js'
import { isStoreError, ShopUnavailable } from '../store/store-error.js'
import type { ShopWithin } from './shop.js'

interface Parts<Tx> {
  readonly maxQueued: number
  readonly timer: Timer
  within(tx: Tx, scope: TransactionScope): ShopWithin
}

/** A store that cannot answer now is a ShopUnavailable; every other error of the work stays as it is. */
const unavailable = (error: unknown): unknown => {
  if (!isStoreError(error) || error.kind === 'rejected') return error
  const ambiguous = error.kind === 'ambiguous'
  const effect = ambiguous ? 'the transaction may have committed' : 'the transaction is rolled back'
  return new ShopUnavailable(`${error.message}; ${effect}`, { cause: error, ambiguous })
}

/** Opens transactions for the host, no more at once than the store allows. */
export const hostTransactions = <Tx, Opened>(store: Store<Tx, Opened>, { maxQueued, timer, within }: Parts<Tx>) => {
  const { transactions } = store
  const admission = new Admission({ atOnce: transactions?.atOnce ?? 1, maxQueued, timer })
  const inScope = <T>(work: (tx: Opened, calls: ShopWithin) => Promise<T>) => {
    return async (tx: Opened): Promise<T> => {
      const scope = new TransactionScope()
      try {
        return await work(tx, within(tx as unknown as Tx, scope))
      } finally {
        await scope.end()
      }
    }
  }
  return {
    async run<T>(work: (tx: Opened, calls: ShopWithin) => Promise<T>, timeoutMs: number): Promise<T> {
      if (!transactions) throw new Error('this store cannot open transactions for its host')
      try {
        return await admission.run(() => transactions.run(inScope(work)), timeoutMs)
      } catch (error) {
        throw unavailable(error)
      }
    },
    close: () => admission.close(),
  }
}
