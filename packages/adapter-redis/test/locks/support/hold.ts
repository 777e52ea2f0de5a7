import type { Lease, LockOptions, Locks } from '@shop/core/store'

interface Gate<T = void> {
  readonly opened: Promise<T>
  open(value: T): void
}

const gate = <T = void>(): Gate<T> => {
  let open: (value: T) => void = () => {}
  const opened = new Promise<T>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

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
