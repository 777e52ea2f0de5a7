import type { Held, Lease, LockOptions, Locks } from '../locks/locks.js'
import type { Guard } from './client.js'

/**
 * How a lock can fail.
 *
 * - `granted twice`: two callers hold it at once.
 * - `lost`: another caller gets it while its holder works.
 * - `throws on release`: the release fails after the work is done.
 * - `never granted`: the wait times out.
 * - `away`: the lock service is unavailable.
 */
export type LockFault = 'granted twice' | 'lost' | 'throws on release' | 'never granted' | 'away'

export const lockFaults: readonly LockFault[] = ['granted twice', 'lost', 'throws on release', 'never granted', 'away']

const grant = async <T>(work: (lease: Lease) => Promise<T>, token: number, signal: AbortSignal): Promise<Held<T>> => ({
  held: true,
  value: await work({ token, signal }),
})

/** Injects the lock faults that `next` returns, one per grant. Tokens still increase. */
export const faultyLocks = (locks: Locks, next: () => LockFault | undefined): Locks => {
  let token = 0
  const nextToken = () => {
    token += 1
    return token
  }
  return {
    async withLock<T>(name: string, work: (lease: Lease) => Promise<T>, options?: LockOptions): Promise<Held<T>> {
      const fault = next()
      if (fault === 'never granted') return { held: false }
      if (fault === 'away') throw new Error('injected: the lock service is unavailable')
      if (fault === 'granted twice') return grant(work, nextToken(), new AbortController().signal)
      if (fault === 'lost') {
        const lost = new AbortController()
        let working: Promise<T> | undefined
        // Released as soon as the work has started.
        await locks.withLock(
          name,
          async () => {
            const begun = work({ token: nextToken(), signal: lost.signal })
            begun.catch(() => undefined)
            working = begun
          },
          options,
        )
        lost.abort(new Error('injected: the lock was lost'))
        return working ? { held: true, value: await working } : { held: false }
      }
      const held = await locks.withLock(name, ({ signal }) => work({ token: nextToken(), signal }), options)
      if (fault === 'throws on release') throw new Error('injected: the lock could not be released')
      return held
    },
  }
}

/** Runs each command under a lock of its user, or without it if the lock is not granted. */
export const underLockOf =
  (locks: Locks): Guard =>
  async <T>(userId: string, work: () => Promise<T>): Promise<T> => {
    let done: { readonly value: T } | { readonly error: unknown } | undefined
    const once = async () => {
      done = await work().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      )
    }
    await locks.withLock(`user ${userId}`, once, { waitMs: 1_000 }).catch(() => undefined)
    if (!done) await once()
    if (!done || 'error' in done) throw done?.error
    return done.value
  }
