import type { Lease, LockOptions, Locks } from '@shop/core'
import { gate } from '../../support/gate.js'

/** Holds a lock until `leave` is called. */
export const hold = async (locks: Locks, name: string, options: LockOptions = {}) => {
  const entered = gate<Lease>()
  const leave = gate()
  const result = locks.withLock(
    name,
    async (lease) => {
      entered.open(lease)
      await leave.opened
      return 'done'
    },
    options,
  )
  const lease = await Promise.race([
    entered.opened,
    result.then((held) => Promise.reject(new Error(`not held: ${JSON.stringify(held)}`))),
  ])
  return { lease, leave: () => leave.open(), result }
}

export const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason)
    else signal.addEventListener('abort', () => resolve(signal.reason))
  })

/** Work that must not run. */
export const never = () => Promise.resolve('never')
