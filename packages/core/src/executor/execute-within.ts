import type { Policies } from '../policies/policies.js'
import type { NewId } from '../shared/id.js'
import { mergeKeys } from '../store/keys.js'
import type { Transactor } from '../store/store.js'
import { checked } from './checked.js'
import { decideGroup, keysOf, type Verdict } from './decide-group.js'
import type { Command, Outcome } from './outcome.js'
import { nothingSeen, seenIn } from './outliner.js'

/**
 * One command in a transaction that the caller owns: no group, no retry. A refusal comes out as a value, because
 * throwing it would take the caller's own work back with it. StoreErrors leave the transaction to the caller.
 */
export const executeWithin = async (
  transactor: Transactor,
  command: Command,
  options: { readonly policies: Policies; readonly newId: NewId },
): Promise<Outcome<unknown>> => {
  const invalid = checked(command)
  if (invalid) return invalid
  const orderIds = command.verb.look?.(command.input)
  const seen = orderIds ? seenIn(await transactor.outlines(orderIds)) : nothingSeen
  const member = { command, seen }
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
