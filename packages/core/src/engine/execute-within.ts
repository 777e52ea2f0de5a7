import type { Policies } from '../policies/policies.js'
import type { NewId } from '../shared/id.js'
import { mergeKeys } from '../store/key-lists.js'
import type { Transactor } from '../store/store.js'
import { checked } from './check-command.js'
import { decideGroup, keysOf, type Verdict } from './decide-group.js'
import type { CommandCall, Outcome } from './outcome.js'
import { noOrderOutlines, orderOutlinesOf } from './prefetch.js'

/**
 * One call in a transaction that the caller owns: no group, no retry. A refusal comes out as a value, because
 * throwing it would take the caller's own work back with it. StoreErrors leave the transaction to the caller.
 */
export const executeWithin = async (
  transactor: Transactor,
  call: CommandCall,
  options: { readonly policies: Policies; readonly newId: NewId },
): Promise<Outcome<unknown>> => {
  const invalid = checked(call)
  if (invalid) return invalid
  const orderIds = call.command.prefetch?.(call.input)
  const outlines = orderIds ? orderOutlinesOf(await transactor.outlines(orderIds)) : noOrderOutlines
  const member = { call, outlines }
  const keys = mergeKeys([keysOf(member, options.policies)])
  let verdict: Verdict | undefined
  await transactor.transact(keys, (loaded) => {
    const decided = decideGroup([member], keys, loaded, options)
    verdict = decided.verdicts[0]
    return decided.changes
  })
  if (verdict && 'outcome' in verdict) return verdict.outcome
  throw verdict ? verdict.bug : new Error('the store did not ask for a decision')
}
