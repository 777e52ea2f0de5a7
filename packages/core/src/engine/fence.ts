import { type Check, checkFields, id, integer, optional } from '../shared/check.js'
import type { LockKeys } from '../store/keys.js'
import { accept, type Decision, put, refuse } from './command.js'
import type { Facts } from './facts.js'

/** What a scheduled job adds to its input: the fencing token with which its server was made leader. */
export interface FencedInput {
  /**
   * The job, and the token of its lease: a whole number from 0 to 2^53 - 1. A job that finds a higher token is refused.
   * @default no fencing: anybody may run the job
   */
  readonly fence?: { readonly job: string; readonly token: number } | undefined
}

/** Returns what is wrong with a fence, or undefined. */
export const checkFence: Check = optional((value) =>
  checkFields(value, { job: id, token: integer(0, Number.MAX_SAFE_INTEGER) }).length === 0
    ? undefined
    : 'must be the job and the token of its lease',
)

export const fenceLocks = ({ fence }: FencedInput): Partial<LockKeys> => (fence ? { fences: [fence.job] } : {})

/** Refuses a leader that has been replaced. A lock alone cannot prevent two leaders from running at once. */
export const passFence = (facts: Facts, { fence }: FencedInput): Decision<undefined> => {
  if (!fence) return accept(undefined, [])
  const highest = facts.fence(fence.job)?.token ?? 0
  if (fence.token < highest) return refuse({ code: 'LEADERSHIP_LOST', job: fence.job })
  return accept(undefined, fence.token === highest ? [] : [put('fences', fence)])
}
