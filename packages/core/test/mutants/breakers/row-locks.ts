import { inProcessLocks } from '../../../src/index.js'
import { type Keys, StoreError } from '../../../src/store.js'
import { type BreakStore, every, gap, transacting } from './transact.js'

/** Locks products one by one. Broken, every second transaction locks them in reverse order. */
export const rowByRow: BreakStore = (store, isOn) => {
  const locks = inProcessLocks()
  const isSecond = every(2)
  return transacting(store, async (keys: Keys, decide, options) => {
    const names = isOn && isSecond() ? [...keys.lock.products].reverse() : keys.lock.products
    const under = async ([name, ...rest]: readonly string[]): Promise<void> => {
      if (name === undefined) return store.transact(keys, decide, options)
      const work = async () => {
        await gap()
        await under(rest)
      }
      const { held } = await locks.withLock(name, work, { waitMs: isOn ? 200 : 60_000 })
      if (!held) throw new StoreError('rejected', 'mutant: deadlock detected')
    }
    await under(names)
  })
}
