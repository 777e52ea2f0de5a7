import type { Timer } from '../shared/timer.js'
import { mergeKeys } from '../store/key-lists.js'
import type { Transactor } from '../store/store.js'
import { orUnavailable } from '../store/store-error.js'
import { coalesce } from './coalesce.js'
import { noOutlines } from './command.js'
import { checkCall, type DecideOptions, decideGroup, keysOf } from './decide-group.js'
import type { CommandCall, Outcome } from './outcome.js'

type DryCall = Pick<CommandCall, 'command' | 'input'>

/**
 * Decides commands that prefetch nothing and change nothing, on plain reads: nothing is locked. Calls that arrive while a
 * read runs share the next one. Each outcome holds for the moment of its read. Rejects with ShopUnavailable if the store
 * cannot be reached.
 */
export const dryRuns = (
  transactor: Pick<Transactor, 'load'>,
  { timer, ...options }: DecideOptions & { readonly timer?: Timer | undefined },
): ((call: DryCall) => Promise<Outcome<unknown>>) => {
  const decide = coalesce(async (calls: readonly DryCall[]) => {
    const members = calls.map((call) => ({ call, outlines: noOutlines }))
    const keys = mergeKeys(members.map((member) => keysOf(member, options.policies)))
    const { verdicts } = decideGroup(members, keys, await orUnavailable(transactor.load(keys)), options)
    const found = new Map(calls.map((call, index) => [call, verdicts[index]]))
    return (call) => found.get(call)
  }, timer)
  return async (call) => {
    const invalid = checkCall(call)
    if (invalid) return invalid
    const verdict = await decide(call)
    if (verdict && 'outcome' in verdict) return verdict.outcome
    throw verdict?.bug ?? new Error('a call has no verdict')
  }
}
