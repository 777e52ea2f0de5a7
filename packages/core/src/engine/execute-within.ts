import { mergeKeys } from '../store/key-lists.js'
import type { Transactor } from '../store/store.js'
import { noOutlines } from './command.js'
import { checkCall, type DecideOptions, decideGroup, keysOf, readOutlines, type Verdict } from './decide-group.js'
import { type CommandCall, companionFailure, type Outcome } from './outcome.js'

export interface WithinOptions extends DecideOptions {
  /** The companions of the store. */
  readonly companions: readonly string[] | undefined
}

/**
 * Runs one command in the caller's transaction: no group, no retry. A refusal is returned as a value, because throwing it
 * would roll back the caller's own work. A StoreError is thrown; the caller rolls back.
 */
export const executeWithin = async (
  transactor: Transactor,
  call: CommandCall,
  { companions, ...options }: WithinOptions,
): Promise<Outcome<unknown>> => {
  const invalid = checkCall(call, companions)
  if (invalid) return invalid
  const prefetch = call.command.prefetch?.(call.input)
  const outlines = prefetch ? await readOutlines(transactor, [prefetch]) : noOutlines
  const member = { call, outlines }
  const keys = mergeKeys([keysOf(member, options.policies)])
  let verdict: Verdict | undefined
  try {
    await transactor.transact(keys, (loaded) => {
      const decided = decideGroup([member], keys, loaded, options)
      verdict = decided.verdicts[0]
      return decided.changes
    })
  } catch (error) {
    const failed = companionFailure(error)
    if (failed) return failed
    throw error
  }
  if (verdict && 'outcome' in verdict) return verdict.outcome
  throw verdict ? verdict.bug : new Error('the store did not ask for a decision')
}
