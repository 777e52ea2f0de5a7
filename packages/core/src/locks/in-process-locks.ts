import type { Locks } from './locks.js'

interface Waiter {
  readonly grant: () => void
  readonly timer: ReturnType<typeof setTimeout> | undefined
}

/** Locks within one process, first come, first served. They cannot be lost. For tests and for shops on one server. */
export const inProcessLocks = (): Locks => {
  const queues = new Map<string, Waiter[]>()
  let token = 0

  const acquire = (name: string, waitMs: number): Promise<boolean> => {
    const queue = queues.get(name)
    if (!queue) {
      queues.set(name, [])
      return Promise.resolve(true)
    }
    if (waitMs <= 0) return Promise.resolve(false)
    return new Promise((resolve) => {
      const timer = Number.isFinite(waitMs) ? setTimeout(giveUp, waitMs) : undefined
      const waiter = { grant: () => resolve(true), timer }
      function giveUp() {
        queue?.splice(queue.indexOf(waiter), 1)
        resolve(false)
      }
      queue.push(waiter)
    })
  }

  const release = (name: string): void => {
    const next = queues.get(name)?.shift()
    if (!next) {
      queues.delete(name)
      return
    }
    clearTimeout(next.timer)
    next.grant()
  }

  return {
    async withLock(name, work, { waitMs = 0 } = {}) {
      if (!(await acquire(name, waitMs))) return { held: false }
      token += 1
      try {
        return { held: true, value: await work({ token, signal: new AbortController().signal }) }
      } finally {
        release(name)
      }
    },
  }
}
