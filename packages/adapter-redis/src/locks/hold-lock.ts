import type { Lock } from 'redlock'
import { ballotOf } from './ballot.js'
import { quorumOf } from './quorum.js'

/** Redlock's allowance for clocks that do not run at the same speed. */
const driftOf = (leaseMs: number): number => Math.round(leaseMs * 0.01) + 2

/** Until when a lease holds that was asked for at `asked`, by this process's own steady clock. */
export const heldUntil = (asked: number, leaseMs: number): number => asked + leaseMs - driftOf(leaseMs)

/** A lock as redlock granted it, with our own idea of how long it holds. */
export interface Grant {
  readonly name: string
  readonly lock: Lock
  readonly leaseMs: number
  readonly until: number
}

export interface HeldLock {
  readonly signal: AbortSignal
  /** Gives the lock back wherever it can. Never rejects: what is left of it expires by itself. */
  giveBack(): Promise<void>
}

/**
 * Extends a lock every third of its lease until it is stopped. Aborts as soon as so many nodes disown it that no majority is
 * left, or when it was not extended for the whole of its lease: from then on anybody may have it.
 *
 * redlock's own extension asks again and again without a pause, and trusts the wall clock.
 */
export const holdLock = ({ name, lock, leaseMs, until }: Grant): HeldLock => {
  const lost = new AbortController()
  let current = lock
  let isStopped = false
  let deadline: NodeJS.Timeout
  let next: NodeJS.Timeout
  let extending: Promise<void> = Promise.resolve()

  const stop = () => {
    isStopped = true
    clearTimeout(deadline)
    clearTimeout(next)
  }
  const lose = (reason: string) => {
    if (isStopped) return
    stop()
    lost.abort(new Error(`the lock ${name} was lost: ${reason}`))
  }
  const holdUntil = (time: number) => {
    clearTimeout(deadline)
    deadline = setTimeout(() => lose('it could not be extended in time'), time - performance.now())
  }
  const extend = async () => {
    const asked = performance.now()
    try {
      // The deadline decides, not the wall clock, which redlock would ask.
      current.expiration = Number.MAX_SAFE_INTEGER
      current = await current.extend(leaseMs)
      if (!isStopped) holdUntil(heldUntil(asked, leaseMs))
    } catch (error) {
      const ballot = await ballotOf(error)
      // With fewer votes against it the lock may still be ours: the deadline decides.
      if (ballot && ballot.nodes - ballot.taken < quorumOf(ballot.nodes)) lose('somebody else has it, or it was wiped')
    }
    if (!isStopped) extendSoon()
  }
  const extendSoon = () => {
    next = setTimeout(() => {
      extending = extend()
    }, leaseMs / 3)
  }
  holdUntil(until)
  extendSoon()
  return {
    signal: lost.signal,
    async giveBack() {
      stop()
      const release = current.release().catch(() => {})
      await Promise.all([extending, release])
    },
  }
}
