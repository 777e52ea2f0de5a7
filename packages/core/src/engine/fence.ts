import type { LockKeys } from '../store/keys.js'
import { accept, type Decision, put, refuse } from './command.js'
import type { Facts } from './facts.js'

/** Scheduled jobs pass the fencing token of their leadership. Other callers pass none. */
export interface FencedInput {
  readonly fence?: { readonly job: string; readonly token: number } | undefined
}

export const fenceLocks = ({ fence }: FencedInput): Partial<LockKeys> => (fence ? { fences: [fence.job] } : {})

/** Refuses a leader that has been replaced. A lock alone cannot prevent two leaders from running at once. */
export const passFence = (facts: Facts, { fence }: FencedInput): Decision<undefined> => {
  if (!fence) return accept(undefined, [])
  const highest = facts.fence(fence.job)?.token ?? 0
  if (fence.token < highest) return refuse({ code: 'LEADERSHIP_LOST', job: fence.job })
  return accept(undefined, fence.token === highest ? [] : [put('fences', fence)])
}
