import type { Held, Lease, LockOptions, Locks } from '../../../src/index.js'

/** Locks that poll. Broken, a caller that times out releases a lock that it never held. */
export const forgetfulLocks = (isOn: boolean): Locks => {
  const taken = new Set<string>()
  let token = 0
  const isTaken = async (name: string, waitMs: number): Promise<boolean> => {
    for (let waited = 0; taken.has(name) && waited < waitMs; waited += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    return taken.has(name)
  }
  return {
    async withLock<T>(name: string, work: (lease: Lease) => Promise<T>, { waitMs = 0 }: LockOptions = {}) {
      if (await isTaken(name, waitMs)) {
        if (isOn) taken.delete(name)
        return { held: false } satisfies Held<T>
      }
      taken.add(name)
      token += 1
      try {
        return { held: true, value: await work({ token, signal: new AbortController().signal }) } satisfies Held<T>
      } finally {
        taken.delete(name)
      }
    },
  }
}
