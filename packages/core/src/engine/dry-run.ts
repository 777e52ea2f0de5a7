import type { Policies } from '../policies/policies.js'
import type { NewId } from '../shared/id.js'
import { mergeKeys } from '../store/key-lists.js'
import type { Transactor } from '../store/store.js'
import { orUnavailable } from '../store/store-error.js'
import { checkCall, decideGroup, keysOf, noOrderOutlines } from './decide-group.js'
import type { CommandCall, Outcome } from './outcome.js'

/**
 * Decides a command that prefetches nothing on plain reads: nothing is locked, and what it would change is not written. The
 * outcome holds for the moment of the reads. Rejects with ShopUnavailable if the store cannot be reached.
 */
export const dryRun = async (
  transactor: Pick<Transactor, 'load'>,
  call: Pick<CommandCall, 'command' | 'input'>,
  options: { readonly policies: Policies; readonly newId: NewId },
): Promise<Outcome<unknown>> => {
  const invalid = checkCall(call)
  if (invalid) return invalid
  const member = { call, outlines: noOrderOutlines }
  const keys = mergeKeys([keysOf(member, options.policies)])
  const { verdicts } = decideGroup([member], keys, await orUnavailable(transactor.load(keys)), options)
  const verdict = verdicts[0]
  if (verdict && 'outcome' in verdict) return verdict.outcome
  throw verdict?.bug ?? new Error('a group of one has no verdict')
}
